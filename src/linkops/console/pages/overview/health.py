"""Whether the parts of the server work, and which version it is."""

import asyncio

from nicegui import ui

from linkops import __version__
from linkops.console.parts.lines import Lines
from linkops.console.parts.links import Link
from linkops.console.parts.panels import panel
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.totals.model import Totals
from linkops.events.actor import Actor, Role
from linkops.upkeep.service import Check

_WITHIN_S = 5.0
_PARTS = {
    "database": (n_("Database"), n_("takes what devices report")),
    "hub": (n_("Device hub"), n_("lets devices connect")),
    "disk": (n_("Disk"), n_("has room for uploads")),
}


class Health:
    """One line a part."""

    def __init__(self) -> None:
        with panel(_("Server")) as head:
            with head:
                if view().actor.may(Role.ADMIN):
                    Link(_("More about the server"), "/console/server")
            self._lines: Lines[tuple[str, bool]] = Lines(lambda each: each, _draw, "")
            ui.label(f"LinkOps {__version__}").classes("muted")

    async def look(self, _actor: Actor, _totals: Totals) -> None:
        """Ask every part."""
        checks = view().services.checks
        answers = await asyncio.gather(*(_answer(check) for check in checks.values()))
        self._lines.show(list(zip(checks, answers, strict=True)))


async def _answer(check: Check) -> bool:
    try:
        async with asyncio.timeout(_WITHIN_S):
            return await check()
    except Exception:  # noqa: BLE001 - whatever is wrong with a part, it does not work
        return False


def _draw(part: tuple[str, bool]) -> None:
    name, works = part
    word, meaning = _PARTS.get(name, (name, ""))
    ui.label(_(word)).classes("line-name")
    ui.label(_(meaning) if meaning else "").classes("line-text muted")
    if works:
        ui.label(_("Works")).classes("chip chip-good")
    else:
        ui.label(_("Does not work")).classes("chip chip-bad")
