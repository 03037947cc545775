"""Storing what happened to tasks: guarded writes, counters and events, all in the caller's unit of work."""

from collections import Counter
from collections.abc import Sequence

from linkops.db import Tx
from linkops.events.store import record_events
from linkops.ota import wire
from linkops.ota.rollout import TaskState
from linkops.ota.states import store
from linkops.ota.states.store import Change, CountKey


def save(tx: Tx, changes: Sequence[Change]) -> list[Change]:
    """Store each task as it is afterwards and return the changes of status that were made.

    One change a task. A task that is no longer as it was before is left alone; counters move with the rest.
    """
    steps = [change for change in changes if change.before.status is change.after.status]
    moves = [change for change in changes if change.before.status is not change.after.status]
    if steps:
        store.save_steps(tx, steps)
    return _move(tx, moves) if moves else []


def _move(tx: Tx, moves: Sequence[Change]) -> list[Change]:
    saved = store.save_moves(tx, moves)
    made = [move for move in moves if move.after.id in saved]
    store.count(tx, _differences(made))
    record_events(tx, [wire.task_ended(after, at) for _, after, at in made if after.ended_at is not None])
    return made


def _differences(moves: Sequence[Change]) -> Counter[CountKey]:
    differences: Counter[CountKey] = Counter()
    for before, after, _ in moves:
        differences[_key(before)] -= 1
        differences[_key(after)] += 1
    return differences


def _key(task: TaskState) -> CountKey:
    return CountKey(task.job_id, task.status, task.source_version, task.failure_kind)
