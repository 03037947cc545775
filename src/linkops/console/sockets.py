"""The wall in front of the toolkit's socket: a tab is heard by its own socket, while its session lasts.

The toolkit takes whoever names the number of an open tab for that tab, from any socket and without a login. Its pages
stay open for long; here every event is held against the session that opened the page.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from nicegui import Client, core
from socketio.exceptions import ConnectionRefusedError as SocketRefused
from starlette.requests import HTTPConnection

from linkops.console.ending import tell_session_is_over
from linkops.console.view import View, view_of
from linkops.console.visitors import COOKIE
from linkops.errors import Forbidden, Unauthenticated

_LOAD_AGAIN = "Implicit handshake failed"
"""What the toolkit's script answers by loading the page again, which leads to the login where that is needed."""
_NOT_YOURS = "This is no page of yours."
_HANDSHAKE = ("client_id", "tab_id", "document_id")
_SILENT = ("javascript_response", "ack")
_MOST_LOGGED_CHARS = 500
_log = structlog.get_logger(__name__)


def guard() -> None:
    """Stand in front of what the toolkit hears; called once, after it has been imported."""
    core.sio.eio.transports = ["websocket"]  # a browser names no origin when it only reads, as polling does
    handlers = core.sio.handlers["/"]
    core.sio.on("connect", _connecting(handlers["connect"]))
    core.sio.on("handshake", _shaking_hands(handlers["handshake"]))
    core.sio.on("event", _hearing(handlers["event"]))
    core.sio.on("log", _write_down)
    for name in _SILENT:
        core.sio.on(name, _from_own_socket(handlers[name]))


def _connecting(connect: Callable[..., Any]) -> Callable[..., Any]:
    async def guarded(sid: str, environ: dict[str, Any], _auth: Any = None) -> None:
        asking = HTTPConnection(environ["asgi.scope"])
        if not _is_whole(asking.query_params):
            raise SocketRefused(_NOT_YOURS)
        client = Client.instances.get(asking.query_params["client_id"])
        if client is None:
            raise SocketRefused(_LOAD_AGAIN)
        await _admit(view_of(client), asking.cookies.get(COOKIE, ""))
        await connect(sid, environ)

    return guarded


def _is_whole(said: Any) -> bool:
    """Return whether somebody who shakes hands says what the toolkit then takes for granted."""
    words = isinstance(said, Mapping) and all(isinstance(said.get(name), str) for name in _HANDSHAKE)
    return words and str(said.get("next_message_id", 0)).isdecimal()


def _shaking_hands(handshake: Callable[..., Any]) -> Callable[..., Any]:
    async def guarded(sid: str, message: Any = None) -> bool:
        return _is_whole(message) and bool(await handshake(sid, message))  # the toolkit compares it with the address

    return guarded


async def _admit(opened: View | None, token: str) -> None:
    if opened is None:  # "nothing is there" needs no socket, and must not be loaded again and again
        raise SocketRefused(_NOT_YOURS)
    if not secrets.compare_digest(opened.token.encode(), token.encode()):
        raise SocketRefused(_LOAD_AGAIN)
    try:
        await opened.act()
    except (Unauthenticated, Forbidden):
        raise SocketRefused(_LOAD_AGAIN) from None


def _hearing(event: Callable[..., Any]) -> Callable[..., Any]:
    async def guarded(sid: str, message: Any = None) -> None:
        client = _own_client(sid, message)
        opened = None if client is None else view_of(client)
        if client is None or opened is None:
            return
        async with opened.turn:  # events are heard in the order in which they came
            if await _lasts(client, opened):
                event(sid, message)

    return guarded


async def _lasts(client: Client, opened: View) -> bool:
    try:
        await opened.act()
    except Unauthenticated:
        with client:
            tell_session_is_over()
        return False
    except Forbidden:
        return False
    return not opened.over


def _from_own_socket(handler: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(sid: str, message: Any = None) -> None:
        if _own_client(sid, message) is not None:
            handler(sid, message)

    return guarded


def _own_client(sid: str, message: Any) -> Client | None:
    """Return the tab that a message is about, if it came over that tab's own socket."""
    client_id = message.get("client_id") if isinstance(message, dict) else None
    return Client.instances.get(str(client_id)) if client_id in core.sio.rooms(sid) else None


def _write_down(sid: str, message: Any = None) -> None:
    """Log what a tab complains of; its words are somebody else's, and may be many."""
    if _own_client(sid, message) is not None:
        _log.warning("a tab complains", said=repr(message.get("message", ""))[:_MOST_LOGGED_CHARS])
