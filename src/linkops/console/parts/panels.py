"""Boxes with a heading, lists of facts, and what stands where there is nothing yet."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from nicegui import ui


@contextmanager
def panel(title: str = "") -> Iterator["ui.element"]:
    """Draw a box, and give its heading's row, for buttons at the right of the title."""
    with ui.element("section").classes("panel"):
        with ui.element("div").classes("panel-head") as head:
            if title:
                ui.label(title).classes("section-title").props("role=heading aria-level=2")
                ui.space()
        yield head


class Fact(NamedTuple):
    """A line of a list of facts; ``code``: in the type of keys and digests."""

    label: str
    value: str
    hover: str = ""
    code: bool = False


def facts(lines: Sequence[Fact]) -> None:
    """List facts; a value that is missing is a dash."""
    with ui.element("dl").classes("facts"):
        for line in lines:
            with ui.element("dt"):
                ui.label(line.label)
            with ui.element("dd"):
                shown = ui.label(line.value or "-").classes("mono" if line.code else "")
                if line.hover:
                    shown.props["title"] = line.hover


@contextmanager
def empty(icon: str, text: str) -> Iterator[None]:
    """Say that there is nothing, and what to do about it: what is built inside are the buttons."""
    with ui.element("div").classes("empty"):
        ui.icon(icon).classes("empty-icon").props('aria-hidden="true"')
        ui.label(text)
        yield
