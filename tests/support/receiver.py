"""An application that takes webhooks, on loopback: the resolver of a test leads its name here."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec

NAME = "receiver.example"

Shown = dict[str, Any]


class Got(NamedTuple):
    """A request as the application sees it."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def events(self) -> list[Shown]:
        """The events in it."""
        decoded = msgspec.json.decode(self.body)
        return decoded if isinstance(decoded, list) else [decoded]


class Receiver:
    """Answers each request by `answer`, which may be replaced; an answer of None hangs."""

    def __init__(self) -> None:
        self.requests: list[Got] = []
        self.answer: Callable[[Got], bytes | None] = lambda _: ok()
        self.port = 0
        self.hanging = 0
        self._grown = asyncio.Event()

    @property
    def url(self) -> str:
        """Where it takes events."""
        return f"http://{NAME}:{self.port}/hook"

    @property
    def taken(self) -> list[Shown]:
        """The events of all requests that it answered well, in their order."""
        return [event for request in self.requests if self.answer(request) == ok() for event in request.events]

    @property
    def ids(self) -> list[int]:
        """The ids of what it took, each once."""
        return list(dict.fromkeys(event["id"] for event in self.taken))

    async def until(self, enough: Callable[[], bool]) -> None:
        """Return as soon as ``enough`` says so; it is asked at each request."""
        while not enough():
            await self._grown.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _request(reader):
                self.requests.append(request)
                answer = self.answer(request)
                self.hanging += answer is None
                self._grown.set()
                self._grown = asyncio.Event()
                if answer is None:
                    await reader.read()
                    return
                writer.write(answer)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Got | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Got(first.split()[1], headers, body)


def ok(body: bytes = b"") -> bytes:
    """Return a good answer."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def status(code: int, headers: bytes = b"") -> bytes:
    """Return another answer."""
    return b"HTTP/1.1 %d Whatever\r\nContent-Length: 0\r\n%s\r\n" % (code, headers)


@asynccontextmanager
async def open_receiver() -> AsyncIterator[Receiver]:
    """Take webhooks until the block ends."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, limit=2**22)
    receiver.port = server.sockets[0].getsockname()[1]
    yield receiver
    server.close()


async def to_loopback(host: str, port: int) -> Sequence[str]:
    """Resolve every name to this machine, which the real judge never does (tests/rules/subscriptions)."""
    return ["127.0.0.1"]


def verify(request: Got, secret: str, now_s: int) -> bool:
    """Check a request as docs/subscriptions.md tells applications to."""
    parts = [part.split("=", 1) for part in request.headers["x-linkops-signature"].split(",")]
    at = next(value for name, value in parts if name == "t")
    wanted = hmac.new(secret.encode(), f"{at}.".encode() + request.body, hashlib.sha256).hexdigest()
    fresh = abs(now_s - int(at)) < 300
    return fresh and any(hmac.compare_digest(value, wanted) for name, value in parts if name == "v1")
