"""Live streams: events of the products that somebody may look at, as they happen, and before that what was missed.

A stream holds nothing but its place: a reader that is slow falls back to the log and costs no memory.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from linkops.db import Database, Tx
from linkops.devices.access import require_device, require_product
from linkops.devices.model import DeviceKey
from linkops.errors import Forbidden, Invalid, TooMany, Unauthenticated, Unavailable
from linkops.events.actor import ALL_PRODUCTS, Actor, Role
from linkops.events.kinds import USUAL, reader_of
from linkops.subscriptions.counts import Counts
from linkops.subscriptions.model import Happened
from linkops.subscriptions.reading.store import Wanted, read_events
from linkops.subscriptions.streams.feed import Feed
from linkops.subscriptions.urls import check_kinds
from linkops.subscriptions.wishes import Wishes

HEARTBEAT_S = 15.0
STREAMS_PER_ACCOUNT = 10
EVENTS_AT_ONCE = 200

Again = Callable[[], Awaitable[Actor]]
"""Returns who reads, asked anew; raises `Unauthenticated` or `Forbidden` when the token is not good any more."""


@dataclass(frozen=True, slots=True)
class StreamFilter:
    """Which events; None leaves a field open.

    Attributes:
        kinds: None: all but those that are recorded only when somebody names them.
        device_name: takes ``product_key``.
    """

    kinds: Sequence[str] | None = None
    product_key: str | None = None
    device_name: str | None = None
    job_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Scope:
    """A filter with ids instead of names."""

    kinds: frozenset[str]
    product_id: int | None
    device_id: int | None
    job_id: str | None


class Stream:
    """One reader's stream; `close` it, whether `pieces` was begun or not."""

    def __init__(self, streams: "Streams", actor: Actor, scope: _Scope, place: int, again: Again) -> None:
        self._streams = streams
        self._scope = scope
        self._again = again
        self._closed = False
        self._asked_at = asyncio.get_running_loop().time()
        self.actor = actor
        self.place = place

    async def pieces(self) -> AsyncIterator[list[Happened]]:
        """Yield events, oldest first, as they happen; an empty list is a sign of life.

        Ends when the reader's token is not good any more, or the server stops.
        """
        while not self._closed and await self._may_go_on():
            yield await self._next()

    def close(self) -> None:
        """Give the place to another; does nothing the second time."""
        if not self._closed:
            self._closed = True
            self._streams.forget(self)

    @property
    def kinds(self) -> frozenset[str]:
        """What this stream wants."""
        return self._scope.kinds

    async def _may_go_on(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._asked_at < self._streams.heartbeat_s:
            return True
        self._asked_at = now
        try:
            self.actor = await self._again()
        except (Unauthenticated, Forbidden):
            return False
        except Unavailable:
            return True  # a database that is away for a moment says nothing about the reader
        return self._scope.product_id is None or self.actor.may(Role.VIEWER, self._scope.product_id)

    async def _next(self) -> list[Happened]:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._streams.heartbeat_s
        while not self._closed and (left := until - loop.time()) > 0:
            before = self.place
            events = await self._look()
            if events:
                return events
            if self.place == before:
                await self._streams.feed.wait(left)
        return []

    async def _look(self) -> list[Happened]:
        """Return what is wanted of what comes next, and move the place behind it."""
        kept = self._streams.feed.since(self.place, EVENTS_AT_ONCE)
        if kept is None:
            found = await self._streams.read(self._wanted(), self.place)
            events, self.place = found
        else:
            events, self.place = kept, kept[-1].id if kept else self.place
        return [event for event in events if self._wants(event)]

    def _wanted(self) -> Wanted:
        scope = self._scope
        products = self.actor.visible_products() if scope.product_id is None else [scope.product_id]
        return Wanted(sorted(scope.kinds), products, scope.device_id)

    def _wants(self, event: Happened) -> bool:
        scope = self._scope
        return (
            event.kind in scope.kinds
            and self.actor.may(reader_of(event.kind), event.product_id)
            and (scope.product_id is None or event.product_id == scope.product_id)
            and (scope.device_id is None or event.device_id == scope.device_id)
            and (scope.job_id is None or event.body.get("jobId") == scope.job_id)
        )


class Streams:
    """All open streams; used on one loop."""

    def __init__(
        self, db: Database, feed: Feed, wishes: Wishes, counts: Counts, most: int, heartbeat_s: float = HEARTBEAT_S
    ) -> None:
        """``most`` streams are open at once."""
        self._db = db
        self._wishes = wishes
        self._counts = counts
        self._most = most
        self._open: dict[Stream, int] = {}
        self._of_account: Counter[int] = Counter()
        self.feed = feed
        self.heartbeat_s = heartbeat_s

    async def open(self, actor: Actor, wanted: StreamFilter, after: int | None, again: Again) -> Stream:
        """Return a stream of what happens from now on, or behind the event ``after``.

        ``again`` is asked every `HEARTBEAT_S` seconds.

        Raises:
            Invalid: kinds, or a device without its product.
            NotFound: product or device.
            Forbidden: one of the kinds takes more than a viewer, of the product or, where none is named, of all.
            TooMany: the account has `STREAMS_PER_ACCOUNT` open, or there are too many in all.
        """
        if wanted.kinds is not None:
            check_kinds(wanted.kinds)
        scope = await self._db.read(_scope, actor, wanted)
        newest = await self.feed.open()
        stream = Stream(self, actor, scope, newest if after is None else min(after, newest), again)
        self._admit(stream, actor.account_id or 0)
        return stream

    def _admit(self, stream: Stream, account: int) -> None:
        if len(self._open) >= self._most or self._of_account[account] >= STREAMS_PER_ACCOUNT:
            self.feed.close()
            raise TooMany("stream.too_many", most=self._most, most_of_account=STREAMS_PER_ACCOUNT, retry_after_s=15)
        self._open[stream] = account
        self._of_account[account] += 1
        self._counts.streams = len(self._open)
        self._wishes.stream_opened(stream.kinds)

    def forget(self, stream: Stream) -> None:
        """Take a closed stream off the list (called by the stream)."""
        self._of_account[self._open.pop(stream)] -= 1
        self._counts.streams = len(self._open)
        self._wishes.stream_closed(stream.kinds)
        self.feed.close()

    async def read(self, wanted: Wanted, after: int) -> tuple[list[Happened], int]:
        """Return events of the log behind ``after``, and the place behind them."""
        found = await self._db.read(read_events, wanted, after, EVENTS_AT_ONCE)
        return found.events, found.upto

    async def stop(self) -> None:
        """End all streams."""
        for stream in list(self._open):
            stream.close()
        self.feed.wake()


def _scope(tx: Tx, actor: Actor, wanted: StreamFilter) -> _Scope:
    if wanted.device_name is not None and wanted.product_key is None:
        raise Invalid("device.filter_needs_product", field="device_name")
    product_id = device_id = None
    if wanted.product_key is not None:
        product_id = require_product(tx, actor, Role.VIEWER, wanted.product_key).id
        if wanted.device_name is not None:
            device_id = require_device(tx, actor, Role.VIEWER, DeviceKey(wanted.product_key, wanted.device_name)).id
    job_id = None if wanted.job_id is None else str(wanted.job_id)
    kinds = frozenset(wanted.kinds or USUAL)
    for kind in kinds.difference(USUAL):  # these cost something from the moment when somebody wants them
        if reader_of(kind) > Role.VIEWER:
            actor.require(reader_of(kind), ALL_PRODUCTS if product_id is None else product_id)
    return _Scope(kinds, product_id, device_id, job_id)
