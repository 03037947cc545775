"""Storing what happened to tasks: guarded writes, counters and events, all in the caller's unit of work."""

from collections import Counter
from collections.abc import Sequence

from linkops.db import Tx
from linkops.events.store import record_events
from linkops.ota import wire
from linkops.ota.model import FailureKind
from linkops.ota.rollout import TaskState
from linkops.ota.states import store
from linkops.ota.states.limits import abort_jobs
from linkops.ota.states.store import Change, CountKey


def save(tx: Tx, changes: Sequence[Change]) -> list[Change]:
    """Store each task as it is afterwards and return the changes that were made, but for mere progress.

    One change a task. A task that is no longer as it was before is left alone; counters and history move with the rest.
    """
    steps = [change for change in changes if _is_progress(change)]
    moves = [change for change in changes if not _is_progress(change)]
    if steps:
        store.save_steps(tx, steps)
    return _move(tx, moves) if moves else []


def _is_progress(change: Change) -> bool:
    """Return whether nothing but how far a device is has changed: most changes are of this kind."""
    before, after, _ = change
    return (before.status, before.retries, before.progress_at, before.timeout_at) == (
        after.status,
        after.retries,
        after.progress_at,
        after.timeout_at,
    )


def _move(tx: Tx, moves: Sequence[Change]) -> list[Change]:
    saved = store.save_moves(tx, moves)
    made = [move for move in moves if move.after.id in saved]
    store.count(tx, _differences(made))
    store.add_changes(tx, made)
    record_events(tx, [wire.task_ended(after, at) for _, after, at in made if _is_news(after)])
    abort_jobs(tx, made)
    return made


def _is_news(task: TaskState) -> bool:
    """Whether applications hear of it: of a task that ended, unless it failed at once (docs/subscriptions.md#kinds)."""
    return task.ended_at is not None and task.failure_kind is not FailureKind.CONFLICT


def _differences(moves: Sequence[Change]) -> Counter[CountKey]:
    differences: Counter[CountKey] = Counter()
    for before, after, _ in moves:
        differences[_key(before)] -= 1
        differences[_key(after)] += 1
    return differences


def _key(task: TaskState) -> CountKey:
    return CountKey(task.job_id, task.status, task.source_version, task.failure_kind)
