"""MQTT over WebSocket (MQTT 5, section 6): the handshake and the frames; what they carry is the hub's business.

There are no cookies, and nothing is known of a client before its CONNECT: it does not matter which page it comes from.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

from starlette.types import Receive, Scope, Send

PATH = "/mqtt"
ROOT = "/"
"""Where the vendor's SDKs connect; it is shared with others, who say nothing of MQTT."""
SUBPROTOCOLS = ("mqtt", "mqttv3.1")
"""By MQTT-6.0.0-3, and what clients of MQTT 3.1 say."""
_GOODBYE_WITHIN_S = 5.0
_UNSUPPORTED_DATA = 1003

Carry: TypeAlias = Callable[
    [str, Callable[[], Awaitable[bytes]], Callable[[bytes], Awaitable[None]], bytes | None], Awaitable[None]
]
"""Carries one connection until it ends.

It takes the client's address, what came (empty at the end), what is to be sent, and the client's certificate (DER).
"""


def is_for_mqtt(scope: Scope) -> bool:
    """Return whether a WebSocket is meant to carry MQTT."""
    return scope["path"] == PATH or (scope["path"] == ROOT and offered(scope) is not None)


def offered(scope: Scope) -> str | None:
    """Return the sub-protocol of MQTT that a client offers, None if it offers none."""
    return next((each for each in scope["subprotocols"] if each in SUBPROTOCOLS), None)


class MqttSocket:
    """The ASGI app of one WebSocket each."""

    def __init__(self, carry: Carry) -> None:
        self._carry = carry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry one client."""
        await receive()
        subprotocol = offered(scope)
        if subprotocol is None:
            await _refuse(send)
            return
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        client = scope.get("client")
        socket = _Socket(receive, send)
        await self._carry(client[0] if client else "", socket.received, socket.send, _certificate(scope))
        await socket.say_goodbye()


def _certificate(scope: Scope) -> bytes | None:
    """Return the first of what ASGI's extension for TLS tells."""
    chain = scope.get("extensions", {}).get("tls", {}).get("client_cert_chain", ())
    return next(map(ssl.PEM_cert_to_DER_cert, chain), None)


class _Socket:
    """Bytes out of frames, and into frames."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._code = 1000

    async def received(self) -> bytes:
        """Return the bytes of the next frame with any; none when the client ends or sends text (MQTT-6.0.0-1)."""
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return b""
            if message.get("bytes") is None:
                self._code = _UNSUPPORTED_DATA
                return b""
            if message["bytes"]:
                return bytes(message["bytes"])

    async def send(self, data: bytes) -> None:
        """Send one frame.

        Raises:
            OSError: the client has gone.
        """
        await self._send({"type": "websocket.send", "bytes": data})

    async def say_goodbye(self) -> None:
        """Close, unless the client did so or takes nothing any more."""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_WITHIN_S):
                await self._send({"type": "websocket.close", "code": self._code})


async def _refuse(send: Send) -> None:
    body = b"Offer the sub-protocol mqtt."
    headers = [(b"Content-Type", b"text/plain"), (b"Content-Length", b"%d" % len(body))]
    await send({"type": "websocket.http.response.start", "status": 400, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
