"""Filling: a job's tasks are made in chunks, each a unit of its own, so that reports never wait long for the writer.

It goes on where it stopped after a restart, and stops when the job is canceled.
"""

from collections import Counter

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.ota.filling import store
from linkops.ota.states.store import count

DEVICES_PER_UNIT = 1_000
_JOBS_PER_TICK = 20


class Filler:
    """Makes the tasks of new jobs."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def fill(self) -> bool:
        """Fill a bounded part of each waiting job and return whether there is more to do (a tick)."""
        more = False
        for job_id in await self._db.read(store.unfilled, _JOBS_PER_TICK):
            more = await self._db.write(fill_chunk, job_id, self._clock.now()) or more
        return more


def fill_chunk(tx: Tx, job_id: int, now: int) -> bool:
    """Make the tasks of the next devices of a job and return whether there are more."""
    job = store.filling(tx, job_id)
    if job is None:
        return False
    device_ids, last = store.next_devices(tx, job, DEVICES_PER_UNIT)
    if last is None:
        store.finish(tx, job_id, now)
        return False
    if device_ids:
        count(tx, Counter(store.add_tasks(tx, job, device_ids, now)))
    store.advance(tx, job_id, last)
    return True
