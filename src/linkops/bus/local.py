"""The bus inside one process: callers and the hub may run on different loops."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from linkops.bus.downlinks import Broadcast, Downlink
from linkops.bus.questions import Answered, Outcome, Question

T = TypeVar("T")


class Port(Protocol):
    """What the hub offers; called on the hub's own loop."""

    def deliver(self, downlinks: Sequence[Downlink]) -> list[bool]:
        """Write the messages and return which of them went into a live connection."""
        ...

    def kick(self, device_ids: Sequence[int], reason: str) -> None:
        """Close the connections of these devices."""
        ...

    def record_messages(self, device_id: int, *, on: bool) -> None:
        """Start or stop keeping a device's messages in memory."""
        ...

    def messages(self, device_id: int, after: int) -> list["MessageRecord"] | None:
        """Return the kept messages with a number above ``after``; None when none are kept."""
        ...

    def change_topics(self, product_id: int, rules: Sequence[tuple[str, str]]) -> None:
        """From now on hold a product's devices to these rules about custom topics, given as path and access."""
        ...

    async def broadcast(self, broadcast: Broadcast) -> int:
        """Write a message to whoever subscribes to its topic, and return to how many."""
        ...

    async def ask(self, question: Question) -> Answered:
        """Send a question, and return what the device answered or why there is no answer."""
        ...


class MessageRecord(msgspec.Struct, frozen=True):
    """One message as the live log of a device shows it.

    Attributes:
        number: counts up per device.
        at: Unix milliseconds.
        uplink: whether the device sent it.
        content: the first bytes.
        size_bytes: of the whole payload.
        outcome: "accepted", "denied", "delivered", …
    """

    number: int
    at: int
    uplink: bool
    topic: str
    content: bytes
    size_bytes: int
    qos: int
    outcome: str

    @property
    def payload(self) -> str:
        """The first bytes as text; what is none is marked."""
        return self.content.decode(errors="replace")


class LocalBus:
    """Carries calls to the hub's loop; with no hub attached, nobody is connected."""

    def __init__(self) -> None:
        self._port: Port | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._count: Callable[[], int] = _none

    def attach(self, port: Port, loop: asyncio.AbstractEventLoop, count: Callable[[], int] | None = None) -> None:
        """Connect the hub that runs on ``loop``; ``count`` says, to any thread, how many connections it has."""
        self._port, self._loop, self._count = port, loop, count or _none

    def detach(self) -> None:
        """Disconnect the hub: from now on nobody is connected."""
        self._port = self._loop = None
        self._count = _none

    @property
    def connections(self) -> int:
        """How many connections are open now."""
        return self._count()

    @property
    def attached(self) -> bool:
        """Whether a hub is there."""
        return self._port is not None

    async def deliver(self, downlinks: Sequence[Downlink]) -> list[bool]:
        """Return, per message, whether it was written to a live connection."""
        port, loop = self._port, self._loop
        if port is None or loop is None:
            return [False] * len(downlinks)
        return await _on(loop, lambda: port.deliver(downlinks))

    async def kick(self, device_ids: Sequence[int], reason: str) -> None:
        """Close the connections of these devices, and return when that was asked of the hub."""
        port, loop = self._port, self._loop
        if port is not None and loop is not None:
            await _on(loop, lambda: port.kick(device_ids, reason))

    async def record_messages(self, device_id: int, *, on: bool) -> None:
        """Start or stop the live message log of a device."""
        port, loop = self._port, self._loop
        if port is not None and loop is not None:
            await _on(loop, lambda: port.record_messages(device_id, on=on))

    async def messages(self, device_id: int, after: int) -> list[MessageRecord] | None:
        """Return the messages kept of a device with a number above ``after``; None when its log is off."""
        port, loop = self._port, self._loop
        if port is None or loop is None:
            return None
        return await _on(loop, lambda: port.messages(device_id, after))

    async def change_topics(self, product_id: int, rules: Sequence[tuple[str, str]]) -> None:
        """Hold a product's devices to these rules about custom topics, given as path and access."""
        port, loop = self._port, self._loop
        if port is not None and loop is not None:
            await _on(loop, lambda: port.change_topics(product_id, rules))

    async def broadcast(self, broadcast: Broadcast) -> int:
        """Return to how many devices the message was written."""
        port, loop = self._port, self._loop
        if port is None or loop is None:
            return 0
        return await _run_on(loop, port.broadcast(broadcast))

    async def ask(self, question: Question) -> Answered:
        """Return what a device answered, or why there is no answer; cancelling the call forgets the question."""
        port, loop = self._port, self._loop
        if port is None or loop is None:
            return Answered(Outcome.OFFLINE)
        return await _run_on(loop, port.ask(question))


async def _run_on(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    if loop is asyncio.get_running_loop():
        return await work
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))


def _none() -> int:
    return 0


async def _on(loop: asyncio.AbstractEventLoop, call: Callable[[], T]) -> T:
    if loop is asyncio.get_running_loop():
        return call()

    async def run() -> T:
        return call()

    return await _run_on(loop, run())
