"""Open tabs of the console without a browser, which would take the cores: a page each, and the socket behind it."""

import ast
import asyncio
import multiprocessing
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlencode

import httpx
import socketio

_spawning = multiprocessing.get_context("spawn")
_QUERY = re.compile(r"query: (\{.*?\})")
_SOCKET = "console/_nicegui_ws/socket.io"
_ACK_EVERY_S, _STOP_WITHIN_S = 3.0, 15.0


def session_of(url: str, password: str) -> str:
    """Log in as the browser does, and return the session's cookie."""
    form = {"name": "admin", "password": password}
    answer = httpx.post(f"{url}/console/login", data=form, headers={"Origin": url}, timeout=60)
    return str(answer.cookies["linkops_session"])


@contextmanager
def open_tabs(url: str, session: str, paths: Sequence[str]) -> Iterator[list[int]]:
    """Keep a tab open for each path, until the block ends, in a process of its own.

    Gives a list that then holds how many messages they heard; all of them must have stayed connected.
    """
    ours, theirs = _spawning.Pipe()
    process = _spawning.Process(target=_serve, args=(theirs, url, session, list(paths)), daemon=True)
    process.start()
    theirs.close()  # its end is heard
    try:
        opened = ours.recv()
        if opened != len(paths):
            raise RuntimeError(f"the tabs did not open: {opened}")
        heard: list[int] = []
        yield heard
        ours.send(None)
        connected, messages = ours.recv()
        if connected != len(paths):
            raise RuntimeError(f"of {len(paths)} tabs {connected} stayed connected")
        heard.append(messages)
    finally:
        process.join(_STOP_WITHIN_S)
        process.kill()


def _serve(pipe: Connection, url: str, session: str, paths: list[str]) -> None:
    asyncio.run(_keep_open(pipe, url, session, paths))


async def _keep_open(pipe: Connection, url: str, session: str, paths: list[str]) -> None:
    tabs = [_Tab(url, session) for _ in paths]
    try:
        for tab, path in zip(tabs, paths, strict=True):
            await tab.open(path)
    except Exception as problem:  # noqa: BLE001 - told by the process that asked
        pipe.send(repr(problem))
        return
    pipe.send(len(tabs))
    await asyncio.to_thread(pipe.recv)
    connected = sum(tab.connected for tab in tabs)
    for tab in tabs:
        await tab.close()
    pipe.send((connected, sum(tab.heard for tab in tabs)))


class _Tab:
    """One tab: what a browser asks for and says."""

    def __init__(self, url: str, session: str) -> None:
        self.heard = 0
        self._url = url
        self._headers = {"Cookie": f"linkops_session={session}", "Origin": url}
        self._socket = socketio.AsyncClient()
        self._socket.on("*", self._hear)
        self._acknowledging: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        return bool(self._socket.connected)

    async def open(self, path: str) -> None:
        async with httpx.AsyncClient(headers=self._headers, timeout=60) as client:
            page = (await client.get(f"{self._url}/console{path}")).raise_for_status().text
        found = _QUERY.search(page)
        if found is None:
            raise RuntimeError(f"{path} is no page")
        given = ast.literal_eval(found[1])
        self._next = int(given["next_message_id"])
        # "true" in lower case, as scripts write it, lets the server take the connection for the handshake.
        query = given | {"implicit_handshake": "true", "tab_id": path, "document_id": path, "old_tab_id": ""}
        address = f"{self._url}?{urlencode(query)}"
        await self._socket.connect(address, self._headers, transports=["websocket"], socketio_path=_SOCKET)
        self._acknowledging = asyncio.create_task(self._acknowledge(str(query["client_id"])))

    async def close(self) -> None:
        if self._acknowledging is not None:
            self._acknowledging.cancel()
        await self._socket.disconnect()

    async def _hear(self, _event: str, *messages: Any) -> None:
        self.heard += 1
        if messages and isinstance(messages[0], dict) and "_id" in messages[0]:
            self._next = int(messages[0]["_id"]) + 1

    async def _acknowledge(self, client_id: str) -> None:
        while True:
            await asyncio.sleep(_ACK_EVERY_S)
            await self._socket.emit("ack", {"client_id": client_id, "next_message_id": self._next})
