"""Dynamic jobs over groups: whoever is in the group and had no task of the job gets one.

Groups are looked through in chunks beside the writer, one round after the other: devices enter a group by anything
that its query asks for. A large group is looked through less often: never more than a twentieth of the time.
"""

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.ota.candidates import store as candidates
from linkops.ota.candidates.store import START, Place
from linkops.ota.filling import store
from linkops.ota.filling.making import make_tasks, without_task

DEVICES_PER_LOOK = 2_000
ROUND_MS = 10_000
_SHARE = 20


class _Round:
    """How far a job has looked through its group, since when, and when it looks again."""

    def __init__(self, now: int) -> None:
        self.place: Place | None = START
        self.began_at = now
        self.again_at = now

    def end(self, now: int) -> None:
        self.place = None
        self.again_at = now + max(ROUND_MS, _SHARE * (now - self.began_at))


class GroupWatch:
    """Gives devices that enter a group their task."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._rounds: dict[int, _Round] = {}

    async def look(self) -> bool:
        """Look at the next devices of each group and return whether a round goes on (a tick)."""
        now = self._clock.now()
        jobs = await self._db.read(store.over_groups)
        kept = self._rounds
        self._rounds = {job_id: kept.get(job_id) or _Round(now) for job_id in jobs}
        due = [job_id for job_id, its_round in self._rounds.items() if its_round.again_at <= now]
        return any([await self._look(job_id, now) for job_id in due])

    async def _look(self, job_id: int, now: int) -> bool:
        if self._rounds[job_id].place is None:
            self._rounds[job_id] = _Round(now)
        its_round = self._rounds[job_id]
        newcomers, place = await self._db.read(_newcomers, job_id, its_round.place or START, now)
        if newcomers:
            await self._db.write(_add, job_id, newcomers, now)
        its_round.place = place
        if place is None:
            its_round.end(self._clock.now())
        return place is not None


def _newcomers(tx: Tx, job_id: int, place: Place, now: int) -> tuple[list[int], Place | None]:
    job = store.watching(tx, job_id)
    if job is None:
        return [], None
    device_ids, reached = candidates.next_devices(tx, job.criteria, place, DEVICES_PER_LOOK, now)
    found = without_task(tx, job, candidates.matching(tx, job.criteria, device_ids))
    return [candidate.device_id for candidate in found], reached


def _add(tx: Tx, job_id: int, device_ids: list[int], now: int) -> None:
    job = store.watching(tx, job_id)
    if job is not None:
        candidates.lock(tx, device_ids)
        make_tasks(tx, job, without_task(tx, job, candidates.matching(tx, job.criteria, device_ids)), now)
