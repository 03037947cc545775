"""Dialogs with a form in them."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nicegui import ui

from linkops.console.parts.forms import Form
from linkops.console.texts import _
from linkops.errors import Conflict, Invalid

_ABOUT = {
    "product.name_or_key_taken": "name",
    "module.name_taken": "name",
    "module.name_reserved": "name",
    "group.name_taken": "name",
}
"""Refusals that are about what stands elsewhere, but that are put right in a field."""


@contextmanager
def at_fields() -> Iterator[None]:
    """Let such refusals be told at their fields (`linkops.console.parts.forms.Form`)."""
    try:
        yield
    except Conflict as refused:
        if refused.code not in _ABOUT:
            raise
        raise Invalid(refused.code, **{**refused.params, "field": _ABOUT[refused.code]}) from None


class Asking:
    """A dialog with a form: what is refused is said in it, and it stays open until it was done."""

    def __init__(self, dialog: ui.dialog) -> None:
        self.form = Form()
        self._dialog = dialog

    def buttons(self, label: str, do: Callable[[], Awaitable[Any]]) -> None:
        """Draw the buttons at its end; ``do`` is called by the one with ``label``, and closes it when it succeeds."""

        async def done() -> None:
            with at_fields():
                await do()
            self._dialog.close()

        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=self._dialog.close).props("flat")
            self.form.button(label, done)


@contextmanager
def asking(title: str, *, wide: bool = False) -> Iterator[Asking]:
    """Open a dialog; what is drawn inside stands in it."""
    # Nothing typed is lost by a click beside it; Escape closes it.
    with ui.dialog().props("no-backdrop-dismiss") as dialog, ui.card().classes("form form-wide" if wide else "form"):
        ui.label(title).classes("dialog-title").props("role=heading aria-level=2")
        yield Asking(dialog)
    dialog.props["aria-label"] = title
    dialog.on("hide", dialog.delete)
    dialog.open()
