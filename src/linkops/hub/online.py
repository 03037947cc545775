"""All connections of this hub, and which device is carried by which."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import structlog

from linkops.bus import Answered, Broadcast, Downlink, MessageRecord, Outcome, Question
from linkops.devices.presence.model import Seen
from linkops.devices.topics.model import Access, TopicRule
from linkops.errors import Unavailable
from linkops.hub.context import Context
from linkops.hub.wheel import Wheel
from linkops.mqtt.reasons import Reason

if TYPE_CHECKING:
    from linkops.hub.carried import Carried
    from linkops.hub.connection import Connection

_log = structlog.get_logger(__name__)

_BROADCASTS_PER_TURN = 200


class Online:
    """Connections, and who is carried by device; what the bus calls (`linkops.bus.Port`)."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._by_id: dict[int, Carried] = {}
        self._all: set[Connection] = set()
        self._wheel: Wheel[Connection] = Wheel(context.loop.time())
        self._tasks: set[asyncio.Task[Any]] = set()
        self._flushed_s = context.loop.time()

    def __len__(self) -> int:
        return len(self._all)

    def connections(self) -> "list[Connection]":
        """Return all that are open, logged in or not."""
        return list(self._all)

    # Coming and going

    def opened(self, connection: "Connection") -> None:
        """Take note of a new socket."""
        self._all.add(connection)
        self._context.counts.connections = len(self._all)
        self._wheel.add(connection)

    def logged_in(self, carried: "Carried", device_id: int) -> None:
        """Let a connection carry a device from now on; where another one did, that ends, or only its sub-device."""
        older = self._by_id.get(device_id)
        self._by_id[device_id] = carried
        if older is not None and older is not carried:
            older.end(device_id, Reason.SESSION_TAKEN_OVER, "taken_over")
        self._wheel.add(carried.connection)

    def left(self, carried: "Carried", device_ids: Iterable[int]) -> None:
        """Forget devices that a connection carries no more."""
        for device_id in device_ids:
            if self._by_id.get(device_id) is carried:
                del self._by_id[device_id]

    def closed(self, connection: "Connection") -> None:
        """Forget a socket."""
        self._all.discard(connection)
        self._wheel.discard(connection)
        self._context.counts.connections = len(self._all)

    # What the bus calls

    def deliver(self, downlinks: Sequence[Downlink]) -> list[bool]:
        """Write messages; True for each that went into a live connection."""
        return [self._deliver(downlink) for downlink in downlinks]

    def _deliver(self, downlink: Downlink) -> bool:
        carried = self._by_id.get(downlink.device_id)
        return carried is not None and carried.deliver(downlink)

    def kick(self, device_ids: Sequence[int], reason: str) -> None:
        """Close the connections of these devices, a gateway's with all it carries; of a sub-device only its session."""
        for device_id in device_ids:
            carried = self._by_id.get(device_id)
            if carried is not None:
                carried.end(device_id, Reason.ADMINISTRATIVE_ACTION, reason)

    def record_messages(self, device_id: int, *, on: bool) -> None:
        """Start or stop the live message log of a device."""
        recorder = self._context.message_log.switch(device_id, on=on)
        carried = self._by_id.get(device_id)
        if carried is not None:
            carried.record(device_id, recorder)

    def messages(self, device_id: int, after: int) -> list[MessageRecord] | None:
        """Return the kept messages with a number above ``after``; None when none are kept."""
        recorder = self._context.message_log.of(device_id)
        return None if recorder is None else [record for record in recorder.records if record.number > after]

    def change_topics(self, product_id: int, rules: Sequence[tuple[str, str]]) -> None:
        """Hold a product's devices to these rules from now on, those that are connected, too."""
        self._context.permissions.replace(product_id, [TopicRule(path, Access(access)) for path, access in rules])

    async def broadcast(self, broadcast: Broadcast) -> int:
        """Write a message to those who subscribe to its topic; others have their turn in between."""
        written = 0
        for number, (device_id, carried) in enumerate(list(self._by_id.items()), 1):
            device = carried.own.device
            # Not over gateways: a filter for all devices of a product names none of theirs.
            if (device.device_id, device.product_id) == (device_id, broadcast.product_id):
                downlink = Downlink(device_id, broadcast.topic, broadcast.payload, broadcast.qos)
                written += carried.deliver(downlink)
            if number % _BROADCASTS_PER_TURN == 0:
                await asyncio.sleep(0)
        return written

    async def ask(self, question: Question) -> Answered:
        """Send a question, and return what came of it."""
        return await self._context.questions.ask(question, lambda: self._send_question(question))

    def _send_question(self, question: Question) -> Outcome | None:
        downlink = question.downlink
        carried = self._by_id.get(downlink.device_id)
        if carried is None:
            return Outcome.OFFLINE
        understood = carried.own.device.custom_rrpc or not question.custom
        if not understood or not carried.hears(downlink.device_id, downlink.topic):
            return Outcome.NOT_SUBSCRIBED
        return None if carried.deliver(downlink) else Outcome.NO_ROOM

    # Persistent sessions

    def send_stored(self, carried: "Carried", device_id: int) -> None:
        """Send what was kept while the device was away."""
        self._spawn(self._send_stored(carried, device_id))

    async def _send_stored(self, carried: "Carried", device_id: int) -> None:
        for stored in await self._context.presence.stored_downlinks(device_id):
            if not carried.deliver_stored(device_id, stored):
                return

    def keep(self, downlinks: Sequence[Downlink]) -> None:
        """Store what a device did not acknowledge before its connection ended."""
        self._spawn(self._context.presence.keep(downlinks))

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Unavailable):
            _log.warning("session not stored", code=error.code)
        elif error is not None:
            _log.error("session work failed", exc_info=error)

    async def finish(self) -> None:
        """Wait for what is being stored."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Ticks

    async def sweep(self) -> bool:
        """End connections that are past their deadline."""
        for connection in self._wheel.overdue(self._context.loop.time()):
            why = "connect_timeout" if connection.carried is None else "keep_alive_timeout"
            connection.end(Reason.KEEP_ALIVE_TIMEOUT, why)
        return False

    async def record_seen(self) -> bool:
        """Store signs of life that came since the last time."""
        now_s, now = self._context.loop.time(), self._context.clock.now()
        since_s, self._flushed_s = self._flushed_s, now_s
        seen = [
            Seen(device_id, now - int((now_s - heard_at_s) * 1_000))
            for device_id, carried in self._by_id.items()
            if (heard_at_s := carried.heard_at_s(device_id)) > since_s
        ]
        await self._context.presence.seen(seen)
        return False
