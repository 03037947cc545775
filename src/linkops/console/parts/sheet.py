"""Dialogs with something in them: forms, and what is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import context, ui


@contextmanager
def sheet(title: str, *, wide: bool = False, persistent: bool = False) -> Iterator[ui.dialog]:
    """Open a dialog; what is built inside stands below its title.

    It belongs to the page, not to the button that opened it, which may be drawn anew meanwhile.

    Args:
        title: may come from devices or people; it is shown as it is.
        wide: whether it is wider than most.
        persistent: whether nothing but a button in it closes it.
    """
    classes = "form form-wide" if wide else "form"
    with context.client.content, ui.dialog(value=True) as dialog, ui.card().classes(classes):
        if persistent:
            dialog.props("persistent")
        ui.label(title).classes("dialog-title").props("role=heading aria-level=2")
        yield dialog
    dialog.on("hide", dialog.delete)
