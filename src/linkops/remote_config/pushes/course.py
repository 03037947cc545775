"""What a push comes to by itself: stages, its end, links that run out, a switch that was turned off; bounded ticks."""

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.events.interest import Interest
from linkops.events.store import record_events
from linkops.remote_config.pushes import progress, stopping, store, wire
from linkops.remote_config.pushes.model import PushStatus, ResultStatus, StopReason
from linkops.remote_config.pushes.results import store as results
from linkops.remote_config.pushes.results.saving import save
from linkops.remote_config.pushes.results.store import Change
from linkops.remote_config.pushes.staging import advancing

_PUSHES_PER_TICK = 100
_RESULTS_PER_UNIT = 500
_DAY_MS = 86_400_000


class Course:
    """Advances and ends pushes when it is time."""

    def __init__(self, db: Database, clock: Clock, interest: Interest, keep_days: int) -> None:
        self._db = db
        self._clock = clock
        self._interest = interest
        self._keep_days = keep_days

    async def advance(self) -> bool:
        """Begin the next stage of pushes whose devices are done, hold them, or end them."""
        for push_id in await self._db.read(store.running, _PUSHES_PER_TICK):
            await self._db.write(_advance, push_id, self._clock.now())
        return False

    async def time_out(self) -> bool:
        """Let results fail whose link has run out, and return whether there may be more."""
        now = self._clock.now()
        if not await self._db.read(results.run_out, now, 1):
            return False
        return await self._db.write(_time_out, self._interest, now)

    async def stop_switched_off(self) -> bool:
        """Stop pushes of products whose configuration was switched off."""
        now = self._clock.now()
        off = await self._db.read(store.switched_off, _PUSHES_PER_TICK)
        for push_id in off:
            await self._db.write(stopping.stop, push_id, StopReason.SWITCHED_OFF, now)
        return len(off) == _PUSHES_PER_TICK

    async def delete_old(self) -> bool:
        """Delete results, then pushes, that are kept long enough; return whether there may be more."""
        before = self._clock.now() - self._keep_days * _DAY_MS
        return await self._db.write(store.delete_some_old, before, _RESULTS_PER_UNIT)


def _advance(tx: Tx, push_id: int, now: int) -> None:
    push = store.lock(tx, push_id)
    if push is None or push.status is not PushStatus.IN_PROGRESS or push.filled_at is None:
        return
    counts = results.counts_of(tx, push_id)
    if push.offer_left is not None:
        advancing.advance(tx, push_id, push, counts, now)
    elif not counts.get(ResultStatus.PENDING) and not counts.get(ResultStatus.SENT):
        _complete(tx, push_id, push, counts, now)


def _complete(tx: Tx, push_id: int, push: store.Running, counts: dict[ResultStatus, int], now: int) -> None:
    if not store.complete(tx, push_id, now):
        return
    done = PushStatus.COMPLETED
    record_events(tx, [wire.push_changed(push_id, push.product_id, push.version, done, StopReason.NONE, now)])
    if not counts.get(ResultStatus.OFFLINE) and not counts.get(ResultStatus.FAILED):
        store.close(tx, push_id, now)


def _time_out(tx: Tx, interest: Interest, now: int) -> bool:
    keys = results.run_out(tx, now, _RESULTS_PER_UNIT)
    changes = [Change(state, progress.silent(state, now), now) for state in results.named(tx, keys)]
    save(tx, [change for change in changes if change.after is not change.before], interest)
    return len(keys) == _RESULTS_PER_UNIT
