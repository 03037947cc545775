"""Stages of a push under way: what `stages` decides, carried out."""

from collections.abc import Mapping

from linkops.db import Tx
from linkops.remote_config.pushes import stages
from linkops.remote_config.pushes.model import Hold, ResultStatus
from linkops.remote_config.pushes.stages import Verdict
from linkops.remote_config.pushes.staging import store
from linkops.remote_config.pushes.store import Running

_HOLDS = {Verdict.HOLD_FOR_SOMEBODY: Hold.STAGE, Verdict.HOLD_AT_GATE: Hold.GATE}


def advance(tx: Tx, push_id: int, push: Running, counts: Mapping[ResultStatus, int], now: int) -> None:
    """Begin the first or the next stage of a filled push if it is time, or hold it."""
    if push.stage < 0:
        begin(tx, push_id, push, 0, now)
        return
    if push.hold is not Hold.NONE or push.offer_left or store.any_in_flight(tx, push_id):
        return
    store.set_reached(tx, push_id, now)
    reached_at = now if push.reached_at is None else push.reached_at
    verdict = stages.after_stage(push.strategy.stages[push.stage], stages.tally(counts), reached_at, now)
    if verdict is Verdict.GO_ON:
        begin(tx, push_id, push, push.stage + 1, now)
    elif verdict in _HOLDS:
        store.set_hold(tx, push_id, _HOLDS[verdict], now)


def begin(tx: Tx, push_id: int, push: Running, number: int, now: int) -> None:
    """Let a push reach the devices of stage ``number``; behind the last one: all that are left."""
    until = stages.devices_until_end_of(push.strategy.stages, number, push.total)
    last = number >= len(push.strategy.stages)
    store.begin_stage(tx, push_id, number, None if last else max(0, until - push.offered), now)
