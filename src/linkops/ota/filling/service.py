"""Filling: a job's tasks are made in chunks, each a unit of its own, so that reports never wait long for the writer.

It goes on where it stopped after a restart, and stops when the job is canceled.
"""

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.ota.candidates import store as candidates
from linkops.ota.candidates.survey import count, gray_devices
from linkops.ota.filling import store
from linkops.ota.filling.making import make_tasks, without_task
from linkops.ota.filling.store import Filling
from linkops.ota.model import Selection, Targets
from linkops.ota.strategy import DynamicMode

DEVICES_PER_UNIT = 500
"""Reports wait for such a unit: 1,000 add 28 ms to their p99 (a million filled in 9 s), 500 add 18 ms (14 s)."""
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
            await self._measure(job_id)
            more = await self._db.write(fill_chunk, job_id, self._clock.now()) or more
        return more

    async def _measure(self, job_id: int) -> None:
        """Find out how many devices a gray scale takes, which depends on how many there are."""
        job = await self._db.read(store.seen, job_id)
        if job is None or job.criteria.targets is not Targets.GRAY or job.left is not None:
            return
        devices = await count(self._db, job.criteria, self._clock.now())
        await self._db.write(store.set_left, job_id, gray_devices(devices, job.criteria.scope.percent or 0.0))


def fill_chunk(tx: Tx, job_id: int, now: int) -> bool:
    """Make the tasks of the next devices of a job and return whether there are more."""
    job = store.filling(tx, job_id)
    if job is None:
        return False
    if _is_full(job):
        store.finish(tx, job_id, now)
        return False
    device_ids, place = candidates.next_devices(tx, job.criteria, job.place, DEVICES_PER_UNIT, now)
    if place is None:
        store.finish(tx, job_id, now)
        return False
    candidates.lock(tx, device_ids)
    found = candidates.matching(tx, job.criteria, device_ids)[: job.left]
    if job.selection is Selection.DYNAMIC:
        # What a device reported may have given it a task meanwhile.
        found = without_task(tx, job, found)
    make_tasks(tx, job, found, now)
    store.advance(tx, job_id, place, None if job.left is None else job.left - len(found))
    return True


def _is_full(job: Filling) -> bool:
    only_later = job.selection is Selection.DYNAMIC and job.strategy.dynamic_mode is DynamicMode.NEW_REPORTS
    return only_later or job.left == 0
