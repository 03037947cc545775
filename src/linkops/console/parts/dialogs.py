"""Questions before something that cannot be taken back."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import context, ui

from linkops.console.page import action
from linkops.console.texts import _


def confirm(
    title: str, text: str, do: Callable[[], Awaitable[Any]], *, button: str, typed: str = "", dangerous: bool = True
) -> None:
    """Ask, and call ``do`` when the answer is yes.

    Args:
        title: what is asked, in the viewer's language.
        text: what it would do.
        button: the word for yes.
        do: what to do; refusals are told as by `linkops.console.page.action`.
        typed: what has to be typed first, for what destroys much; "" for nothing.
        dangerous: whether the button looks like it.
    """
    # It belongs to the page: the button that asked may be drawn anew meanwhile.
    with context.client.content, ui.dialog() as dialog, ui.card().classes("form"):
        ui.label(title).classes("dialog-title").props("role=heading aria-level=2")
        ui.label(text)
        given = ui.input(_("Type {text} to go on", text=typed)).props("outlined dense") if typed else None

        async def go_on() -> None:
            dialog.close()
            await do()

        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat autofocus")
            yes = ui.button(button, on_click=action(go_on)).props(
                f"unelevated color={'negative' if dangerous else 'primary'}"
            )
        if given is not None:
            yes.disable()
            given.on_value_change(lambda change: yes.set_enabled(change.value == typed))
    dialog.props["aria-label"] = title
    dialog.on("hide", dialog.delete)
    dialog.open()
