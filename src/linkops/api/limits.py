"""How large and how slow the body of a request may be."""

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from linkops.api.problems import TooSlow, problem
from linkops.errors import TooLarge

MAX_BODY_BYTES = 2**20
PIECE_WITHIN_S = 60.0


class BodyLimits:
    """Refuses bodies that are too large before they are read, and ends those that grow too large or stop coming."""

    def __init__(
        self, app: ASGIApp, max_bytes_of: Callable[[str], int], piece_within_s: float = PIECE_WITHIN_S
    ) -> None:
        self._app = app
        self._max_bytes_of = max_bytes_of
        self._piece_within_s = piece_within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with a body that keeps to the limits."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        max_bytes = self._max_bytes_of(scope["path"])
        headers = Headers(scope=scope)
        announced = headers.get("content-length", "0")
        if len(announced) > 18 or int(announced) > max_bytes:
            refused = TooLarge("request.too_large", max_bytes=max_bytes)
            await problem(refused, headers.get("accept-language", ""))(scope, receive, send)
            return
        body = _Body(receive, max_bytes, self._piece_within_s)
        try:
            await self._app(scope, body.receive, send)
        except ClientDisconnect:
            return  # nobody is left to be answered


class _Body:
    """Counts the pieces of one body."""

    def __init__(self, receive: Receive, max_bytes: int, piece_within_s: float) -> None:
        self._receive = receive
        self._left = max_bytes
        self._max_bytes = max_bytes
        self._piece_within_s = piece_within_s
        self._complete = False

    async def receive(self) -> Message:
        if self._complete:  # from here on only the end of the connection can come, whenever that is
            return await self._receive()
        message = await self._next_piece()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self._complete = not message.get("more_body", False)
        if self._left < 0:
            raise TooLarge("request.too_large", max_bytes=self._max_bytes)
        return message

    async def _next_piece(self) -> Message:
        try:
            async with asyncio.timeout(self._piece_within_s):
                return await self._receive()
        except TimeoutError:
            raise TooSlow("request.too_slow") from None
