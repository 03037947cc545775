"""The cheapest MQTT load that Python can make: one process, raw protocols on uvloop, precomputed bytes.

`serve` runs in a process of its own and does one command at a time; `bench.fleet.Fleet` is the other end of its pipe.
All clock readings are ``time.perf_counter``, which every process on Linux reads off the same clock.
"""

import asyncio
import resource
import socket
import ssl
import struct
from array import array
from collections import deque
from collections.abc import Callable, Iterable
from itertools import cycle
from multiprocessing.connection import Connection as Pipe
from time import perf_counter
from typing import NamedTuple, cast

import uvloop

from bench.wire import (
    PUBACK,
    PUBLISH,
    Credential,
    custom_topic,
    packet_end,
    progress_payload,
    progress_topic,
    publish_head,
    version_payload,
    version_topic,
)

RETRY_AFTER_S = 0.2
_RESET = struct.pack("ii", 1, 0)  # closing resets: no port of ours waits a minute for late packets
TICK_S = 0.001


class Door(NamedTuple):
    """Where to connect, from which of the loopback's addresses (each has ports of its own), and how."""

    host: str
    port: int
    source: str
    tls: bool = False


class Phase(NamedTuple):
    """What one command measured: seconds each, on the clock of ``perf_counter``."""

    started: float
    ended: float
    latencies: "array[float]"
    lost: int = 0  # connections that the server closed, or that had to be tried again


class Connection(asyncio.Protocol):
    """One device on the wire. Only counts: what it receives is not understood."""

    __slots__ = ("_load", "_rest", "credential", "due", "heads", "opened", "position", "sent_at", "transport")

    def __init__(self, load: "Load", credential: Credential) -> None:
        self._load = load
        self._rest = b""
        self.credential = credential
        self.transport: asyncio.Transport | None = None
        self.opened: asyncio.Future[None] | None = None
        self.heads: dict[int, bytes] = {}
        self.position = 0
        self.sent_at = 0.0
        self.due: deque[float] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.write(self.credential.connect)

    def data_received(self, received: bytes) -> None:
        if len(received) == 4 and received[0] == PUBACK:
            self._load.acknowledged(self)
        else:
            self._read(self._rest + received)

    def _read(self, received: bytes) -> None:
        start = 0
        while (found := packet_end(received, start)) is not None:
            self._packet(received[start], received[found[0] : found[1]])
            start = found[1]
        self._rest = received[start:]

    def _packet(self, first: int, body: bytes) -> None:
        kind = first & 0xF0
        if kind == PUBACK:
            self._load.acknowledged(self)
        elif kind == PUBLISH:
            self._load.pushed.append(perf_counter())
            if first & 0x06 and self.transport is not None:
                end = 2 + int.from_bytes(body[:2], "big")
                self.transport.write(b"\x40\x02" + body[end : end + 2])
        elif kind == 0x20 and self.opened is not None and not self.opened.done():
            accepted = body[:2] == b"\x00\x00"
            self.opened.set_result(None) if accepted else self.opened.set_exception(ConnectionRefusedError(body.hex()))

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = None
        self._rest = b""
        if self.opened is not None and not self.opened.done():
            self.opened.set_exception(ConnectionResetError())
        self._load.lost += 1


class Load:
    """The connections of one process, and the phases that they can be asked for."""

    connection_type = Connection

    def __init__(self, door: Door, credentials: Iterable[Credential], loop: asyncio.AbstractEventLoop) -> None:
        self._door = door
        self._loop = loop
        self._tls = _trusting() if door.tls else None
        self._connections = [self.connection_type(self, credential) for credential in credentials]
        self.acknowledged: Callable[[Connection], None] = lambda _: None
        self.pushed = array("d")
        self.lost = 0

    async def connect(self, at_once: int) -> Phase:
        """Open and log in every connection, ``at_once`` at most being on their way; a failure is tried again."""
        self.lost = 0
        latencies = array("d")
        gate = asyncio.Semaphore(at_once)
        started = perf_counter()
        await asyncio.gather(*(self._open(connection, gate, latencies) for connection in self._connections))
        return Phase(started, perf_counter(), latencies, self.lost)

    async def _open(self, connection: Connection, gate: asyncio.Semaphore, latencies: "array[float]") -> None:
        async with gate:
            started = perf_counter()
            while not await self._opens(connection):  # noqa: ASYNC110 - a retry, not a poll
                await asyncio.sleep(RETRY_AFTER_S)
            latencies.append(perf_counter() - started)

    async def _opens(self, connection: Connection) -> bool:
        connection.opened = self._loop.create_future()
        door = self._door
        try:
            await self._loop.create_connection(
                lambda: connection, door.host, door.port, ssl=self._tls, local_addr=(door.source, 0)
            )
            await connection.opened
        except OSError:
            self.lost += 1
            return False
        return True

    async def drop(self) -> int:
        """Cut every connection without a DISCONNECT, and return how many there were."""
        open_now = [connection.transport for connection in self._connections if connection.transport]
        for transport in open_now:
            transport.abort()
        await asyncio.sleep(0.1)
        return len(open_now)

    async def report_progress(self, first: int, last: int) -> Phase:
        """Report the steps ``first`` to ``last`` on every connection, each once the one before is acknowledged."""
        return await self._publish([progress_payload(step) for step in range(first, last + 1)], progress_topic)

    async def publish_custom(self, count: int) -> Phase:
        """Publish so many messages to applications on every connection, each once the one before is acknowledged."""
        return await self._publish([b"%d" % number for number in range(count)], custom_topic)

    async def report_version(self, version: str) -> Phase:
        """Report ``version`` once on every connection."""
        return await self._publish([version_payload(version)], version_topic)

    async def report_versions(self, versions: list[str]) -> Phase:
        """Report the versions one after the other on every connection, each once the one before is acknowledged."""
        return await self._publish([version_payload(version) for version in versions], version_topic)

    async def _publish(self, payloads: list[bytes], topic_of: Callable[[Credential], bytes]) -> Phase:
        self._prepare(payloads, topic_of)
        latencies = array("d")
        finished = self._loop.create_future()
        expected = len(payloads) * len(self._connections)

        def acknowledged(connection: Connection) -> None:
            now = perf_counter()
            latencies.append(now - connection.sent_at)
            if connection.position < len(payloads):
                self._send(connection, payloads, now)
            elif len(latencies) == expected and not finished.done():
                finished.set_result(None)

        return await self._measure(acknowledged, latencies, finished, lambda: self._send_first(payloads))

    def _prepare(self, payloads: list[bytes], topic_of: Callable[[Credential], bytes]) -> None:
        lengths = {len(payload) for payload in payloads}
        for connection in self._connections:
            topic = topic_of(connection.credential)
            connection.heads = {length: publish_head(topic, length) for length in lengths}
            connection.position = 0
            connection.due.clear()

    def _send_first(self, payloads: list[bytes]) -> None:
        for connection in self._connections:
            self._send(connection, payloads, perf_counter())

    @staticmethod
    def _send(connection: Connection, payloads: list[bytes], now: float) -> None:
        payload = payloads[connection.position]
        connection.position += 1
        connection.sent_at = now
        connection.transport.write(connection.heads[len(payload)] + payload)  # type: ignore[union-attr]

    async def _measure(
        self,
        acknowledged: Callable[[Connection], None],
        latencies: "array[float]",
        finished: "asyncio.Future[None]",
        begin: Callable[[], object],
    ) -> Phase:
        self.acknowledged = acknowledged
        self.lost = 0
        started = perf_counter()
        begin()
        await finished
        return Phase(started, perf_counter(), latencies, self.lost)

    async def report_progress_paced(self, first: int, last: int, per_second: float) -> Phase:
        """Report the steps at an even pace whatever the server does; latencies count from when each was due."""
        payloads = [progress_payload(step) for step in range(first, last + 1)]
        self._prepare(payloads, progress_topic)
        latencies = array("d")
        finished = self._loop.create_future()
        expected = len(payloads) * len(self._connections)

        def acknowledged(connection: Connection) -> None:
            latencies.append(perf_counter() - connection.due.popleft())
            if len(latencies) == expected and not finished.done():
                finished.set_result(None)

        pacing = lambda: self._loop.create_task(self._pace(payloads, per_second))  # noqa: E731
        return await self._measure(acknowledged, latencies, finished, pacing)

    async def _pace(self, payloads: list[bytes], per_second: float) -> None:
        turns = cycle(self._connections)
        due = perf_counter()
        for _ in range(len(payloads) * len(self._connections)):
            while due > perf_counter():  # noqa: ASYNC110 - what comes is a moment
                await asyncio.sleep(TICK_S)
            connection = next(turns)
            connection.due.append(due)
            self._send(connection, payloads, due)
            due += 1 / per_second

    async def await_pushes(self, within_s: float) -> "array[float]":
        """Return when each push came, once every connection could have had one or the time is over."""
        deadline = perf_counter() + within_s
        while len(self.pushed) < len(self._connections) and perf_counter() < deadline:  # noqa: ASYNC110 - cheaper
            await asyncio.sleep(TICK_S)
        pushed, self.pushed = self.pushed, array("d")
        return pushed


def _trusting() -> ssl.SSLContext:
    """A client that checks nothing: what it spends would be taken from the server on the same cores."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def serve(pipe: Pipe, door: Door, credentials: list[Credential], load_type: type[Load] = Load) -> None:
    """Do what comes through the pipe, ``(method, arguments)``, until None comes; answer with results or exceptions."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    loop = uvloop.new_event_loop()
    load = load_type(door, credentials, loop)
    while (command := pipe.recv()) is not None:
        method, arguments = command
        try:
            pipe.send(loop.run_until_complete(getattr(load, method)(*arguments)))
        except Exception as error:  # noqa: BLE001 - raised again at the other end
            pipe.send(error)
