"""SQL of jobs: find, list, cancel. Creating is in `creating.store`, what else changes in `steering.store`."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from linkops.db import Row, Tx
from linkops.ota.model import (
    FailureKind,
    Hold,
    Job,
    JobKind,
    JobStatus,
    Scope,
    Selection,
    Targets,
    TaskStatus,
)
from linkops.ota.strategy import read_strategy

_JOB = """
SELECT j.id, j.product_id, p.product_key, j.package_id, j.package_name, j.module, j.version, j.kind, j.selection,
    j.targets, j.scope, j.status, j.hold_reason, j.stop_reason, j.source_versions, j.strategy, j.tags,
    j.rate_per_minute, j.approved_by, j.created_by, j.created_at, j.updated_at, j.started_at, j.filled_at, j.ended_at,
    j.push_from_at, j.push_until_at, j.stage, j.offered
FROM ota_job j JOIN product p ON p.id = j.product_id
"""
_BY_ID = _JOB + "WHERE j.id = :job_id"
_WANTED = """
WHERE (:all_products = 1 OR j.product_id IN (SELECT r.id FROM {products: id bigint} r))
    AND (CAST(:package_id AS BIGINT) IS NULL OR j.package_id = :package_id)
    AND (CAST(:status AS TEXT) IS NULL OR j.status = :status)
    AND (CAST(:module AS TEXT) IS NULL OR j.module = :module)
    AND (:package_name = '' OR replace(lower(j.package_name), :package_name, '') <> lower(j.package_name))
    AND (:tag = '' OR replace(j.tags, :tag, '') <> j.tags)
"""
_NEWEST = _JOB + _WANTED + "AND j.id < :edge ORDER BY j.id DESC LIMIT :most"
_OLDEST = _JOB + _WANTED + "AND j.id > :edge ORDER BY j.id LIMIT :most"
_COUNT = f"SELECT count(*) FROM (SELECT 1 FROM ota_job j {_WANTED} LIMIT :most) n"  # noqa: S608 - our own text
_COUNTS = """
SELECT job_id, status, sum(tasks) FROM ota_job_count
WHERE job_id IN (SELECT r.id FROM {jobs: id bigint} r) GROUP BY job_id, status
"""
_COUNTS_BY_KIND = """
SELECT status, failure_kind, sum(tasks) FROM ota_job_count WHERE job_id = :job_id GROUP BY status, failure_kind
"""
_LOCK = """
SELECT status, selection, cancel_statuses, stop_reason, ended_at FROM ota_job WHERE id = :job_id{for_update}
"""
_STOP = """
UPDATE ota_job SET status = :status, stop_reason = :reason, hold_reason = '', filled_at = coalesce(filled_at, :now),
    updated_at = :now
WHERE id = :job_id
"""
_SET_CANCELING = "UPDATE ota_job SET cancel_statuses = :statuses, updated_at = :now WHERE id = :job_id"
_CANCELING = "SELECT id FROM ota_job WHERE ended_at IS NULL AND cancel_statuses <> '[]' ORDER BY id LIMIT :most"
_IN_STATUSES = """
SELECT id FROM ota_task
WHERE job_id = :job_id AND status IN (SELECT r.status FROM {statuses: status text} r) LIMIT :most
"""

_encode = msgspec.json.Encoder().encode
read_scope = msgspec.json.Decoder(Scope).decode
_tags = msgspec.json.Decoder(dict[str, str])
_source_versions = msgspec.json.Decoder(list[str])
_statuses = msgspec.json.Decoder(frozenset[TaskStatus])


class Question(NamedTuple):
    """Which jobs; ``products`` None means all, other fields None or '' are open.

    Attributes:
        package_name: a part of it, in any case.
        tag_key: that the job has, whatever its value unless ``tag_value`` is given.
    """

    products: Sequence[int] | None
    package_id: int | None
    status: JobStatus | None
    package_name: str = ""
    tag_key: str = ""
    tag_value: str | None = None
    module: str | None = None


class Stoppable(NamedTuple):
    """A job as canceling sees it."""

    status: JobStatus
    selection: Selection
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


def counts_by_kind(tx: Tx, job_id: int) -> dict[tuple[TaskStatus, FailureKind], int]:
    """Return the tasks of a job, counted."""
    rows = tx.all(_COUNTS_BY_KIND, job_id=job_id)
    return {(TaskStatus(status), FailureKind(kind)): int(tasks) for status, kind, tasks in rows}


def lock(tx: Tx, job_id: int) -> Stoppable:
    """Return a job that exists, locked until the unit ends."""
    status, selection, canceling, stop_reason, ended_at = tx.all(_LOCK, job_id=job_id)[0]
    return Stoppable(JobStatus(status), Selection(selection), _statuses.decode(canceling), stop_reason, ended_at)


def stop(tx: Tx, job_id: int, reason: str, now: int) -> None:
    """Make a job CANCELED: no more tasks are made."""
    tx.run(_STOP, job_id=job_id, status=JobStatus.CANCELED, reason=reason, now=now)


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
        "module": question.module,
        "package_name": question.package_name.lower(),
        "tag": _tag(question),
    }


def _tag(question: Question) -> str:
    """Return how the stored tags spell a tag: inside a value its quotes would be escaped, so it is found only as one.

    >>> _tag(Question(None, None, None, tag_key="ring", tag_value="beta"))
    '"ring":"beta"'
    """
    if not question.tag_key:
        return ""
    key = _encode(question.tag_key).decode()
    return f"{key}:" if question.tag_value is None else f"{key}:{_encode(question.tag_value).decode()}"


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
        kind=JobKind(row[7]),
        selection=Selection(row[8]),
        targets=Targets(row[9]),
        scope=read_scope(row[10]),
        status=JobStatus(row[11]),
        hold=Hold(row[12]),
        stop_reason=row[13],
        source_versions=_source_versions.decode(row[14]),
        strategy=read_strategy(row[15]),
        tags=_tags.decode(row[16]),
        rate_per_minute=row[17],
        approved_by=row[18],
        created_by=row[19],
        created_at=row[20],
        updated_at=row[21],
        started_at=row[22],
        filled_at=row[23],
        ended_at=row[24],
        window_opens_at=row[25],
        window_closes_at=row[26],
        stage=None if row[27] < 0 else row[27],
        offered=row[28],
        counts=counts,
    )
