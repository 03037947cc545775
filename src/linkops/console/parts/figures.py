"""Numbers that are links to what they count, and that change in place."""

from nicegui import ui

from linkops.console.parts.links import Link
from linkops.console.parts.names import named


class Figures:
    """A row of numbers."""

    def __init__(self, name: str, figures: dict[str, tuple[str, str]]) -> None:
        """Draw them, without values yet.

        Args:
            name: of the row, in the viewer's language.
            figures: by a name of ours, the words below each and the address of what it counts ("" for none).
        """
        self._numbers: dict[str, ui.label] = {}
        with named(ui.element("section"), name).classes("figures"):
            for key, (words, address) in figures.items():
                with Link(target=address) if address else ui.element("div") as figure:
                    self._numbers[key] = ui.label().classes("figure-number")
                    ui.label(words).classes("figure-label")
                figure.classes("figure")

    def show(self, **numbers: int) -> None:
        """Show numbers, by the names of the figures."""
        for key, number in numbers.items():
            self._numbers[key].text = f"{number:,}"
