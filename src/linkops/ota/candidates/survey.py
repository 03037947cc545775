"""Who an update is for, counted: read in chunks beside the writer, nothing is kept."""

from collections import Counter
from collections.abc import AsyncIterator

import msgspec

from linkops.db import Database, Tx
from linkops.ota.candidates import store
from linkops.ota.candidates.store import START, Candidate, Criteria, Place
from linkops.ota.conflicts import judge
from linkops.ota.model import Targets
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
    """Count all candidates; of a gray scale, those that it takes."""
    found, left = Survey(), None
    if wanted.targets is Targets.GRAY:
        left = gray_devices(await count(db, wanted, now), wanted.scope.percent or 0.0)
    async for all_candidates, all_live in _chunks(db, wanted, now):
        room = None if left is None else max(0, left - found.devices)
        candidates = all_candidates[:room]
        taken = {candidate.device_id for candidate in candidates}
        live = [task for task in all_live if task.device_id in taken]
        unfinished: dict[int, list[TaskState]] = {}
        for task in live:
            unfinished.setdefault(task.device_id, []).append(task)
        found.devices += len(candidates)
        found.online += sum(candidate.online for candidate in candidates)
        found.busy += sum(judge(strategy, wanted.module, tasks).conflicted for tasks in unfinished.values())
        found.versions.update(candidate.version for candidate in candidates)
    return found


def gray_devices(devices: int, percent: float) -> int:
    """Return how many of ``devices`` a gray scale takes: rounded down, at least one where there is one."""
    # In thousandths of a percent: 33.33 percent of 100 is 33, whatever binary fractions say.
    return min(devices, max(1, devices * round(percent * 1_000) // 100_000))


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
