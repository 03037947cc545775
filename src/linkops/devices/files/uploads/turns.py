"""One thing at a time for each device, whatever connections it comes from; used on one loop only."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar

from linkops.devices.presence.model import Accepted


class OfDevice(Protocol):
    """Something that is about a device."""

    @property
    def device(self) -> Accepted:
        """Whose turn it takes."""
        ...


Item = TypeVar("Item", bound=OfDevice)
Result = TypeVar("Result")


class Turns:
    """Who works, and who waits for the same device; nothing is remembered of devices that are idle."""

    def __init__(self) -> None:
        self._locks: dict[int, asyncio.Lock] = {}
        self._wanted: Counter[int] = Counter()

    @asynccontextmanager
    async def of(self, device_id: int) -> AsyncIterator[None]:
        """Keep the turn of a device for the block."""
        lock = self._locks.setdefault(device_id, asyncio.Lock())
        self._wanted[device_id] += 1
        try:
            async with lock:
                yield
        finally:
            self._wanted[device_id] -= 1
            if not self._wanted[device_id]:
                del self._wanted[device_id], self._locks[device_id]


class InTurn(Generic[Item, Result]):
    """Works on items in the background, bounded, those of one device one after the other."""

    def __init__(
        self,
        turns: Turns,
        work: Callable[[Item], Awaitable[Result]],
        weight: Callable[[Item], int],
        most: int,
        too_much: Result,
    ) -> None:
        """At most ``most`` of what ``weight`` says is taken at once; ``too_much`` is the answer to more."""
        self._turns = turns
        self._work = work
        self._weight = weight
        self._left = most
        self._too_much = too_much
        self._running: set[asyncio.Task[None]] = set()

    def put(self, item: Item, done: Callable[[Result | Exception], None]) -> None:
        """Take an item; ``done`` is called on the running loop, later."""
        weight, loop = self._weight(item), asyncio.get_running_loop()
        if weight > self._left:
            loop.call_soon(done, self._too_much)
            return
        self._left -= weight
        task = loop.create_task(self._run(item, weight, done))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def __call__(self, item: Item) -> Result:
        """Work on an item, in its turn, and return what comes of it."""
        async with self._turns.of(item.device.device_id):
            return await self._work(item)

    async def _run(self, item: Item, weight: int, done: Callable[[Result | Exception], None]) -> None:
        outcome: Result | Exception
        try:
            outcome = await self(item)
        except Exception as error:  # noqa: BLE001 - whatever it is, the connection decides what it means
            outcome = error
        finally:
            self._left += weight
        done(outcome)
