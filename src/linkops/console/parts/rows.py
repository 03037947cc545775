"""Rows of inputs, as many as are wanted: add one, fill it in, take it away."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from linkops.console.parts.names import named
from linkops.console.texts import _

Row = dict[str, Any]


class EditedRows:
    """Draws rows of a list, which it changes itself; what was typed in the others stays."""

    def __init__(
        self,
        rows: list[Row],
        build: Callable[[int, Row], None],
        *,
        new: Callable[[], Row],
        add: str,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """Draw the rows.

        Args:
            rows: what is edited; each row is what ``build`` binds its inputs to.
            build: draws the inputs of a row, given its number.
            new: makes a row.
            add: the word on the button that adds one, in the viewer's language.
            changed: called when there are others.
        """
        self._rows, self._build, self._new, self._changed = rows, build, new, changed
        self._place = ui.element("div").classes("rows")
        ui.button(add, icon="add", on_click=self._add).props("flat dense").classes("rows-add")
        self.draw()

    def draw(self) -> None:
        """Draw all rows anew."""
        self._place.clear()
        with self._place:
            for number, row in enumerate(self._rows):
                with ui.element("div").classes("rows-row"):
                    self._build(number, row)
                    remove = ui.button(icon="close", on_click=lambda number=number: self._remove(number))
                    named(remove, _("Remove row {number}", number=number + 1)).props("flat dense round size=sm")

    def _add(self) -> None:
        self._rows.append(self._new())
        self._redraw()

    def _remove(self, number: int) -> None:
        del self._rows[number]
        self._redraw()

    def _redraw(self) -> None:
        self.draw()
        self._changed()
