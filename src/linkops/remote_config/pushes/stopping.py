"""Stopping pushes, by somebody or by themselves: from the commit on, nobody new is told of them."""

from linkops.db import Tx
from linkops.events.actor import SYSTEM, Actor
from linkops.events.store import record_audit, record_events
from linkops.remote_config.pushes import store, wire
from linkops.remote_config.pushes.model import PushStatus, StopReason
from linkops.remote_config.pushes.results import store as results
from linkops.remote_config.pushes.stages import tally, too_many_failures


def stop(tx: Tx, push_id: int, reason: StopReason, now: int, actor: Actor = SYSTEM) -> bool:
    """Cancel a push that is in progress; of one that is over, wait for no more devices. Return whether that is new."""
    push = store.lock(tx, push_id)
    if push is None or push.closed_at is not None:
        return False
    target = f"config_push:{push_id}"
    if push.status is PushStatus.IN_PROGRESS:
        store.cancel(tx, push_id, reason, now)
        canceled = PushStatus.CANCELED
        record_events(tx, [wire.push_changed(push_id, push.product_id, push.version, canceled, reason, now)])
    else:
        store.close(tx, push_id, now)
    record_audit(tx, actor, now, "config.push_cancel", target, product_id=push.product_id, reason=reason)
    return True


def judge(tx: Tx, push_id: int, now: int) -> None:
    """Stop a push if too many of its devices failed."""
    limit = store.strategy_of(tx, push_id).stop_at
    if too_many_failures(limit, tally(results.counts_of(tx, push_id))):
        stop(tx, push_id, StopReason.FAILURES, now)
