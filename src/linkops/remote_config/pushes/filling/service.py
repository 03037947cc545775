"""Filling: a push's results are made in chunks, each a unit of its own, so that nobody waits long for the writer.

It goes on where it stopped after a restart, and stops when the push is canceled.
"""

from collections import Counter
from collections.abc import Iterable

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.groups import store as groups
from linkops.devices.groups.access import members_after
from linkops.remote_config.pushes.filling import store
from linkops.remote_config.pushes.filling.store import Candidate, Filling, NewResult
from linkops.remote_config.pushes.model import FailureKind, ResultStatus, Target
from linkops.remote_config.pushes.results.store import CountKey, count

DEVICES_PER_UNIT = 500
_PUSHES_PER_TICK = 20


class Filler:
    """Makes the results of new pushes."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def fill(self) -> bool:
        """Fill a bounded part of each waiting push and return whether there is more to do (a tick)."""
        more = False
        for push_id in await self._db.read(store.unfilled, _PUSHES_PER_TICK):
            more = await self._db.write(fill_chunk, push_id, self._clock.now()) or more
        return more


def fill_chunk(tx: Tx, push_id: int, now: int) -> bool:
    """Make the results of the next devices of a push and return whether there are more."""
    push = store.filling(tx, push_id)
    if push is None:
        return False
    found, reached = _next(tx, push, now)
    if reached is None:
        store.finish(tx, push_id, now)
        return False
    made = make_results(tx, push_id, push.created_at, found, now)
    store.advance(tx, push_id, reached, made, now)
    return True


def make_results(tx: Tx, push_id: int, due_at: int, found: Iterable[Candidate], now: int) -> int:
    """Make a result for each of these devices that is enabled, and return how many; one online wants its push."""
    results = [_result(candidate, due_at) for candidate in found if candidate.enabled]
    if results:
        store.add(tx, push_id, results, now)
        statuses = Counter(result.status for result in results)
        kind = FailureKind.NONE
        count(tx, {CountKey(push_id, ResultStatus(status), kind): n for status, n in statuses.items()})
    return len(results)


def _next(tx: Tx, push: Filling, now: int) -> tuple[list[Candidate], int | None]:
    """Return the next devices, and up to which id that reaches; None: there are no more."""
    if push.target is not Target.GROUP:
        found = store.next_of_product(tx, push, DEVICES_PER_UNIT)
        return found, found[-1].device_id if found else None
    group = groups.by_id(tx, push.group_id or 0)
    ids = [] if group is None else members_after(tx, group, push.product_id, push.cursor, DEVICES_PER_UNIT, now)
    return store.these(tx, push, ids), ids[-1] if ids else None


def _result(candidate: Candidate, due_at: int) -> NewResult:
    # All are due at the same moment, so that the order within a push is that of lots: a tenth of every kind of device.
    if candidate.online:
        return NewResult(candidate.device_id, ResultStatus.PENDING, candidate.lot, due_at)
    return NewResult(candidate.device_id, ResultStatus.OFFLINE, candidate.lot, None)
