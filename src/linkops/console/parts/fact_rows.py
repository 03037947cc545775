"""Lists of facts whose values are more than text: links, chips, buttons."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from nicegui import ui


def fact_list() -> AbstractContextManager[object]:
    """Draw the list; what is built inside is made by `fact`."""
    return ui.element("dl").classes("facts")


@contextmanager
def fact(label: str) -> Iterator[None]:
    """Draw a line (its label in the viewer's language); what is built inside is its value."""
    with ui.element("dt"):
        ui.label(label)
    with ui.element("dd").classes("fact"):
        yield
