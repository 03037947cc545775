"""Short lists that are looked at again and again: drawn anew only when other things are in them."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from nicegui import ui

from linkops.console.parts.times import ago, exact

T = TypeVar("T")


def when(at: int) -> ui.label:
    """Say how long ago something was; inside `Lines` this is kept up to date."""
    label = ui.label(ago(at)).classes("muted line-when")
    label.props["title"] = exact(at)
    _drawn.append((label, at))
    return label


_drawn: list[tuple[ui.label, int]] = []
"""The times of the lines that are being drawn: drawing waits for nothing, so that there is one list at a time."""


class Lines(Generic[T]):
    """A list of lines; a reader who has one of them in focus is not disturbed while they stay the same."""

    def __init__(self, key: Callable[[T], object], draw: Callable[[T], None], empty: str) -> None:
        """Draw nothing yet.

        Args:
            key: what is another when a line has to be drawn anew.
            draw: draws a line.
            empty: what to say when there are none (already in the viewer's language).
        """
        self._key = key
        self._draw = draw
        self._empty = empty
        self._shown: list[object] | None = None
        self._times: list[tuple[ui.label, int]] = []
        self._place = ui.element("div").classes("lines")

    def show(self, items: Sequence[T]) -> None:
        """Show these."""
        keys = [self._key(item) for item in items]
        if keys == self._shown:
            for label, at in self._times:
                label.text = ago(at)
            return
        self._shown = keys
        self._place.clear()
        _drawn.clear()
        with self._place:
            for item in items:
                with ui.element("div").classes("line"):
                    self._draw(item)
            if not items:
                ui.label(self._empty).classes("empty-line")
        self._times = list(_drawn)
