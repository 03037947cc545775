"""The log that a device uploads, and the switch that says whether it shall."""

from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.devices.opened import Opened
from linkops.console.parts.live import live
from linkops.console.parts.names import named
from linkops.console.parts.panels import Fact, facts
from linkops.console.parts.payloads import payload
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows
from linkops.console.parts.times import exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.logs.model import LogFilter, LogLine, LogSwitch

_COLUMNS = (
    Column("received_at", n_("Came"), Kind.TIME),
    Column("level", n_("Level"), Kind.CODE),
    Column("module", n_("Module"), Kind.CODE, rank=3),
    Column("code", n_("Code"), Kind.CODE, rank=3),
    Column("content", n_("Text"), Kind.CODE),
    Column("more", "", Kind.OPEN, rank=2),
)
_SWITCHES = {"": n_("As the product says"), "on": n_("On"), "off": n_("Off")}
_LEVELS = ("", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_PER_PAGE = 50
_NEWEST = 2**62
_EVERY_S = 3.0
_CUT = 300


async def build(opened: Opened) -> None:
    """Draw the tab."""
    seen = view()
    log = _Log(opened, await seen.services.logs.switch_of(await seen.act(), opened.key))
    await log.again()

    async def look() -> bool:
        await log.refresh()
        return True

    live(look, _EVERY_S)


class _Log:
    """The switch, the filters and the lines, the newest first."""

    def __init__(self, opened: Opened, switch: LogSwitch) -> None:
        self._opened = opened
        self._asked: dict[str, Any] = {"level": "", "module": "", "text": ""}
        self._lines: dict[str, LogLine] = {}
        with named(ui.row(), _("Filters")).classes("filters").props("role=search"):
            levels = {level: level or _("Any level") for level in _LEVELS}
            level = ui.select(levels, value="", label=_("Level")).props("outlined dense").classes("filter")
            level.bind_value_to(self._asked, "level").on_value_change(action(self.again))
            for key, label in (("module", _("Module")), ("text", _("Text begins with"))):
                field = ui.input(label).props("outlined dense clearable debounce=300").classes("filter")
                field.bind_value_to(self._asked, key).on_value_change(action(self.again))
            ui.space()
            choices = {key: _(word) for key, word in _SWITCHES.items()}
            own = "" if switch.own is None else "on" if switch.own else "off"
            self._switch = ui.select(choices, value=own, label=_("Upload of the log"))
            self._switch.props("outlined dense").classes("filter").on_value_change(action(self._turn))
        self._state = ui.label().classes("muted").props("aria-live=polite")
        self._say(on=switch.on)
        empty = _("No lines. The device uploads its log if that is switched on and its SDK can do it.")
        self._table = PagedTable(_COLUMNS, self._load, empty=empty, on_open=self._open)

    async def again(self) -> None:
        """Show the first page."""
        await self._table.show(first=True)

    async def refresh(self) -> None:
        """Bring the page that is shown up to date."""
        await self._table.refresh()

    def _say(self, *, on: bool) -> None:
        self._state.text = _("The device is to upload its log.") if on else _("The device is not to upload its log.")

    async def _turn(self) -> None:
        seen = view()
        on = {"on": True, "off": False}.get(self._switch.value)
        holds = await seen.services.logs.switch(await seen.act(), self._opened.key, on=on)
        self._say(on=holds.on)

    async def _load(self, cursor: str | None) -> Rows:
        seen = view()
        wanted = LogFilter(
            level=self._asked["level"] or None,
            module=(self._asked["module"] or "").strip() or None,
            text_prefix=self._asked["text"] or "",
        )
        before = _NEWEST if cursor is None else int(cursor)
        logs = seen.services.logs
        lines = await logs.page(await seen.act(), self._opened.key, wanted, before=before, limit=_PER_PAGE)
        self._lines = {str(line.id): line for line in lines}
        beyond = str(lines[-1].id) if len(lines) == _PER_PAGE else None
        return Rows([_row(line) for line in lines], beyond)

    async def _open(self, line_id: str) -> None:
        line = self._lines.get(line_id)
        if line is None:
            return
        with ui.dialog() as dialog, ui.card().classes("form"):
            ui.label(_("Line of the log")).classes("dialog-title").props("role=heading aria-level=2")
            facts(_facts(line))
            payload(line.content)
            with ui.row().classes("dialog-actions"):
                ui.button(_("Close"), on_click=dialog.close).props("flat autofocus")
        dialog.props["aria-label"] = _("Line of the log")
        dialog.on("hide", dialog.delete)
        dialog.open()


def _facts(line: LogLine) -> list[Fact]:
    return [
        Fact(_("Came"), exact(line.received_at)),
        Fact(_("Device's clock"), exact(line.logged_at) or line.utc_time),
        Fact(_("Level"), line.level, code=True),
        Fact(_("Module"), line.module, code=True),
        Fact(_("Code"), line.code, code=True),
        Fact(_("Trace"), line.trace_context, code=True),
    ]


def _row(line: LogLine) -> dict[str, Any]:
    return {
        "key": str(line.id),
        "received_at": line.received_at,
        "level": line.level,
        "module": line.module,
        "code": line.code,
        "content": line.content if len(line.content) <= _CUT else line.content[:_CUT] + "…",
        "more": _("Whole line"),
    }
