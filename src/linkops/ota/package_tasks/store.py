"""SQL of a package's tasks over all of its jobs: which jobs have some is read from their counters."""

from typing import NamedTuple

from linkops.db import Tx
from linkops.ota.model import TaskStatus

_JOBS = """
SELECT j.id, sum(c.tasks) FROM ota_job j JOIN ota_job_count c ON c.job_id = j.id
WHERE j.package_id = :package_id AND (CAST(:status AS TEXT) IS NULL OR c.status = :status)
GROUP BY j.id HAVING sum(c.tasks) > 0 ORDER BY j.id DESC
"""
_COUNTS = """
SELECT c.status, sum(c.tasks) FROM ota_job j JOIN ota_job_count c ON c.job_id = j.id
WHERE j.package_id = :package_id GROUP BY c.status
"""
_BY_NAME = """
SELECT t.id, d.device_name FROM device d JOIN ota_task t ON t.device_id = d.id
WHERE d.product_id = :product_id AND d.device_name >= :least AND d.device_name < :below
    AND t.job_id IN (SELECT j.id FROM ota_job j WHERE j.package_id = :package_id)
    AND (d.device_name <> :after OR t.id < :below_id)
    AND (CAST(:status AS TEXT) IS NULL OR t.status = :status)
ORDER BY d.device_name, t.id DESC LIMIT :most
"""


class JobTasks(NamedTuple):
    """A job, and how many of the wanted tasks it has."""

    job_id: int
    tasks: int


def jobs(tx: Tx, package_id: int, status: TaskStatus | None) -> list[JobTasks]:
    """Return the jobs of a package that have tasks in a status (None: any), the newest first."""
    rows = tx.all(_JOBS, package_id=package_id, status=status)
    return [JobTasks(job_id, int(tasks)) for job_id, tasks in rows]


def counts(tx: Tx, package_id: int) -> dict[TaskStatus, int]:
    """Return the tasks of all jobs of a package by status; every status is there."""
    found = {TaskStatus(status): int(tasks) for status, tasks in tx.all(_COUNTS, package_id=package_id)}
    return dict.fromkeys(TaskStatus, 0) | found


def by_device_name(
    tx: Tx,
    package_id: int,
    product_id: int,
    prefix: str,
    status: TaskStatus | None,
    after: tuple[str, int],
    most: int,
) -> list[tuple[int, str]]:
    """Return up to ``most`` tasks by device name, the newest of a device first, behind ``after``: ids and names."""
    rows = tx.all(
        _BY_NAME,
        package_id=package_id,
        product_id=product_id,
        least=max(prefix, after[0]),
        below=prefix + "\U0010ffff",
        after=after[0],
        below_id=after[1],
        status=status,
        most=most,
    )
    return [(task_id, device_name) for task_id, device_name in rows]
