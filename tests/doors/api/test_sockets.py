"""WebSockets on an HTTP listener: how long they may take, and who is cut off."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from linkops.api.listening import HttpListener, listen
from linkops.api.mqtt_socket import Carry, MqttSocket

WITHIN_S = 20.0
_HANDSHAKE = (
    b"GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"
)
Received = Callable[[], Awaitable[bytes]]
Sent = Callable[[bytes], Awaitable[None]]


async def echo(_address: str, receive: Received, send: Sent, _certificate: bytes | None) -> None:
    """Send back what comes."""
    while received := await receive():
        await send(received)


@asynccontextmanager
async def listening(carry: Carry) -> AsyncIterator[int]:
    """Listen until the block ends, and yield the port."""
    listener = HttpListener(MqttSocket(carry), listen("127.0.0.1", 0))
    _, port = await listener.start()
    yield port
    await listener.stop()


async def test_a_websocket_is_no_head_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkops.api.listening._HEAD_WITHIN_S", 0.2)
    async with (
        listening(echo) as port,
        connect(f"ws://127.0.0.1:{port}/mqtt", subprotocols=[Subprotocol("mqtt")]) as client,
    ):
        await cut_off_without_a_head(port)  # came later, so the time of the other is over, too
        await client.send(b"still there")
        assert await client.recv() == b"still there"


async def cut_off_without_a_head(port: int) -> None:
    """Say nothing until the listener does not wait any more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with suppress(ConnectionResetError):
        await asyncio.wait_for(reader.read(), WITHIN_S)
    writer.close()


async def test_whoever_takes_nothing_is_cut_off_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkops.api.listening._GONE_WITHIN_S", 0.1)
    monkeypatch.setattr("linkops.api.mqtt_socket._GOODBYE_WITHIN_S", 0.1)
    ended = asyncio.Event()

    async def flood(_address: str, _receive: Received, send: Sent, _certificate: bytes | None) -> None:
        """Send until the client takes no more."""
        try:
            async with asyncio.timeout(0.5):
                while True:
                    await send(bytes(2**20))
        except TimeoutError:
            ended.set()

    async with listening(flood) as port:
        before = _descriptors()
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(_HANDSHAKE)
            await asyncio.wait_for(ended.wait(), WITHIN_S)
            async with asyncio.timeout(WITHIN_S):
                while _descriptors() > before + 1:  # noqa: ASYNC110 - the kernel tells nobody
                    await asyncio.sleep(0.02)


def _descriptors() -> int:
    """Return how many files and sockets this process has open."""
    return len(os.listdir("/proc/self/fd"))
