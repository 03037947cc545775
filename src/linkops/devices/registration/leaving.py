"""Gateways that part with sub-devices by ``thing/sub/unregister``; nothing but the bond is deleted."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from linkops.alink.registration import RegistrationFault
from linkops.bus import LocalBus
from linkops.db import Database, Tx
from linkops.devices.model import DeviceKey
from linkops.devices.registration import store

MESSAGES_PER_UNIT = 100


class Leaving(NamedTuple):
    """A gateway gives these sub-devices up: all of them, or none."""

    gateway_id: int
    keys: Sequence[DeviceKey]


class Unregistrations:
    """What the hub's route calls."""

    def __init__(self, db: Database, bus: LocalBus) -> None:
        self._bus = bus
        self._messages = db.batcher(_unregister, max_items=MESSAGES_PER_UNIT)
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, item: Leaving, done: Callable[[RegistrationFault | Exception | None], None]) -> None:
        """Part with sub-devices; ``done`` hears why not, or None once their sessions have ended.

        Raises:
            Unavailable: the database takes no more now.
        """
        self._messages.put(item, partial(self._committed, done))

    def _committed(
        self,
        done: Callable[[RegistrationFault | Exception | None], None],
        result: RegistrationFault | list[int] | Exception,
    ) -> None:
        if not isinstance(result, list):
            done(result)
            return
        task = asyncio.get_running_loop().create_task(self._end_sessions(result, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end_sessions(
        self, ended: list[int], done: Callable[[RegistrationFault | Exception | None], None]
    ) -> None:
        await self._bus.kick(ended, "unregistered by its gateway")
        done(None)


def _unregister(tx: Tx, messages: Sequence[Leaving]) -> list[RegistrationFault | list[int]]:
    found = store.candidates(tx, {key for each in messages for key in each.keys})
    gone: set[int] = set()
    results: list[RegistrationFault | list[int]] = []
    for each in messages:
        candidates = [found.get(key) for key in each.keys]
        ids = [candidate.device_id for candidate in candidates if candidate and candidate.device_id]
        own = {c.device_id for c in candidates if c and c.gateway_id == each.gateway_id} - gone
        if len(ids) < len(each.keys):
            results.append(RegistrationFault.NO_DEVICE)
        elif not own.issuperset(ids):
            results.append(RegistrationFault.NO_RELATION)
        else:
            results.append(store.unbind(tx, each.gateway_id, ids))
            gone.update(ids)
    return results
