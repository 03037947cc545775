"""How the server is, followed as it changes."""

from nicegui import ui

from linkops.console.parts.live import live
from linkops.console.parts.panels import panel
from linkops.console.parts.status import chip
from linkops.console.parts.times import exact, lasting
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.upkeep.service import ServerState

CHECKS = {
    "database": (n_("Database"), n_("takes what devices report")),
    "hub": (n_("Device hub"), n_("lets devices connect")),
    "disk": (n_("Disk"), n_("has room for uploads")),
}
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


async def show_state() -> None:
    """Show it, and look again every few seconds."""
    seen = view()
    state = await seen.services.upkeep.state(await seen.act())
    shown = _Shown(state)

    async def look() -> bool:
        shown.show(await seen.services.upkeep.state(await seen.act()))
        return True

    live(look, 5.0)


class _Shown:
    """Figures that change in place."""

    def __init__(self, state: ServerState) -> None:
        self._checks: dict[str, ui.element] = {}
        self._values: dict[str, ui.label] = {}
        self._last: dict[str, bool] = {}
        with ui.element("div").classes("columns"):
            with panel(_("Health")):
                for name in state.checks:
                    self._draw_check(name)
            with panel(_("Server")), ui.element("dl").classes("facts"):
                for name, label in (
                    ("version", _("Version")),
                    ("uptime", _("Running for")),
                    ("connections", _("Device connections")),
                    ("database", _("Database")),
                    ("size", _("Size of the database")),
                    ("disk", _("Free disk")),
                    ("folder", _("Data folder")),
                ):
                    with ui.element("dt"):
                        ui.label(label)
                    with ui.element("dd"):
                        self._values[name] = ui.label().classes("number")
        self.show(state)

    def _draw_check(self, name: str) -> None:
        part, meaning = CHECKS.get(name, (name, ""))
        with ui.element("div").classes("check-line"):
            self._checks[name] = ui.element("span")
            ui.label(_(part)).classes("check-name")
            ui.label(_(meaning)).classes("muted")

    def show(self, state: ServerState) -> None:
        """Show a newer state."""
        for name, works in state.checks.items():
            if self._last.get(name) is not works:
                self._last[name] = works
                self._checks[name].clear()
                with self._checks[name]:
                    chip("works" if works else "broken")
        settings, values = view().settings, self._values
        values["version"].text = state.version
        values["uptime"].text = lasting((state.now - state.started_at) / 1_000)
        values["uptime"].props["title"] = _("Since {time}", time=exact(state.started_at))
        values["connections"].text = _(
            "{count} of at most {most}", count=f"{state.connections:,}", most=f"{settings.max_connections:,}"
        )
        values["database"].text = f"{state.database.engine} {state.database.version}"
        values["size"].text = bytes_of(state.database.size_bytes)
        values["disk"].text = _(
            "{free} of {all} ({percent} %)",
            free=bytes_of(state.disk_free_bytes),
            all=bytes_of(state.disk_bytes),
            percent=round(100 * state.disk_free_bytes / max(1, state.disk_bytes)),
        )
        values["folder"].text = str(state.data_dir)


def bytes_of(size: int) -> str:
    """Return a number of bytes as people read it."""
    value, unit = float(size), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"
