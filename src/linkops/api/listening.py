"""Listening for HTTP and WebSockets: uvicorn on the running loop, on sockets that we open ourselves.

The parser is h11 because it keeps the case of header names, which old device SDKs depend on; all the rest is as
uvicorn has it, with the time limits that it lacks.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Generator
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_HEAD_WITHIN_S = 30.0
_STUCK_AFTER_S = 3_600.0
_KEEP_ALIVE_S = 75
_STOP_WITHIN_S = 5
_BACKLOG = 4_096
_MAX_HEAD_BYTES = 64 * 2**10
_MAX_MESSAGE_BYTES = 2**20
_GONE_WITHIN_S = 5.0
_NOT_UTF8 = 1007


class _Connection(H11Protocol):
    """One connection. A client that takes too long for a request's head, or reads nothing for an hour, is cut off."""

    _head_timer: asyncio.TimerHandle | None = None
    _stuck_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        # Whoever waits for room waits until all is sent: a slow reader then holds one chunk of a file, not two.
        # (Not high=0, at which TLS transports pause and never go on.)
        self.transport.set_write_buffer_limits(high=1, low=0)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._head_timer, self._stuck_timer):
            if timer is not None:
                timer.cancel()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck_timer = self.loop.call_later(_STUCK_AFTER_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stuck_timer is not None:
            self._stuck_timer.cancel()

    def _watch_head(self) -> None:
        answering = self.cycle is not None and not self.cycle.response_complete
        became_a_websocket = self.transport.get_protocol() is not self
        if (answering or became_a_websocket) and self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        elif not (answering or became_a_websocket) and self._head_timer is None:
            self._head_timer = self.loop.call_later(_HEAD_WITHIN_S, self.transport.abort)


class _WebSocket(WebSocketsSansIOProtocol):
    """One WebSocket. Whoever takes nothing more once its app has ended is cut off."""

    async def run_asgi(self) -> None:
        tls: ssl.SSLObject | None = self.transport.get_extra_info("ssl_object")
        shown = None if tls is None else tls.getpeercert(binary_form=True)
        if shown is not None:
            # https://asgi.readthedocs.io/en/latest/specs/tls.html
            self.scope["extensions"]["tls"] = {"client_cert_chain": [ssl.DER_cert_to_PEM_cert(shown)]}
        await super().run_asgi()
        self.loop.call_later(_GONE_WITHIN_S, self.transport.abort)

    async def send(self, message: Any) -> None:
        await self.writable.wait()
        if self.close_sent:  # because of what the client did; uvicorn takes that for a mistake of the app
            raise ClientDisconnected
        await super().send(message)

    def send_receive_event_to_app(self) -> None:
        is_wrong = self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames))
        if is_wrong and not self.close_sent:
            # uvicorn would write a traceback into the log for it.
            self.conn.fail(_NOT_UTF8)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Server(uvicorn.Server):
    """uvicorn without its hands on the process's signals, which belong to whoever started us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class HttpListener:
    """One listening address and the app behind it."""

    def __init__(
        self,
        app: ASGIApp,
        listening: socket.socket,
        tls: ssl.SSLContext | None = None,
        max_message_bytes: int = _MAX_MESSAGE_BYTES,
    ) -> None:
        """``max_message_bytes`` limits one message that comes over a WebSocket."""
        self._listening = listening
        self._server = _Server(_config(app, tls, max_message_bytes))
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> tuple[str, int]:
        """Answer requests, and return the address.

        Raises:
            OSError: when the server cannot start.
        """
        address = address_of(self._listening)
        self._task = asyncio.create_task(self._server.serve([self._listening]), name=f"http {address}")
        while not self._server.started:
            if self._task.done():
                await self._task
                raise OSError(f"cannot serve HTTP on {address}")
            await asyncio.sleep(0.005)
        return address

    async def stop(self) -> None:
        """Take no more requests, and return when those under way are answered or have had their time."""
        if self._task is not None:
            self._server.should_exit = True
            await self._task


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 becomes a free one. Requests wait until an `HttpListener` starts.

    Raises:
        OSError: when the port is taken or not ours to take.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    listening.setblocking(False)
    return listening


def address_of(listening: socket.socket) -> tuple[str, int]:
    """Return the host and port that a socket listens on."""
    name = listening.getsockname()
    return str(name[0]), int(name[1])


def _config(app: ASGIApp, tls: ssl.SSLContext | None, max_message_bytes: int) -> uvicorn.Config:
    # Whatever strangers send is not worth a line each.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    return uvicorn.Config(
        app,
        http=_Connection,
        ws=_WebSocket,
        ws_max_size=max_message_bytes,
        # MQTT has a keep-alive of its own, and devices sleep.
        ws_ping_interval=None,
        # Compression takes 300 KB a client, and makes secrets guessable by their length.
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
        ssl_context_factory=(lambda _config, _default: tls) if tls is not None else None,
    )
