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
        self.clear()
        try:
            await do()
        except Refused as refused:
            if not self.tell(refused):
                raise
            return False
        return True

    def tell(self, refused: Refused) -> bool:
        """Say what was refused at its field, or at the one that stands for it; return whether there is one."""
        element = self._nearest(str(refused.params.get("field", "")))
        if element is None:
            return False
        element.error = text_of(refused.code, refused.params, view().language)
        return True

    def clear(self) -> None:
        """Take back what was said at fields."""
        for element in self._fields.values():
            element.error = None

    def forget(self, beginning: str) -> None:
        """Leave out the inputs whose names begin like this: they are about to be drawn anew."""
        self._fields = {name: field for name, field in self._fields.items() if not name.startswith(beginning)}

    def _nearest(self, name: str) -> ValidationElement[Any] | None:
        """Return the input of a field, or else of a part of it, or of the whole that it is a part of."""
        if name in self._fields or not name:
            return self._fields.get(name)
        parts = [field for other, field in self._fields.items() if other.startswith(f"{name}.")]
        if parts:
            return parts[0]
        return self._nearest(name.rpartition(".")[0])

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
