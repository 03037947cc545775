"""SQL of how tasks ended, from the counters of jobs, put together from fixed parts: what is not asked costs nothing."""

from collections.abc import Collection
from typing import Any, NamedTuple

from linkops.db import Tx
from linkops.ota.distributions.model import OutcomeOrder
from linkops.ota.model import FailureKind, TaskStatus

_COUNTS = "FROM ota_job_count c JOIN ota_job j ON j.id = c.job_id WHERE c.tasks > 0"
_BY_STATUS = f"SELECT c.status, c.failure_kind, sum(c.tasks) {_COUNTS}{{asked}} GROUP BY c.status, c.failure_kind"
_SOURCES = f"SELECT count(DISTINCT c.source_version) {_COUNTS}{{asked}}"
_BY_SOURCE = f"""
SELECT source_version, total, succeeded, failed, canceled FROM (
    SELECT c.source_version, sum(c.tasks) AS total,
        sum(CASE WHEN c.status = 'SUCCEEDED' THEN c.tasks ELSE 0 END) AS succeeded,
        sum(CASE WHEN c.status = 'FAILED' THEN c.tasks ELSE 0 END) AS failed,
        sum(CASE WHEN c.status = 'CANCELED' THEN c.tasks ELSE 0 END) AS canceled
    {_COUNTS}{{asked}} GROUP BY c.source_version
) s
WHERE {{order}} < :below OR ({{order}} = :below AND source_version > :after)
ORDER BY {{order}} DESC, source_version LIMIT :most
"""  # noqa: S608 - every part is one of ours; what was asked for is a parameter
_JOBS = "FROM ota_job j WHERE j.id < :before{asked}"
_ROLLOUTS = f"""
WITH newest AS (
    SELECT j.id, j.package_name, j.version, j.created_at {_JOBS} ORDER BY j.id DESC LIMIT :most
)
SELECT n.id, n.package_name, n.version, n.created_at, coalesce(sum(c.tasks), 0),
    coalesce(sum(CASE WHEN c.status = 'SUCCEEDED' THEN c.tasks END), 0),
    coalesce(sum(CASE WHEN c.status = 'FAILED' THEN c.tasks END), 0),
    coalesce(sum(CASE WHEN c.status = 'CANCELED' THEN c.tasks END), 0)
FROM newest n LEFT JOIN ota_job_count c ON c.job_id = n.id
GROUP BY n.id, n.package_name, n.version, n.created_at ORDER BY n.id DESC
"""  # noqa: S608 - as above
_HOW_MANY = f"SELECT count(*) FROM (SELECT j.id {_JOBS} LIMIT :most) s"  # noqa: S608 - as above

MOST_TASKS = 2**62
"""More than any source version has: a place before the first row."""
NEWEST = 2**62
"""An id above those of all rollouts."""


class Question(NamedTuple):
    """Whose tasks; ``products`` None means all, other fields None are open."""

    products: Collection[int] | None
    module: str | None
    package_id: int | None
    job_id: int | None


class Tasks(NamedTuple):
    """How many tasks there are of one status and failure kind."""

    status: TaskStatus
    failure_kind: FailureKind
    tasks: int


class SourceTasks(NamedTuple):
    """How many tasks there are of one source version, and of those that ended, how."""

    source_version: str
    total: int
    succeeded: int
    failed: int
    canceled: int


class RolloutTasks(NamedTuple):
    """A rollout and how many tasks it has, and of those that ended, how."""

    job_id: int
    package_name: str
    version: str
    created_at: int
    total: int
    succeeded: int
    failed: int
    canceled: int


def by_status(tx: Tx, question: Question) -> list[Tasks]:
    """Return the tasks by status and failure kind."""
    asked, params = _asked(question)
    rows = tx.all(_BY_STATUS.format(asked=asked), **params)
    return [Tasks(TaskStatus(status), FailureKind(kind), int(tasks)) for status, kind, tasks in rows]


def sources(tx: Tx, question: Question) -> int:
    """Return how many source versions there are."""
    asked, params = _asked(question)
    return int(tx.scalar(_SOURCES.format(asked=asked), **params))


def by_source(tx: Tx, question: Question, order: OutcomeOrder, after: tuple[int, str], most: int) -> list[SourceTasks]:
    """Return up to ``most`` source versions behind the place ``after`` (a count and a version)."""
    asked, params = _asked(question)
    sql = _BY_SOURCE.format(asked=asked, order=order.value)
    rows = tx.all(sql, below=after[0], after=after[1], most=most, **params)
    return [SourceTasks(version, *map(int, counts)) for version, *counts in rows]


def by_rollout(tx: Tx, question: Question, before: int, most: int) -> list[RolloutTasks]:
    """Return up to ``most`` rollouts that are older than the one with the id ``before``, the newest first."""
    asked, params = _asked(question, job_id="j.id")
    rows = tx.all(_ROLLOUTS.format(asked=asked), before=before, most=most, **params)
    return [RolloutTasks(int(job_id), name, version, *map(int, rest)) for job_id, name, version, *rest in rows]


def rollouts(tx: Tx, question: Question, most: int) -> int:
    """Return how many rollouts there are; counting ends at ``most``."""
    asked, params = _asked(question, job_id="j.id")
    return int(tx.scalar(_HOW_MANY.format(asked=asked), before=NEWEST, most=most, **params))


def _asked(question: Question, job_id: str = "c.job_id") -> tuple[str, dict[str, Any]]:
    conditions, params = "", dict[str, Any]()
    if question.products is not None:
        conditions += " AND j.product_id IN (SELECT r.id FROM {products: id bigint} r)"
        params["products"] = [(product_id,) for product_id in question.products]
    for column, value in (("j.module", question.module), ("j.package_id", question.package_id)):
        if value is not None:
            name = column.removeprefix("j.")
            conditions += f" AND {column} = :{name}"
            params[name] = value
    if question.job_id is not None:
        conditions += f" AND {job_id} = :job_id"
        params["job_id"] = question.job_id
    return conditions, params
