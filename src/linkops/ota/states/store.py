"""SQL of tasks as the rules see them. A write names the status and the attempt that it was decided on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from linkops.db import Row, Tx
from linkops.errors import Unavailable
from linkops.ota.model import FailureKind, TaskStatus
from linkops.ota.rollout import TaskState
from linkops.ota.strategy import read_strategy

_STATE = """
t.id, t.job_id, j.product_id, t.device_id, t.module, t.source_version, j.version, j.diff, j.strategy, t.timeout_s,
t.status, t.attempt, t.step, t.description, t.failure_kind, t.retries, t.retry_at, t.notified_at, t.progress_at,
t.timeout_at, t.ended_at
"""
# The lock is taken inside: locking what the join returns would lock the jobs too, one device after the other.
_SEEN_OF_DEVICES = f"""
SELECT {_STATE} FROM (
    SELECT * FROM ota_task
    WHERE device_id IN (SELECT r.id FROM {{devices: id bigint}} r) AND ended_at IS NULL
    ORDER BY device_id, lane
) t JOIN ota_job j ON j.id = t.job_id
"""  # noqa: S608 - names of our own columns
# What a lock is waited for is looked at again, and left out if it does not match any more. Here that is only the id, so
# that a task which has ended meanwhile is not passed over in silence: the one after it is not in the statement's sight.
_LIVE_OF_DEVICES = f"""
SELECT {_STATE} FROM (
    SELECT * FROM ota_task
    WHERE id IN (
        SELECT l.id FROM ota_task l
        WHERE l.device_id IN (SELECT r.id FROM {{devices: id bigint}} r) AND l.ended_at IS NULL
    )
    ORDER BY device_id, lane{{for_update}}
) t JOIN ota_job j ON j.id = t.job_id
"""  # noqa: S608
_LIVE = f"""
SELECT {_STATE} FROM (
    SELECT * FROM ota_task
    WHERE id IN (SELECT r.id FROM {{tasks: id bigint}} r) AND ended_at IS NULL ORDER BY id{{for_update}}
) t JOIN ota_job j ON j.id = t.job_id
"""  # noqa: S608
_OF_JOB = f"""
SELECT {_STATE} FROM (
    SELECT * FROM ota_task
    WHERE id IN (SELECT r.id FROM {{tasks: id bigint}} r) AND job_id = :job_id ORDER BY id{{for_update}}
) t JOIN ota_job j ON j.id = t.job_id
"""  # noqa: S608
# Apart from the statement below because it touches no indexed column: most reports are of this kind.
_SAVE_STEPS = """
UPDATE ota_task SET step = r.step, description = r.description, updated_at = r.at
FROM {steps: id bigint, attempt integer, step integer, description text, at bigint} r
WHERE ota_task.id = r.id AND ota_task.status = 'IN_PROGRESS' AND ota_task.attempt = r.attempt
    AND ota_task.step <= r.step
"""
_SAVE_MOVES = """
UPDATE ota_task SET status = r.status, step = r.step, description = r.description, failure_kind = r.failure_kind,
    retries = r.retries, retry_at = r.retry_at, notified_at = r.notified_at, progress_at = r.progress_at,
    timeout_at = r.timeout_at, ended_at = r.ended_at, push_due_at = r.push_at, updated_at = r.at
FROM {moves: id bigint, was text, attempt integer, status text, step integer, description text, failure_kind text,
    retries integer, retry_at bigint, notified_at bigint, progress_at bigint, timeout_at bigint, ended_at bigint,
    push_at bigint, at bigint} r
WHERE ota_task.id = r.id AND ota_task.status = r.was AND ota_task.attempt = r.attempt
RETURNING ota_task.id
"""
_ADD_CHANGES = """
INSERT INTO ota_task_change (task_id, at, status, attempt, reason)
SELECT r.task_id, r.at, r.status, r.attempt, r.reason
FROM {changes: task_id bigint, at bigint, status text, attempt integer, reason text} r WHERE 1 = 1
"""
_COUNT = """
INSERT INTO ota_job_count (job_id, status, source_version, failure_kind, tasks)
SELECT r.job_id, r.status, r.source_version, r.failure_kind, r.tasks
FROM {counts: job_id bigint, status text, source_version text, failure_kind text, tasks bigint} r WHERE 1 = 1
ON CONFLICT (job_id, status, source_version, failure_kind) DO UPDATE SET tasks = ota_job_count.tasks + excluded.tasks
"""


_JOBS_NAMED = """
SELECT id, product_id, package_id, module FROM ota_job WHERE id IN (SELECT r.id FROM {jobs: id bigint} r) ORDER BY id
"""

_READINGS = 5
"""Of tasks that others end meanwhile: each but the first two needs one more job that overwrites the one before."""


class JobNamed(NamedTuple):
    """What an event about a job names."""

    job_id: int
    product_id: int
    package_id: int
    module: str


class CountKey(NamedTuple):
    """What tasks are counted by."""

    job_id: int
    status: TaskStatus
    source_version: str
    failure_kind: FailureKind


class Change(NamedTuple):
    """A task before and after what happened to it at ``at``."""

    before: TaskState
    after: TaskState
    at: int


def live_of_devices(tx: Tx, device_ids: Iterable[int]) -> list[TaskState]:
    """Return the tasks of these devices that have not ended, locked until the unit ends.

    Also those that took the place of another while its lock was waited for.

    Raises:
        Unavailable: other servers end tasks of these devices faster than they can be read.
    """
    devices = [(device_id,) for device_id in device_ids]
    for _ in range(_READINGS):
        tasks = [_state(row) for row in tx.all(_LIVE_OF_DEVICES, devices=devices)]
        if all(task.ended_at is None for task in tasks):
            return tasks
    raise Unavailable("storage.busy")


def seen_of_devices(tx: Tx, device_ids: Iterable[int]) -> list[TaskState]:
    """Return the tasks of these devices that have not ended, for readers: nothing is locked."""
    return [_state(row) for row in tx.all(_SEEN_OF_DEVICES, devices=[(device_id,) for device_id in device_ids])]


def live(tx: Tx, task_ids: Iterable[int]) -> list[TaskState]:
    """Return those of these tasks that have not ended, locked until the unit ends."""
    return [_state(row) for row in tx.all(_LIVE, tasks=[(task_id,) for task_id in task_ids])]


def of_job(tx: Tx, job_id: int, task_ids: Iterable[int]) -> list[TaskState]:
    """Return those of these tasks that are of a job, whether or not they have ended, locked until the unit ends."""
    rows = tx.all(_OF_JOB, job_id=job_id, tasks=[(task_id,) for task_id in task_ids])
    return [_state(row) for row in rows]


def save_steps(tx: Tx, changes: Sequence[Change]) -> None:
    """Store progress that did not change a status."""
    steps = [(after.id, after.attempt, after.step, after.description, at) for _, after, at in changes]
    tx.run(_SAVE_STEPS, steps=steps)


def save_moves(tx: Tx, changes: Sequence[Change]) -> set[int]:
    """Store changes of status and return the ids of the tasks that were still as they were before."""
    moves = [
        (
            after.id,
            before.status,
            before.attempt,
            after.status,
            after.step,
            after.description,
            after.failure_kind,
            after.retries,
            after.retry_at,
            after.notified_at,
            after.progress_at,
            after.timeout_at,
            after.ended_at,
            after.push_at,
            at,
        )
        for before, after, at in changes
    ]
    return {task_id for (task_id,) in tx.all(_SAVE_MOVES, moves=moves)}


def add_changes(tx: Tx, changes: Sequence[Change]) -> None:
    """Add to the history of tasks what was just stored."""
    rows = [(after.id, at, after.status, after.attempt, after.description) for _, after, at in changes]
    tx.run(_ADD_CHANGES, changes=rows)


def count(tx: Tx, differences: Mapping[CountKey, int]) -> None:
    """Add ``differences`` to the counters of jobs."""
    counts = [(*key, tasks) for key, tasks in sorted(differences.items()) if tasks]
    if counts:
        tx.run(_COUNT, counts=counts)


def jobs_named(tx: Tx, job_ids: Iterable[int]) -> list[JobNamed]:
    """Return what events about these jobs name."""
    return [JobNamed(*row) for row in tx.all(_JOBS_NAMED, jobs=[(job_id,) for job_id in job_ids])]


_STATUSES = {status.value: status for status in TaskStatus}
_KINDS = {kind.value: kind for kind in FailureKind}


def _state(row: Row) -> TaskState:
    # By position, since naming the fields takes a microsecond that each report would pay.
    fields = [*row]
    fields[7], fields[8] = bool(row[7]), read_strategy(row[8])
    fields[10], fields[14] = _STATUSES[row[10]], _KINDS[row[14]]
    return TaskState(*fields)
