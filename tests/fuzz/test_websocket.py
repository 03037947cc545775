"""Mutated WebSocket frames: each connection ends or goes on, the next one is served, and nothing reaches the log.

``LINKOPS_FUZZ_FRAMES`` says how many, as for MQTT; a connection takes far longer than a frame without one.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from websockets.frames import Frame, Opcode

from linkops.api.listening import HttpListener, listen
from linkops.api.mqtt_socket import MqttSocket
from tests.fuzz.test_mqtt import mutated

CONNECTIONS = int(os.environ.get("LINKOPS_FUZZ_FRAMES", "100000")) // 20
HANDSHAKE = (
    b"GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"
)
FRAMES = [
    Frame(opcode, data, fin)
    for opcode in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT, Opcode.PING, Opcode.PONG, Opcode.CLOSE)
    for data in (b"", b"\x03\xe8bye", b"x" * 125, b"\xff" * 40)
    for fin in (True, False)
    if fin or opcode in {Opcode.BINARY, Opcode.TEXT, Opcode.CONT}
]


async def echo(
    _address: str,
    receive: Callable[[], Awaitable[bytes]],
    send: Callable[[bytes], Awaitable[None]],
    _certificate: bytes | None,
) -> None:
    """Send back what comes."""
    while received := await receive():
        with suppress(OSError):
            await send(received)


async def test_no_frame_is_a_fault_of_the_server(caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(7)
    listener = HttpListener(MqttSocket(echo), listen("127.0.0.1", 0))
    _, port = await listener.start()
    for _ in range(CONNECTIONS):
        await _say(port, [_wire(chance.choice(FRAMES), chance) for _ in range(chance.randrange(1, 6))])
    assert b"\x82\x02ok" in await _say(port, [Frame(Opcode.BINARY, b"ok").serialize(mask=True)])
    await listener.stop()
    assert [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


def _wire(frame: Frame, chance: random.Random) -> bytes:
    sent = frame.serialize(mask=True)
    return mutated(sent, chance) if chance.random() < 0.7 else sent


async def _say(port: int, frames: list[bytes]) -> bytes:
    """Return what a connection hears that says this and then no more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = b""
    with suppress(ConnectionError):
        writer.write(HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"".join(frames))
        writer.write_eof()
        heard = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return heard
