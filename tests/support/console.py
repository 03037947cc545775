"""Somebody in front of the console without a browser: its routes as the app has them, its pages, its sockets."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
import socketio
from fastapi.routing import APIRoute
from nicegui import app as toolkit

from linkops.console.app import PREFIX, _host
from linkops.console.visitors import COOKIE

SOCKET = f"{PREFIX}/_nicegui_ws/socket.io"
_HEARD_WITHIN_S = 30.0
_CLIENT_ID = re.compile(r"client_id\D+?([0-9a-f-]{36})")
_LISTENER = (
    r'"(\d+)":\{{"tag":"q-btn","props":\{{[^}}]*"label":"{label}"[^}}]*\}},"events":\[\{{"listener_id":"([^"]+)"'
)


class ConsoleRoute(NamedTuple):
    """One thing that can be asked for.

    Attributes:
        path: with its parameters in braces.
        query: names of the parameters behind the question mark.
    """

    method: str
    path: str
    query: tuple[str, ...]
    is_page: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


@cache
def console_routes() -> tuple[ConsoleRoute, ...]:
    """Return all that the console answers, except what the toolkit serves to everybody: its own scripts and styles."""
    host = _host()
    ours = [route for part in host.routes for route in getattr(part, "original_router", host).routes]
    pages = [route for route in toolkit.routes if not getattr(route, "path", "").startswith("/_nicegui")]
    return (*_shown(ours, is_page=False), *_shown(pages, is_page=True))


def _shown(routes: list[Any], *, is_page: bool) -> Iterator[ConsoleRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            query = tuple(parameter.name for parameter in route.dependant.query_params)
            for method in route.methods or ():
                yield ConsoleRoute(method, PREFIX + route.path, query, is_page)


class Session:
    """Somebody who has logged in at the console, or nobody."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self.token = token
        self.headers = {"Origin": url, **({"Cookie": f"{COOKIE}={token}"} if token else {})}
        self.client = httpx.Client(base_url=url, headers=self.headers, timeout=60)

    @classmethod
    def opened(cls, url: str, name: str, password: str) -> "Session":
        """Log in."""
        form = {"name": name, "password": password}
        answer = httpx.post(f"{url}{PREFIX}/login", data=form, headers={"Origin": url}, timeout=60)
        return cls(url, answer.cookies[COOKIE])

    def ask(self, route: ConsoleRoute, values: dict[str, object]) -> httpx.Response:
        """Ask for it, with these values of parameters."""
        query = {name: str(values[name]) for name in route.query if name in values}
        body = {"content": b"{}"} if route.method in {"POST", "PUT"} else {}
        return self.client.request(route.method, route.path.format_map(values), params=query, **body)  # type: ignore[arg-type]  # one keyword

    def open_tab(self, path: str) -> "Tab":
        """Open a page."""
        page = self.client.get(PREFIX + path)
        assert page.status_code == 200, page.text[:500]
        return Tab(page.text)


class Tab:
    """An open page, as the browser has it before its socket is open.

    Attributes:
        client_id: by which the server knows it.
    """

    def __init__(self, html: str) -> None:
        found = _CLIENT_ID.search(html)
        assert found is not None
        self.client_id = found[1]
        self._html = html

    def pressing(self, label: str) -> dict[str, Any]:
        """Return what a browser says when a button is pressed."""
        found = re.search(_LISTENER.format(label=re.escape(label)), self._html)
        assert found is not None, label
        return {"client_id": self.client_id, "id": int(found[1]), "listener_id": found[2], "args": ["{}"]}


class Socket:
    """A socket, and what came over it."""

    def __init__(self) -> None:
        self.heard = ""
        self._news = asyncio.Event()
        self.socket = socketio.AsyncClient(reconnection=False)
        self.socket.on("*", self._hear)
        self.ended = asyncio.Event()
        self.socket.on("disconnect", self._end)

    async def say(self, event: str, message: Any) -> None:
        """Say something as a page does."""
        await self.socket.emit(event, message)

    async def hears(self, text: str) -> None:
        """Wait until something with this text has come."""
        async with asyncio.timeout(_HEARD_WITHIN_S):
            while text not in self.heard:
                self._news.clear()
                await self._news.wait()

    async def _hear(self, event: str, *said: Any) -> None:
        self.heard += json.dumps([event, said])
        self._news.set()

    async def _end(self, *_why: Any) -> None:
        self.ended.set()


@asynccontextmanager
async def open_socket(session: Session, tab: Tab, **headers: str) -> AsyncIterator[Socket]:
    """Open the socket of a tab, until the block ends.

    Raises:
        socketio.exceptions.ConnectionError: it is refused.
    """
    socket, said = Socket(), {"client_id": tab.client_id, "implicit_handshake": "true", "next_message_id": 0}
    address = f"{session.url}?{urlencode(said | {'tab_id': 'tab', 'document_id': 'document'})}"
    try:
        await socket.socket.connect(
            address, session.headers | headers, transports=["websocket"], socketio_path=SOCKET, wait_timeout=20
        )
        yield socket
    finally:
        await socket.socket.shutdown()
        if (http := socket.socket.eio.http) is not None:
            await http.close()
