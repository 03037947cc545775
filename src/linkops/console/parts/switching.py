"""Switches that take effect at once, with what they mean below."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.names import named
from linkops.console.texts import _
from linkops.errors import Refused


class Switch:
    """A switch whose place is what the server has: one that was refused goes back."""

    def __init__(
        self, label: str, meaning: str, *, value: bool, turn: Callable[[bool], Awaitable[None]] | None
    ) -> None:
        """Draw it.

        Args:
            label: what it is, in the viewer's language.
            meaning: what it means.
            value: its place.
            turn: called with the place that it was turned to; None: the viewer may not turn it.
        """
        self._turn = turn
        self._settled = value
        with ui.element("div").classes("switch-line"):
            self._switch = ui.switch(label, value=value, on_change=action(self._turned))
            ui.label(meaning).classes("hint")
        if turn is None:
            self._switch.props("disable")
            named(self._switch, label)

    @property
    def value(self) -> bool:
        """Its place, which may be on its way to the server."""
        return bool(self._switch.value)

    async def _turned(self) -> None:
        wanted = self.value
        if self._turn is None or wanted == self._settled:
            return
        try:
            await self._turn(wanted)
        except Refused:
            self._switch.value = self._settled
            raise
        self._settled = wanted
        ui.notify(_("Saved"), type="positive", timeout=1_500)
