"""When a session ends while its tab is open: the tab says so, and leads to the login and back."""

from nicegui import ui

from linkops.console.parts.sheet import sheet
from linkops.console.texts import _
from linkops.console.view import view
from linkops.errors import Forbidden, Unauthenticated

_EVERY_S = 10.0
_TO_LOGIN = (
    "location.href = '/console/login?ended=true&next=' + encodeURIComponent(location.pathname + location.search)"
)


def watch_session() -> None:
    """Look now and then whether the session of the open page is still good: nobody shall read on what has stopped."""

    async def look() -> None:
        try:
            await view().act()
        except Unauthenticated:
            timer.deactivate()
            tell_session_is_over()
        except Forbidden:  # the password has to be chosen first: the next page says so
            timer.deactivate()

    timer = ui.timer(_EVERY_S, look, immediate=False)


def tell_session_is_over() -> None:
    """Say so in the open page, once, over everything else; what was typed can still be read and copied behind it."""
    seen = view()
    if seen.over:
        return
    seen.over = True
    with sheet(_("Your session has ended"), persistent=True):
        ui.label(_("It lasted as long as a session may, or somebody ended it. Log in again to go on where you are."))
        with ui.row().classes("dialog-actions"):
            ui.button(_("Log in again"), on_click=lambda: ui.run_javascript(_TO_LOGIN)).props("unelevated autofocus")
