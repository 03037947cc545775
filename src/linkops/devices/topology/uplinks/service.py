"""Messages of gateways on their way to the units and back; called on the hub's loop."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

import structlog

from linkops.bus import LocalBus
from linkops.clock import Clock
from linkops.db import Batcher, Database
from linkops.devices.model import DeviceKey
from linkops.devices.topology import store
from linkops.devices.topology.judging import Refused
from linkops.devices.topology.uplinks.model import Adding, Answering, Finding, Removing
from linkops.devices.topology.uplinks.units import AddUnit, Judged, keep_found, record_answers, remove
from linkops.secretbox import SecretBox
from linkops.settings import Settings

_log = structlog.get_logger(__name__)

Item = TypeVar("Item")
MESSAGES_PER_UNIT = 100
READS_AT_ONCE = 2
"""Of the database's readers, when all gateways come back together; the others are left to people."""


class Following(Generic[Item]):
    """A batcher whose results have consequences: they are carried out before the gateway hears the answer.

    So a session that ends because its device moved ends before the new gateway can begin another.
    """

    def __init__(self, batcher: Batcher[Item, Judged], bus: LocalBus) -> None:
        self._batcher = batcher
        self._bus = bus
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, item: Item, done: Callable[[Refused | Exception | None], None]) -> None:
        """Queue a message; ``done`` hears why it changed nothing, or None.

        Raises:
            Unavailable: the database takes no more now.
        """
        self._batcher.put(item, partial(self._committed, done))

    def _committed(self, done: Callable[[Refused | Exception | None], None], judged: Judged | Exception) -> None:
        if isinstance(judged, Exception):
            done(judged)
            return
        task = asyncio.get_running_loop().create_task(self._follow(done, judged))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, done: Callable[[Refused | Exception | None], None], judged: Judged) -> None:
        try:
            await judged.aftermath.follow(self._bus)
        except Exception:  # noqa: BLE001 - it is stored: the gateway is answered whatever becomes of the notices
            _log.exception("topology notices not sent")
        done(judged.refused)


class Topologies:
    """Reads whole topologies beside the writer, which others wait for.

    As many wait as connections have messages outstanding, which the hub bounds.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._turn = asyncio.Semaphore(READS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, gateway_id: int, done: Callable[[list[DeviceKey] | Exception], None]) -> None:
        """Read the sub-devices of a gateway for ``done``."""
        task = asyncio.get_running_loop().create_task(self._read(gateway_id, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, gateway_id: int, done: Callable[[Any], None]) -> None:
        try:
            async with self._turn:
                read: list[DeviceKey] | Exception = await self._db.read(store.names, gateway_id)
        except Exception as error:  # noqa: BLE001 - told to who asked, which tells it from others
            read = error
        done(read)


class TopologyUplinks:
    """What the hub calls.

    Attributes:
        most_entries: sub-devices in one message.
        add: takes `Adding`.
        remove: takes `Removing`.
        found: takes `Finding`.
        topologies: takes the id of a gateway, answers its sub-devices.
        answer: takes `Answering`, answers whether somebody waited for it.
    """

    def __init__(self, db: Database, clock: Clock, box: SecretBox, bus: LocalBus, settings: Settings) -> None:
        self.most_entries = settings.topology_entries
        self.add: Following[Adding] = Following(
            db.batcher(AddUnit(clock, box, settings), max_items=MESSAGES_PER_UNIT), bus
        )
        self.remove: Following[Removing] = Following(
            db.batcher(lambda tx, messages: remove(tx, messages, clock.now()), max_items=MESSAGES_PER_UNIT), bus
        )
        self.found: Following[Finding] = Following(
            db.batcher(lambda tx, messages: keep_found(tx, messages, clock.now()), max_items=MESSAGES_PER_UNIT), bus
        )
        self.topologies = Topologies(db)
        self.answer: Batcher[Answering, bool] = db.batcher(lambda tx, answers: record_answers(tx, answers, clock.now()))
