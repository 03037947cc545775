"""Secrets that the server can show only now: in a dialog that nobody closes by accident."""

from collections.abc import Callable

from nicegui import ui

from linkops.console.parts.copying import copyable
from linkops.console.parts.sheet import sheet
from linkops.console.texts import _


def shown_once(title: str, text: str, secret: str, then: Callable[[], None] = lambda: None) -> None:
    """Show a secret with a button that copies it.

    Args:
        title: what it is, in the viewer's language.
        text: what it is good for.
        secret: shown as it is, and nowhere else.
        then: what comes when it has been kept.
    """

    def kept() -> None:
        dialog.close()
        then()

    with sheet(title, persistent=True) as dialog:
        ui.label(text)
        with ui.element("div").classes("once"):
            copyable(secret)
        ui.label(_("It is shown this once: when this is closed, nobody can read it any more.")).classes("warning")
        with ui.row().classes("dialog-actions"):
            ui.button(_("I have kept it"), on_click=kept).props("unelevated autofocus")
