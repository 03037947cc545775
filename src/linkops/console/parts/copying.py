"""Keys and secrets: to copy with one click; secrets are shown when somebody asks, which the service records."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.names import named
from linkops.console.texts import _

HIDDEN = "••••••••••••"


def copyable(text: str) -> None:
    """Show a text in the type of keys, and a button that copies it."""
    with ui.element("span").classes("copyable"):
        ui.label(text).classes("mono")
        _copy_button(lambda: text)


def secret(reveal: Callable[[], Awaitable[str]]) -> None:
    """Show that there is a secret; ``reveal`` gets it when somebody presses the button."""
    known: list[str] = []

    async def show() -> None:
        known[:] = [await reveal()]
        label.text = known[0]
        eye.set_visibility(False)
        copy.set_visibility(True)

    with ui.element("span").classes("copyable"):
        label = ui.label(HIDDEN).classes("mono")
        eye = named(ui.button(icon="visibility", on_click=action(show)), _("Show")).props("flat dense round size=sm")
        copy = _copy_button(lambda: known[0])
        copy.set_visibility(False)


def _copy_button(text: Callable[[], str]) -> ui.button:
    def copy() -> None:
        ui.clipboard.write(text())
        ui.notify(_("Copied"), type="positive", timeout=1_500)

    return named(ui.button(icon="content_copy", on_click=copy), _("Copy")).props("flat dense round size=sm")
