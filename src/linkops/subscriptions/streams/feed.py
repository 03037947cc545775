"""The newest events, in memory: read from the log once for all streams."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence

from linkops.db import Database
from linkops.subscriptions.model import Happened
from linkops.subscriptions.reading.store import Wanted, newest, read_events

KEPT = 2_000
_PER_READ = 1_000


class Feed:
    """What happened lately; grows only while somebody listens. Used on one loop."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._listeners = 0
        self._events: list[Happened] = []
        self._floor = 0
        self._newest: int | None = None
        self._grown = asyncio.Event()

    async def open(self) -> int:
        """Begin to listen, and return the place behind the log."""
        place = await self._db.read(newest)
        self._listeners += 1
        if self._newest is None:
            self._floor = self._newest = place
        return place

    def close(self) -> None:
        """Listen no more."""
        self._listeners -= 1
        if not self._listeners:
            self._events, self._newest = [], None

    async def read(self) -> bool:
        """Read what is new in the log and return whether there is more (a tick)."""
        if self._newest is None:
            return False
        found = await self._db.read(read_events, Wanted(), self._newest, _PER_READ)
        if self._newest is None or found.upto <= self._newest:
            return False
        self._newest = found.upto
        self._keep(found.events)
        self.wake()
        return found.upto < found.newest

    def wake(self) -> None:
        """Let everybody look who waits."""
        self._grown.set()
        self._grown = asyncio.Event()

    def _keep(self, events: Sequence[Happened]) -> None:
        self._events += events
        if len(self._events) > KEPT:
            self._floor = self._events[-KEPT - 1].id
            del self._events[:-KEPT]

    def since(self, place: int, most: int) -> list[Happened] | None:
        """Return up to ``most`` events behind ``place``, oldest first; None when they are not all here any more."""
        if self._newest is None or place < self._floor:
            return None
        start = bisect_right(self._events, place, key=lambda event: event.id)
        return self._events[start : start + most]

    async def wait(self, timeout_s: float) -> None:
        """Return when there is something new, at the latest after ``timeout_s``."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._grown.wait()
        except TimeoutError:
            return
