"""Who an update is for, counted: read in chunks beside the writer, nothing is kept."""

from collections import Counter
from collections.abc import AsyncIterator

import msgspec

from linkops.db import Database, Tx
from linkops.ota.candidates import store
from linkops.ota.candidates.store import START, Candidate, Criteria, Place
from linkops.ota.conflicts import judge
from linkops.ota.rollout import TaskState
from linkops.ota.states.store import seen_of_devices
from linkops.ota.strategy import Strategy

DEVICES_PER_READ = 5_000
NAMES_SHOWN = 20


class Survey(msgspec.Struct, kw_only=True):
    """What a job would find now.

    Attributes:
        devices: that need the update and whom the job is for.
        online: of these.
        busy: of these; another update of them is not finished and does not give way.
        versions: devices by the version that they run; '' if they never said.
    """

    devices: int = 0
    online: int = 0
    busy: int = 0
    versions: Counter[str] = msgspec.field(default_factory=Counter)


async def survey(db: Database, wanted: Criteria, strategy: Strategy, now: int) -> Survey:
    """Count all candidates."""
    found = Survey()
    async for candidates, live in _chunks(db, wanted, now):
        unfinished: dict[int, list[TaskState]] = {}
        for task in live:
            unfinished.setdefault(task.device_id, []).append(task)
        found.devices += len(candidates)
        found.online += sum(candidate.online for candidate in candidates)
        found.busy += sum(judge(strategy, wanted.module, tasks).conflicted for tasks in unfinished.values())
        found.versions.update(candidate.version for candidate in candidates)
    return found


async def count(db: Database, wanted: Criteria, now: int) -> int:
    """Return how many candidates there are."""
    return sum([len(candidates) async for candidates, _ in _chunks(db, wanted, now)])


async def any_candidate(db: Database, wanted: Criteria, now: int) -> bool:
    """Return whether there is a candidate."""
    async for candidates, _ in _chunks(db, wanted, now):
        if candidates:
            return True
    return False


async def _chunks(db: Database, wanted: Criteria, now: int) -> AsyncIterator[tuple[list[Candidate], list[TaskState]]]:
    place: Place | None = START
    while place is not None:
        candidates, live, place = await db.read(_chunk, wanted, place, now)
        yield candidates, live


def _chunk(tx: Tx, wanted: Criteria, place: Place, now: int) -> tuple[list[Candidate], list[TaskState], Place | None]:
    device_ids, reached = store.next_devices(tx, wanted, place, DEVICES_PER_READ, now)
    candidates = store.matching(tx, wanted, device_ids)
    return candidates, seen_of_devices(tx, [candidate.device_id for candidate in candidates]), reached
