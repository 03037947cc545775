"""SQL of jobs: create, find, stop."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from linkops.db import Row, Tx
from linkops.ota.model import Job, JobStatus, Package, Targets, TaskStatus
from linkops.ota.targeting import NewJob

_JOB = """
SELECT j.id, j.product_id, p.product_key, j.package_id, j.package_name, j.module, j.version, j.targets, j.status,
    j.stop_reason, j.source_versions, j.rate_per_minute, j.timeout_s, j.need_push, j.created_by, j.created_at,
    j.updated_at, j.started_at, j.filled_at, j.ended_at
FROM ota_job j JOIN product p ON p.id = j.product_id
"""
_BY_ID = _JOB + "WHERE j.id = :job_id"
_WANTED = """
WHERE (:all_products = 1 OR j.product_id IN (SELECT r.id FROM {products: id bigint} r))
    AND (CAST(:package_id AS BIGINT) IS NULL OR j.package_id = :package_id)
    AND (CAST(:status AS TEXT) IS NULL OR j.status = :status)
"""
_NEWEST = _JOB + _WANTED + "AND j.id < :edge ORDER BY j.id DESC LIMIT :most"
_OLDEST = _JOB + _WANTED + "AND j.id > :edge ORDER BY j.id LIMIT :most"
_COUNT = f"SELECT count(*) FROM (SELECT 1 FROM ota_job j {_WANTED} LIMIT :most) n"  # noqa: S608 - our own text
_COUNTS = """
SELECT job_id, status, sum(tasks) FROM ota_job_count
WHERE job_id IN (SELECT r.id FROM {jobs: id bigint} r) GROUP BY job_id, status
"""
_ADD = """
INSERT INTO ota_job (product_id, package_id, package_name, module, version, selection, targets, status,
    source_versions, rate_per_minute, timeout_s, need_push, last_device_id, created_by, created_at, updated_at,
    started_at)
VALUES (:product_id, :package_id, :package_name, :module, :version, 'STATIC', :targets, :status,
    :source_versions, :rate_per_minute, :timeout_s, :need_push,
    (SELECT coalesce(max(d.id), 0) FROM device d WHERE d.product_id = :product_id), :created_by, :now, :now, :now)
RETURNING id
"""
_ADD_TARGETS = """
INSERT INTO ota_job_target (job_id, device_id) SELECT :job_id, r.id FROM {devices: id bigint} r WHERE 1 = 1
"""
# A cross join keeps its order on SQLite, which would otherwise search the names once for each device of the product.
_RESOLVE = """
SELECT d.device_name, d.id FROM {names: name text} r
CROSS JOIN device d WHERE d.product_id = :product_id AND d.device_name = r.name
"""
_ANY_BEHIND = """
SELECT 1 FROM device d LEFT JOIN module_version v ON v.device_id = d.id AND v.module = :module
WHERE d.product_id = :product_id AND coalesce(v.version, '') <> :version LIMIT 1
"""
_ANY_ON_SOURCE = """
SELECT 1 FROM module_version WHERE product_id = :product_id AND module = :module
    AND version IN (SELECT r.version FROM {versions: version text} r) LIMIT 1
"""
_ANY_OF_THESE_BEHIND = """
SELECT 1 FROM {devices: id bigint} r LEFT JOIN module_version v ON v.device_id = r.id AND v.module = :module
WHERE coalesce(v.version, '') <> :version LIMIT 1
"""
_LOCK = "SELECT status, cancel_statuses, stop_reason, ended_at FROM ota_job WHERE id = :job_id{for_update}"
_STOP = """
UPDATE ota_job SET status = :status, stop_reason = :reason, filled_at = coalesce(filled_at, :now), updated_at = :now
WHERE id = :job_id
"""
_FORGET_TARGETS = "DELETE FROM ota_job_target WHERE job_id = :job_id"
_SET_CANCELING = "UPDATE ota_job SET cancel_statuses = :statuses, updated_at = :now WHERE id = :job_id"
_CANCELING = "SELECT id FROM ota_job WHERE ended_at IS NULL AND cancel_statuses <> '[]' ORDER BY id LIMIT :most"
_IN_STATUSES = """
SELECT id FROM ota_task
WHERE job_id = :job_id AND status IN (SELECT r.status FROM {statuses: status text} r) LIMIT :most
"""

_encode = msgspec.json.Encoder().encode
_source_versions = msgspec.json.Decoder(list[str])
_statuses = msgspec.json.Decoder(frozenset[TaskStatus])


class Question(NamedTuple):
    """Which jobs; ``products`` None means all, other fields None are open."""

    products: Sequence[int] | None
    package_id: int | None
    status: JobStatus | None


class Stoppable(NamedTuple):
    """A job as canceling sees it."""

    status: JobStatus
    canceling: frozenset[TaskStatus]
    stop_reason: str
    ended_at: int | None


def by_id(tx: Tx, job_id: int) -> Job | None:
    """Return a job."""
    return next(iter(_with_counts(tx, tx.all(_BY_ID, job_id=job_id))), None)


def newest(tx: Tx, question: Question, below: int, most: int) -> list[Job]:
    """Return up to ``most`` jobs with an id below ``below``, newest first."""
    return _with_counts(tx, tx.all(_NEWEST, edge=below, most=most, **_params(question)))


def oldest(tx: Tx, question: Question, above: int, most: int) -> list[Job]:
    """Return up to ``most`` jobs with an id above ``above``, oldest first."""
    return _with_counts(tx, tx.all(_OLDEST, edge=above, most=most, **_params(question)))


def count(tx: Tx, question: Question, most: int) -> int:
    """Return how many jobs there are, counting to ``most``."""
    return int(tx.scalar(_COUNT, most=most, **_params(question)))


def add(tx: Tx, new: NewJob, package: Package, created_by: str, now: int) -> int:
    """Insert a job that runs from ``now`` on over the devices that exist, and return its id."""
    job_id = tx.scalar(
        _ADD,
        product_id=package.product_id,
        package_id=package.id,
        package_name=package.name,
        module=package.module,
        version=package.version,
        targets=new.targets,
        status=JobStatus.IN_PROGRESS,
        source_versions=_encode(new.source_versions).decode(),
        rate_per_minute=new.rate_per_minute,
        timeout_s=new.timeout_s,
        need_push=int(new.need_push),
        created_by=created_by,
        now=now,
    )
    return int(job_id)


def add_targets(tx: Tx, job_id: int, device_ids: Iterable[int]) -> None:
    """Name the devices of a job over SPECIFIC devices."""
    tx.run(_ADD_TARGETS, job_id=job_id, devices=[(device_id,) for device_id in device_ids])


def resolve(tx: Tx, product_id: int, names: Iterable[str]) -> dict[str, int]:
    """Return the ids of those devices that exist, by name."""
    return dict(row for row in tx.all(_RESOLVE, product_id=product_id, names=[(name,) for name in names]))


def any_behind(tx: Tx, package: Package) -> bool:
    """Return whether a device of the product does not run the version of the package."""
    params = {"product_id": package.product_id, "module": package.module, "version": package.version}
    return tx.scalar(_ANY_BEHIND, **params) is not None


def any_on_source(tx: Tx, package: Package, versions: Iterable[str]) -> bool:
    """Return whether a device of the product runs one of these versions."""
    rows = [(version,) for version in versions]
    found = tx.scalar(_ANY_ON_SOURCE, product_id=package.product_id, module=package.module, versions=rows)
    return found is not None


def any_of_these_behind(tx: Tx, package: Package, device_ids: Iterable[int]) -> bool:
    """Return whether one of these devices does not run the version of the package."""
    devices = [(device_id,) for device_id in device_ids]
    found = tx.scalar(_ANY_OF_THESE_BEHIND, module=package.module, version=package.version, devices=devices)
    return found is not None


def lock(tx: Tx, job_id: int) -> Stoppable:
    """Return a job that exists, locked until the unit ends."""
    status, canceling, stop_reason, ended_at = tx.all(_LOCK, job_id=job_id)[0]
    return Stoppable(JobStatus(status), _statuses.decode(canceling), stop_reason, ended_at)


def stop(tx: Tx, job_id: int, reason: str, now: int) -> None:
    """Make a job CANCELED: no more tasks are made."""
    tx.run(_STOP, job_id=job_id, status=JobStatus.CANCELED, reason=reason, now=now)
    tx.run(_FORGET_TARGETS, job_id=job_id)


def set_canceling(tx: Tx, job_id: int, statuses: Collection[TaskStatus], now: int) -> None:
    """Store which tasks of a job are to be canceled."""
    tx.run(_SET_CANCELING, job_id=job_id, statuses=_encode(sorted(statuses)).decode(), now=now)


def canceling(tx: Tx, most: int) -> list[int]:
    """Return up to ``most`` jobs with tasks to cancel."""
    return [job_id for (job_id,) in tx.all(_CANCELING, most=most)]


def tasks_in(tx: Tx, job_id: int, statuses: Iterable[TaskStatus], most: int) -> list[int]:
    """Return up to ``most`` tasks of a job in these statuses."""
    rows = tx.all(_IN_STATUSES, job_id=job_id, statuses=[(status,) for status in statuses], most=most)
    return [task_id for (task_id,) in rows]


def _params(question: Question) -> dict[str, object]:
    return {
        "all_products": int(question.products is None),
        "products": [(product_id,) for product_id in question.products or ()],
        "package_id": question.package_id,
        "status": question.status,
    }


def _with_counts(tx: Tx, rows: Iterable[Row]) -> list[Job]:
    rows = list(rows)
    counts = {row[0]: dict.fromkeys(TaskStatus, 0) for row in rows}
    for job_id, status, tasks in tx.all(_COUNTS, jobs=[(job_id,) for job_id in counts]):
        counts[job_id][TaskStatus(status)] = int(tasks)
    return [_job(row, counts[row[0]]) for row in rows]


def _job(row: Row, counts: dict[TaskStatus, int]) -> Job:
    return Job(
        id=row[0],
        product_id=row[1],
        product_key=row[2],
        package_id=row[3],
        package_name=row[4],
        module=row[5],
        version=row[6],
        targets=Targets(row[7]),
        status=JobStatus(row[8]),
        stop_reason=row[9],
        source_versions=_source_versions.decode(row[10]),
        rate_per_minute=row[11],
        timeout_s=row[12],
        need_push=bool(row[13]),
        created_by=row[14],
        created_at=row[15],
        updated_at=row[16],
        started_at=row[17],
        filled_at=row[18],
        ended_at=row[19],
        counts=counts,
    )
