"""Posting to receivers that nobody vouches for: pinned addresses, no redirects, limits on time and bytes."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import httpcore

from linkops.subscriptions.addresses import AddressRefused
from linkops.subscriptions.delivery.sending import Outgoing
from linkops.subscriptions.model import Answer

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a host, judged; raises `AddressRefused` or `OSError`."""

MAX_ANSWER_BYTES = 64 * 2**10
_KEEP_ALIVE_S = 5.0
_ERROR_CHARS = 200


class Poster:
    """Sends requests. One name is resolved once per connection, and the connection goes to what was judged."""

    def __init__(self, resolve: Resolve, timeout_s: float, connections: int = 64) -> None:
        self._resolve = resolve
        self._timeout_s = timeout_s
        # Below httpx, which follows proxies of the environment and cannot be told an address beside the name.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_KEEP_ALIVE_S,
            network_backend=_Pinned(resolve),
        )

    async def look_up(self, host: str, port: int) -> None:
        """Do nothing if a webhook may be at ``host``, or nobody can tell now.

        Raises:
            AddressRefused: otherwise.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._resolve(host, port)
        except (OSError, TimeoutError):
            return

    async def post(self, request: Outgoing) -> Answer:
        """Send a request and return what came of it; never raises for what the receiver does."""
        began = time.perf_counter()
        status: int | None = None
        try:
            async with asyncio.timeout(self._timeout_s):
                status = await self._send(request)
            error = "" if 200 <= status < 300 else f"HTTP {status}"
        except (TimeoutError, httpcore.TimeoutException):
            error = f"no answer within {self._timeout_s:g} s"
        except AddressRefused:
            error = "the address is not public, nor in webhook_allowed_networks"
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as failed:
            error = str(failed) or type(failed).__name__
        return Answer(status, error[:_ERROR_CHARS], int((time.perf_counter() - began) * 1_000))

    async def _send(self, request: Outgoing) -> int:
        stream = self._pool.stream("POST", request.url, headers=list(request.headers.items()), content=request.body)
        async with stream as answer:
            read = 0
            # Read so that the connection can be used again; a longer answer costs the receiver its connection.
            async for piece in answer.aiter_stream():
                read += len(piece)
                if read > MAX_ANSWER_BYTES:
                    break
            return int(answer.status)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to judged addresses only; TLS and the Host header keep the name."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failed: Exception = OSError(f"{host} has no address")
        for address in await self._resolve(host, port):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                failed = error
        raise failed

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise httpcore.UnsupportedProtocol("webhooks are reached over TCP")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
