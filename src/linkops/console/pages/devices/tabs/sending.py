"""Sending a device a message, or asking it something and waiting for the answer (RRPC)."""

import time
from typing import Any

from nicegui import ui

from linkops.bus import Outcome
from linkops.console.pages.devices.opened import Opened
from linkops.console.parts.forms import Form
from linkops.console.parts.payloads import readable
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.outgoing import Message, Sent
from linkops.devices.questions import MAX_TIMEOUT_S, MIN_TIMEOUT_S

_SENT = {
    Sent.DELIVERED: n_("Delivered to the device."),
    Sent.STORED: n_("The device is away; its session keeps the message until it is back."),
}
_OUTCOMES = {
    Outcome.ANSWERED: n_("The device answered."),
    Outcome.TIMEOUT: n_("The device did not answer in time."),
    Outcome.OFFLINE: n_("The device is not connected."),
    Outcome.NOT_SUBSCRIBED: n_("The device does not subscribe to the topic, or its SDK knows no such questions."),
    Outcome.NO_ROOM: n_("The device takes nothing in at the moment: too much waits for it."),
    Outcome.TOO_MANY: n_("Too many questions wait for answers."),
}
_MESSAGE, _QUESTION = "message", "question"


async def ask_to_send(opened: Opened) -> None:
    """Open the dialog, which stays open, so that something else can be sent."""
    with ui.dialog() as dialog, ui.card().classes("form"):
        ui.label(_("Send a message")).classes("dialog-title").props("role=heading aria-level=2")
        _Sending(opened, dialog)
    dialog.props["aria-label"] = _("Send a message")
    dialog.on("hide", dialog.delete)
    dialog.open()


class _Sending:
    """The form and what came of it."""

    def __init__(self, opened: Opened, dialog: ui.dialog) -> None:
        self._opened = opened
        self._form = Form()
        kinds = {_MESSAGE: _("Message"), _QUESTION: _("Question with an answer (RRPC)")}
        self._kind = ui.radio(kinds, value=_MESSAGE, on_change=self._turned).props("inline dense")
        self._path = self._form.field("path", ui.input(_("Topic, what follows user/")))
        self._how = ui.radio({"text": _("Text"), "hex": _("Bytes in hexadecimal")}, value="text").props("inline dense")
        self._payload = self._form.field("payload", ui.textarea(_("Content")).props("rows=5 input-class=mono"))
        self._qos = ui.radio({1: "QoS 1", 0: "QoS 0"}, value=1).props("inline dense")
        seconds = ui.number(_("Seconds to wait"), value=5, min=MIN_TIMEOUT_S, max=MAX_TIMEOUT_S)
        self._timeout = self._form.field("timeout_s", seconds)
        self._result = ui.element("div").classes("stack").props("aria-live=polite")
        with ui.row().classes("dialog-actions"):
            ui.button(_("Close"), on_click=dialog.close).props("flat")
            self._form.button(_("Send"), self._send)
        self._turned()

    def _turned(self) -> None:
        asks = self._kind.value == _QUESTION
        self._qos.set_visibility(not asks)
        self._timeout.set_visibility(asks)
        topic = f"/{self._opened.key.product_key}/{self._opened.key.device_name}/user/…"
        self._path.props["hint"] = _("Empty: the system's topic for questions") if asks else topic
        self._path.update()

    def _content(self) -> bytes | None:
        text = str(self._payload.value or "")
        if self._how.value == "text":
            return text.encode()
        try:
            return bytes.fromhex(text)
        except ValueError:
            self._payload.error = _("These are no hexadecimal digits.")
            return None

    async def _send(self) -> None:
        self._result.clear()
        content, path = self._content(), (self._path.value or "").strip()
        if content is None:
            return
        if self._kind.value == _QUESTION:
            await self._ask(content, path)
            return
        seen = view()
        message = Message(path, content, int(self._qos.value))
        sent = await seen.services.outgoing.send(await seen.act(), self._opened.key, message)
        self._tell(_(_SENT[sent]), good=True)

    async def _ask(self, content: bytes, path: str) -> None:
        seen, begun_s = view(), time.perf_counter()
        timeout_s = float(self._timeout.value or 0)
        answered = await seen.services.questions.ask(
            await seen.act(), self._opened.key, content, timeout_s=timeout_s, path=path or None
        )
        took = f"{round((time.perf_counter() - begun_s) * 1_000):,} ms"
        good = answered.outcome is Outcome.ANSWERED
        self._tell(f"{_(_OUTCOMES[answered.outcome])} ({took})", good=good)
        if good:
            with self._result:
                readable(answered.payload)

    def _tell(self, text: str, *, good: bool) -> None:
        look: dict[bool, Any] = {True: "chip chip-good wrap", False: "warning"}
        with self._result:
            ui.label(text).classes(look[good])
