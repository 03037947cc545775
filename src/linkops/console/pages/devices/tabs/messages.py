"""What a device says and hears, live; and sending it something."""

from collections import deque
from typing import Any

from nicegui import ui

from linkops.bus import MessageRecord
from linkops.console.page import action
from linkops.console.pages.devices.opened import Opened
from linkops.console.pages.devices.tabs.sending import ask_to_send
from linkops.console.parts.live import live
from linkops.console.parts.names import named
from linkops.console.parts.panels import Fact, facts
from linkops.console.parts.payloads import readable
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.parts.times import clock_time, exact
from linkops.console.texts import _, n_
from linkops.console.view import view

_COLUMNS = (
    Column("at", n_("Time")),
    Column("way", n_("Direction"), rank=2),
    Column("topic", n_("Topic"), Kind.CODE),
    Column("payload", n_("Content"), Kind.CODE, rank=2),
    Column("size", n_("Bytes"), Kind.NUMBER, rank=3),
    Column("qos", n_("QoS"), Kind.NUMBER, rank=3),
    Column("outcome", n_("Outcome"), rank=3),
    Column("more", "", Kind.OPEN),
)
_OUTCOMES = {
    "accepted": n_("accepted"),
    "denied": n_("not allowed"),
    "delivered": n_("delivered"),
    "no room": n_("not taken in"),
}
_KEPT = 500
_SHOWN = 200
_CUT = 120
_EVERY_S = 2.0


async def build(opened: Opened) -> None:
    """Draw the tab."""
    log = _MessageLog(opened)
    await log.begin()
    live(log.look, _EVERY_S)


class _MessageLog:
    """The switch, the tail, and what is left of it by the filter."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._kept: deque[MessageRecord] = deque(maxlen=_KEPT)
        self._last = 0
        self._on = False
        self._topic = {"part": ""}
        with named(ui.row(), _("Messages")).classes("filters"):
            self._switch = ui.button(on_click=action(self._turn)).props("outline")
            self._pause = ui.switch(_("Pause"), on_change=action(self._show))
            part = ui.input(_("Topic contains")).props("outlined dense clearable debounce=200").classes("filter")
            part.bind_value_to(self._topic, "part").on_value_change(action(self._show))
            ui.space()
            ui.button(_("Send a message"), icon="send", on_click=action(self._send)).props("unelevated")
        self._said = ui.label().classes("muted").props("aria-live=polite")
        empty = _(
            "Nothing to show. Messages are kept in memory while the log is on, the last ones of this device only."
        )
        self._table = PagedTable(_COLUMNS, self._load, empty=empty, on_open=self._open)

    async def begin(self) -> None:
        """Show what is kept already; that somebody reads it is recorded."""
        seen = view()
        self._take(await seen.services.messages.read(await seen.act(), self._opened.key, 0))
        await self._show()

    async def look(self) -> bool:
        """Get what came since the last look."""
        if self._on:
            seen = view()
            came = await seen.services.messages.follow(await seen.act(), self._opened.key, self._last)
            self._take(came)
        await self._show()
        return True

    def _take(self, came: list[MessageRecord] | None) -> None:
        self._on = came is not None
        if came:
            self._kept.extend(came)
            self._last = came[-1].number
        self._switch.text = _("Switch the log off") if self._on else _("Switch the log on")
        self._switch.props["icon"] = "stop" if self._on else "play_arrow"
        self._switch.update()

    async def _turn(self) -> None:
        seen, on = view(), not self._on
        await seen.services.messages.switch(await seen.act(), self._opened.key, on=on)
        self._kept.clear()
        self._last = 0
        self._take([] if on else None)
        await self._show()

    async def _show(self) -> None:
        if self._on and self._pause.value:
            self._said.text = _("Paused; messages are still kept.")
            return
        self._said.text = _("The log is on.") if self._on else _("The log is off.")
        await self._table.refresh()

    async def _load(self, _cursor: str | None) -> Rows:
        part = self._topic["part"] or ""
        found = [one for one in reversed(self._kept) if part in one.topic]
        return Rows([_row(one) for one in found[:_SHOWN]], None, total_of(len(found), more=False))

    async def _open(self, number: str) -> None:
        found = next((one for one in self._kept if str(one.number) == number), None)
        if found is not None:
            _show_message(found)

    async def _send(self) -> None:
        await ask_to_send(self._opened)


def _row(one: MessageRecord) -> dict[str, Any]:
    return {
        "key": str(one.number),
        "at": clock_time(one.at),
        "way": _("from the device") if one.uplink else _("to the device"),
        "topic": one.topic,
        "payload": one.payload if len(one.payload) <= _CUT else one.payload[:_CUT] + "…",
        "size": one.size_bytes,
        "qos": one.qos,
        "outcome": _(_OUTCOMES.get(one.outcome, one.outcome)),
        "more": _("Whole message"),
    }


def _show_message(one: MessageRecord) -> None:
    with ui.dialog() as dialog, ui.card().classes("form"):
        ui.label(_("Message")).classes("dialog-title").props("role=heading aria-level=2")
        facts(
            [
                Fact(_("Topic"), one.topic, code=True),
                Fact(_("Time"), exact(one.at)),
                Fact(_("Direction"), _("from the device") if one.uplink else _("to the device")),
                Fact(_("Outcome"), _(_OUTCOMES.get(one.outcome, one.outcome))),
            ]
        )
        if len(one.content) < one.size_bytes:
            ui.label(
                _(
                    "The first {kept} of {size} bytes; the log keeps no more.",
                    kept=len(one.content),
                    size=one.size_bytes,
                )
            ).classes("muted")
        readable(one.content)
        with ui.row().classes("dialog-actions"):
            ui.button(_("Close"), on_click=dialog.close).props("flat autofocus")
    dialog.props["aria-label"] = _("Message")
    dialog.on("hide", dialog.delete)
    dialog.open()
