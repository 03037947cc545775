"""SQL of what becomes due by itself."""

from typing import NamedTuple

from linkops.db import Tx
from linkops.ota.model import JobKind, JobStatus

_OVERDUE = "SELECT id FROM ota_task WHERE timeout_at <= :now ORDER BY timeout_at LIMIT :most"
_OF_NOBODY = """
SELECT t.id FROM ota_task t LEFT JOIN device d ON d.id = t.device_id
WHERE t.ended_at IS NULL AND d.id IS NULL LIMIT :most
"""
_DONE = """
ended_at IS NULL AND filled_at IS NOT NULL AND (selection = 'STATIC' OR status <> 'IN_PROGRESS') AND NOT EXISTS (
    SELECT 1 FROM ota_job_count c
    WHERE c.job_id = ota_job.id AND c.status IN ('CONFIRM', 'QUEUED', 'NOTIFIED', 'IN_PROGRESS') AND c.tasks > 0
)
"""
_ANY_DONE = f"SELECT 1 FROM ota_job WHERE {_DONE} LIMIT 1"  # noqa: S608 - our own text
_END_DONE = f"""
UPDATE ota_job SET status = CASE WHEN status = :running THEN :completed ELSE status END,
    cancel_statuses = '[]', hold_reason = '', ended_at = :now, updated_at = :now
WHERE id IN (SELECT id FROM ota_job WHERE {_DONE} LIMIT :most) AND {_DONE}
RETURNING id, product_id, status, kind, package_id
"""  # noqa: S608
_DELETE_TASKS = """
DELETE FROM ota_task WHERE id IN (
    SELECT t.id FROM ota_job j JOIN ota_task t ON t.job_id = j.id WHERE j.ended_at < :before LIMIT :most
)
"""


def overdue(tx: Tx, now: int, most: int) -> list[int]:
    """Return up to ``most`` tasks whose time is over."""
    return [task_id for (task_id,) in tx.all(_OVERDUE, now=now, most=most)]


def of_nobody(tx: Tx, most: int) -> list[int]:
    """Return up to ``most`` unfinished tasks whose device is gone."""
    return [task_id for (task_id,) in tx.all(_OF_NOBODY, most=most)]


def any_done(tx: Tx) -> bool:
    """Return whether a job has nothing left to do."""
    return tx.scalar(_ANY_DONE) is not None


class EndedJob(NamedTuple):
    """A job that just ended."""

    job_id: int
    product_id: int
    status: JobStatus
    kind: JobKind
    package_id: int


def end_done(tx: Tx, now: int, most: int) -> list[EndedJob]:
    """End up to ``most`` jobs that have nothing left to do and return them."""
    params = {"running": JobStatus.IN_PROGRESS, "completed": JobStatus.COMPLETED}
    rows = tx.all(_END_DONE, now=now, most=most, **params)
    return [EndedJob(row[0], row[1], JobStatus(row[2]), JobKind(row[3]), row[4]) for row in rows]


def delete_tasks(tx: Tx, before: int, most: int) -> int:
    """Delete up to ``most`` tasks of jobs that ended before ``before`` and return how many; counters stay."""
    return tx.run(_DELETE_TASKS, before=before, most=most)
