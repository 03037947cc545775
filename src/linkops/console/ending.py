"""When a session ends while its tab is open: the tab says so, and leads to the login and back."""

import asyncio

from nicegui import Client, background_tasks, context, core, ui

from linkops.console.parts.sheet import sheet
from linkops.console.texts import _
from linkops.console.view import view
from linkops.errors import Forbidden, Unauthenticated

_EVERY_S = 10.0
_NO_POPUP = "document.documentElement.classList.add('session-over')"
_LAST_WORDS_S = 2.0
_TO_LOGIN = (
    "() => location.href = '/console/login?ended=true&next=' + encodeURIComponent(location.pathname + location.search)"
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
    """Say so in the open page, once, over everything else, and close its socket.

    What was typed can still be read and copied behind it. The tab hears nothing more, so its button works without us.
    """
    seen = view()
    if seen.over:
        return
    seen.over = True
    with sheet(_("Your session has ended"), persistent=True):
        ui.label(_("It lasted as long as a session may, or somebody ended it. Log in again to go on where you are."))
        with ui.row().classes("dialog-actions"):
            again = ui.button(_("Log in again")).props("unelevated autofocus")
            again.on("click", js_handler=_TO_LOGIN)
    ui.run_javascript(_NO_POPUP)
    background_tasks.create(_hang_up(context.client), name="last words")


async def _hang_up(client: Client) -> None:
    await asyncio.sleep(_LAST_WORDS_S)
    for sid, _eio_sid in list(core.sio.manager.get_participants("/", client.id)):
        await core.sio.disconnect(sid)
