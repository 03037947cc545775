"""Forms: what is wrong is said at the field that it is about, and nothing that was typed is lost."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement

from linkops.console.page import action
from linkops.console.view import view
from linkops.errors import Refused
from linkops.texts.refusals import text_of


class Form:
    """Inputs by the names that refusals call them."""

    def __init__(self) -> None:
        self._fields: dict[str, ValidationElement[Any]] = {}

    def field(self, name: str, element: ValidationElement[Any]) -> Any:
        """Take in an input; what is refused about ``name`` (`linkops.errors.Invalid`) is said there."""
        element.props("outlined dense")
        element.on_value_change(lambda: setattr(element, "error", None))
        self._fields[name] = element
        return element

    async def submit(self, do: Callable[[], Awaitable[Any]]) -> bool:
        """Do it; return whether it was done. What is refused about no field here is told in a toast."""
        for element in self._fields.values():
            element.error = None
        try:
            await do()
        except Refused as refused:
            element_of = self._fields.get(str(refused.params.get("field", "")))
            if element_of is None:
                raise
            element_of.error = text_of(refused.code, refused.params, view().language)
            return False
        return True

    def button(self, label: str, do: Callable[[], Awaitable[Any]]) -> ui.button:
        """Draw the button that submits; it is off while that is under way."""

        async def pressed() -> None:
            button.disable()
            try:
                await self.submit(do)
            finally:
                button.enable()

        button = ui.button(label, on_click=action(pressed)).props("unelevated")
        return button
