"""Storing what happened to results: guarded writes, counters, evidence, events and limits, all in the caller's unit."""

from collections import Counter
from collections.abc import Sequence

from linkops.db import Tx
from linkops.events.interest import Interest
from linkops.events.kinds import CONFIG_RESULT
from linkops.events.store import record_events
from linkops.remote_config.pushes import stopping, wire
from linkops.remote_config.pushes.model import FailureKind, ResultStatus
from linkops.remote_config.pushes.progress import ResultState
from linkops.remote_config.pushes.results import store
from linkops.remote_config.pushes.results.store import Change, CountKey
from linkops.remote_config.states.store import Evidence, Given, record_known, record_refused, record_sent

_NEWS = frozenset({ResultStatus.DOWNLOADED, ResultStatus.ACKNOWLEDGED, ResultStatus.FAILED})


def save(tx: Tx, changes: Sequence[Change], interest: Interest) -> list[Change]:
    """Store each result as it is afterwards and return the changes that were made.

    One change a result. One that is no longer as it was before is left alone; everything else moves with the rest.
    """
    if not changes:
        return []
    saved = store.save_moves(tx, changes)
    made = [change for change in changes if (change.after.push_id, change.after.device_id) in saved]
    store.count(tx, _differences(made))
    _record_evidence(tx, made)
    moved = [change for change in made if change.before.status is not change.after.status]
    if interest.wants(CONFIG_RESULT):
        record_events(tx, [wire.result_changed(after, at) for _, after, at in moved if after.status in _NEWS])
    failed = {after.push_id: at for _, after, at in moved if after.status is ResultStatus.FAILED}
    for push_id in sorted(failed):
        stopping.judge(tx, push_id, failed[push_id])
    return made


def _differences(changes: Sequence[Change]) -> Counter[CountKey]:
    differences: Counter[CountKey] = Counter()
    for before, after, _ in changes:
        differences[_key(before)] -= 1
        differences[_key(after)] += 1
    return differences


def _key(result: ResultState) -> CountKey:
    return CountKey(result.push_id, result.status, result.failure_kind)


def _record_evidence(tx: Tx, changes: Sequence[Change]) -> None:
    """Remember what devices were given, and what they said; what they fetched is remembered where it is noticed."""
    sent = [_given(change) for change in changes if change.after.sent_at != change.before.sent_at]
    answered = [change for change in changes if change.after.answered_at != change.before.answered_at]
    record_sent(tx, sent)
    accepted = [change for change in answered if change.after.failure_kind is FailureKind.NONE]
    record_known(tx, [_given(change) for change in accepted], Evidence.ACKNOWLEDGED)
    record_refused(tx, [_given(change) for change in answered if change.after.failure_kind is FailureKind.REFUSED])


def _given(change: Change) -> Given:
    return Given(change.after.device_id, change.after.content_id, change.at)
