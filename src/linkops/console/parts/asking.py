"""Dialogs that ask for more than a yes: a title, inputs, buttons."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui


@contextmanager
def asking(title: str) -> Iterator["ui.dialog"]:
    """Give a dialog whose content is built inside; it opens at the end and is forgotten when it closes."""
    with ui.dialog() as dialog:
        dialog.props["aria-label"] = title
        dialog.on("hide", dialog.delete)
        with ui.card().classes("form"):
            ui.label(title).classes("dialog-title").props("role=heading aria-level=2")
            yield dialog
    dialog.open()
