"""SQL of filling a job: which job, how far it is, and the tasks of its next devices."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from linkops.db import Row, Tx
from linkops.ota.candidates.store import Criteria, Place
from linkops.ota.jobs.store import read_scope
from linkops.ota.model import FailureKind, Selection, Targets, TaskStatus
from linkops.ota.rollout import CONFLICT_TEXT
from linkops.ota.states.store import CountKey
from linkops.ota.strategy import Strategy, read_strategy

_UNFILLED = """
SELECT id FROM ota_job WHERE ended_at IS NULL AND filled_at IS NULL AND status = 'IN_PROGRESS' ORDER BY id LIMIT :most
"""
_COLUMNS = """
id, product_id, module, version, targets, scope, source_versions, device_list_id, last_device_id, strategy, selection,
fill_cursor, fill_lot, fill_left
"""
_JOB = f"""
SELECT {_COLUMNS} FROM ota_job WHERE id = :job_id AND status = 'IN_PROGRESS' AND filled_at IS NULL{{for_update}}
"""  # noqa: S608 - names of our own columns
_DYNAMIC = f"""
SELECT {_COLUMNS} FROM ota_job
WHERE selection = 'DYNAMIC' AND status = 'IN_PROGRESS'
    AND product_id IN (SELECT r.id FROM {{products: id bigint}} r)
"""  # noqa: S608
_OVER_GROUPS = """
SELECT id FROM ota_job
WHERE selection = 'DYNAMIC' AND status = 'IN_PROGRESS' AND targets = 'GROUP' AND filled_at IS NOT NULL
"""
_WATCHING = f"SELECT {_COLUMNS} FROM ota_job WHERE id = :job_id AND status = 'IN_PROGRESS'"  # noqa: S608
_ADD_TASKS = """
INSERT INTO ota_task (job_id, device_id, module, lane, source_version, timeout_s, status, failure_kind, description,
    push_due_at, created_at, updated_at, ended_at)
SELECT :job_id, r.device_id, :module, :lane, r.version, :timeout_s, r.status, r.failure_kind, r.description,
    r.push_due_at, :now, :now, r.ended_at
FROM {tasks: device_id bigint, version text, status text, failure_kind text, description text, push_due_at bigint,
    ended_at bigint} r WHERE 1 = 1
"""
_ADVANCE = "UPDATE ota_job SET fill_cursor = :cursor, fill_lot = :lot, fill_left = :left WHERE id = :job_id"
_SET_LEFT = "UPDATE ota_job SET fill_left = :left WHERE id = :job_id AND fill_left IS NULL"
_FINISH = "UPDATE ota_job SET filled_at = :now, updated_at = :now WHERE id = :job_id"
_TASKS_OF_DEVICES = """
SELECT job_id, device_id, count(*), count(*) - count(ended_at) FROM ota_task
WHERE job_id IN (SELECT j.id FROM {jobs: id bigint} j) AND device_id IN (SELECT r.id FROM {devices: id bigint} r)
GROUP BY job_id, device_id
"""

_versions = msgspec.json.Decoder(tuple[str, ...])


class Filling(NamedTuple):
    """A job whose tasks are being made.

    Attributes:
        place: how far it is filled.
        left: tasks of a gray scale that are still to be made; None: not known yet, or no gray scale.
    """

    job_id: int
    criteria: Criteria
    strategy: Strategy
    selection: Selection
    place: Place
    left: int | None


class Had(NamedTuple):
    """How many tasks of a job a device has had, and how many of them have not ended."""

    tasks: int
    unfinished: int


NONE = Had(0, 0)


class NewTask(NamedTuple):
    """A task to be made; one that failed at once has ended."""

    device_id: int
    version: str
    status: TaskStatus
    failure_kind: FailureKind
    description: str
    push_due_at: int | None
    ended_at: int | None


def new_task(device_id: int, version: str, status: TaskStatus, push_due_at: int | None, now: int) -> NewTask:
    """Return a task that waits, or one that failed because of another one."""
    if status is not TaskStatus.FAILED:
        return NewTask(device_id, version, status, FailureKind.NONE, "", push_due_at, None)
    return NewTask(device_id, version, status, FailureKind.CONFLICT, CONFLICT_TEXT, None, now)


def unfilled(tx: Tx, most: int) -> list[int]:
    """Return up to ``most`` jobs that are not filled yet."""
    return [job_id for (job_id,) in tx.all(_UNFILLED, most=most)]


def filling(tx: Tx, job_id: int) -> Filling | None:
    """Return a job, locked, unless it is filled or was stopped."""
    row = tx.one(_JOB, job_id=job_id)
    return None if row is None else _filling(row)


def seen(tx: Tx, job_id: int) -> Filling | None:
    """Return the same as `filling`, for readers: nothing is locked."""
    row = tx.one(_JOB.replace("{for_update}", ""), job_id=job_id)
    return None if row is None else _filling(row)


def over_groups(tx: Tx) -> list[int]:
    """Return the dynamic jobs that look for devices of a group."""
    return [job_id for (job_id,) in tx.all(_OVER_GROUPS)]


def watching(tx: Tx, job_id: int) -> Filling | None:
    """Return a dynamic job that still looks for devices."""
    row = tx.one(_WATCHING, job_id=job_id)
    return None if row is None else _filling(row)


def dynamic(tx: Tx, product_ids: Sequence[int]) -> list[Filling]:
    """Return the jobs of these products that select devices whenever one comes to match."""
    return [_filling(row) for row in tx.all(_DYNAMIC, products=[(product_id,) for product_id in product_ids])]


def add_tasks(tx: Tx, job: Filling, lane: str, tasks: Sequence[NewTask], now: int) -> list[CountKey]:
    """Make tasks and return what they are counted by."""
    tx.run(
        _ADD_TASKS,
        job_id=job.job_id,
        module=job.criteria.module,
        lane=lane,
        timeout_s=job.strategy.timeout_s,
        tasks=tasks,
        now=now,
    )
    return [CountKey(job.job_id, task.status, task.version, task.failure_kind) for task in tasks]


def tasks_of_devices(tx: Tx, job_ids: Sequence[int], device_ids: Sequence[int]) -> dict[tuple[int, int], Had]:
    """Return how many tasks each device has had in each of these jobs, where it has had any."""
    jobs, devices = [(job_id,) for job_id in job_ids], [(device_id,) for device_id in device_ids]
    rows = tx.all(_TASKS_OF_DEVICES, jobs=jobs, devices=devices)
    return {(job_id, device_id): Had(*counted) for job_id, device_id, *counted in rows}


def advance(tx: Tx, job_id: int, place: Place, left: int | None) -> None:
    """Remember how far a job is filled."""
    tx.run(_ADVANCE, job_id=job_id, cursor=place.device_id, lot=place.lot, left=left)


def set_left(tx: Tx, job_id: int, left: int) -> None:
    """Store how many tasks a gray scale has, once."""
    tx.run(_SET_LEFT, job_id=job_id, left=left)


def finish(tx: Tx, job_id: int, now: int) -> None:
    """Record that a job is filled."""
    tx.run(_FINISH, job_id=job_id, now=now)


def _filling(row: Row) -> Filling:
    (job_id, product_id, module, version, targets, scope, versions, list_id, last_id, strategy, selection, *place) = row
    criteria = Criteria(
        product_id, module, version, Targets(targets), read_scope(scope), _versions.decode(versions), list_id, last_id
    )
    cursor, lot, left = place
    return Filling(job_id, criteria, read_strategy(strategy), Selection(selection), Place(cursor, lot), left)
