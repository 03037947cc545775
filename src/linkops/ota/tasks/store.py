"""SQL of lists of tasks."""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from linkops.db import Row, Tx
from linkops.ota.model import Failure, FailureKind, Task, TaskChange, TaskStatus

_TASK = """
SELECT t.id, t.job_id, t.device_id, coalesce(d.device_name, ''), j.package_name, t.module, t.source_version,
    j.version, t.status, t.step, t.description, t.failure_kind, t.attempt, t.retries, t.retry_at, t.created_at,
    t.updated_at, t.notified_at, t.progress_at, t.timeout_at, t.ended_at
"""
_JOINED = "JOIN ota_job j ON j.id = t.job_id LEFT JOIN device d ON d.id = t.device_id\n"
_ONE = "SELECT id FROM ota_task WHERE job_id = :job_id AND"
# One statement for each question, so that each is answered from its own index. A job's tasks by age are in none: the
# first of each status are, and the first of all are among them.
_IN_ANY = " UNION ALL ".join(
    f"SELECT id FROM ({_ONE} status = '{status}' AND {{beyond}}) {status.lower()}"  # noqa: S608 - names of our own
    for status in TaskStatus
)
_IN_STATUS = (
    f"{_ONE} status = :status AND (CAST(:failure_kind AS TEXT) IS NULL OR failure_kind = :failure_kind) AND {{beyond}}"
)
_OF_KIND = f"{_ONE} failure_kind <> '' AND failure_kind = :failure_kind AND status = :status AND {{beyond}}"


def _list(ids: str, *, newest: bool) -> str:
    beyond, order = ("id < :edge", "id DESC") if newest else ("id > :edge", "id")
    found = ids.format(beyond=f"{beyond} ORDER BY {order} LIMIT :most")
    return f"""
    {_TASK} FROM (SELECT n.id FROM ({found}) n ORDER BY n.{order} LIMIT :most) f
    JOIN ota_task t ON t.id = f.id {_JOINED} ORDER BY t.{order}
    """  # noqa: S608


_LISTS = {
    (question, newest): _list(ids, newest=newest)
    for question, ids in (("any", _IN_ANY), ("status", _IN_STATUS), ("kind", _OF_KIND))
    for newest in (False, True)
}
_BY_NAME = f"""
{_TASK} FROM device d JOIN ota_task t ON t.job_id = :job_id AND t.device_id = d.id JOIN ota_job j ON j.id = t.job_id
WHERE d.product_id = :product_id AND d.device_name >= :least AND d.device_name < :below
    AND (d.device_name <> :after OR t.id > :after_id)
    AND (CAST(:status AS TEXT) IS NULL OR t.status = :status)
    AND (CAST(:failure_kind AS TEXT) IS NULL OR t.failure_kind = :failure_kind)
ORDER BY d.device_name, t.id LIMIT :most
"""
# Tasks that ended and those that have not are in indexes of their own.
_OF_DEVICE = f"""
{_TASK} FROM (
    SELECT * FROM (
        SELECT * FROM ota_task WHERE device_id = :device_id AND ended_at IS NOT NULL AND id < :edge
        ORDER BY id DESC LIMIT :most
    ) e
    UNION ALL SELECT * FROM ota_task WHERE device_id = :device_id AND ended_at IS NULL AND id < :edge
) t {_JOINED}
ORDER BY t.id DESC LIMIT :most
"""  # noqa: S608
_COUNTED = """
SELECT coalesce(sum(tasks), 0) FROM ota_job_count WHERE job_id = :job_id
    AND (CAST(:status AS TEXT) IS NULL OR status = :status)
    AND (CAST(:failure_kind AS TEXT) IS NULL OR failure_kind = :failure_kind)
"""
_COUNT_OF_DEVICE = """
SELECT count(*) FROM (SELECT 1 FROM ota_task WHERE device_id = :device_id AND ended_at IS NOT NULL LIMIT :most) e
"""
_COUNT_LIVE_OF_DEVICE = "SELECT count(*) FROM ota_task WHERE device_id = :device_id AND ended_at IS NULL"
_LIVE_OF_PACKAGE = """
SELECT t.id FROM ota_task t JOIN ota_job j ON j.id = t.job_id
WHERE t.device_id IN (SELECT r.id FROM {devices: id bigint} r) AND t.ended_at IS NULL
    AND j.package_id = :package_id AND (CAST(:job_id AS BIGINT) IS NULL OR t.job_id = :job_id)
"""


# The index of failures is read from its end, no further than ``reach`` tasks: they may all be another product's.
_FAILED = """
SELECT t.id, t.job_id, p.product_key, d.device_name, j.package_name, j.version, t.module, t.failure_kind, t.description,
    t.ended_at
FROM (SELECT id FROM ota_task WHERE status = 'FAILED' ORDER BY ended_at DESC, id DESC LIMIT :reach) f
JOIN ota_task t ON t.id = f.id JOIN ota_job j ON j.id = t.job_id JOIN product p ON p.id = j.product_id
JOIN device d ON d.id = t.device_id
WHERE t.ended_at IS NOT NULL{conditions} ORDER BY t.ended_at DESC, t.id DESC LIMIT :most
"""
_OF_PRODUCTS = " AND j.product_id IN (SELECT v.id FROM {products: id bigint} v)"
_BY_ID = f"{_TASK} FROM ota_task t {_JOINED} WHERE t.id = :task_id"
_UNFINISHED_OF_DEVICE = f"""
{_TASK} FROM ota_task t {_JOINED} WHERE t.device_id = :device_id AND t.ended_at IS NULL ORDER BY t.id DESC
"""
_CHANGES = """
SELECT at, status, attempt, reason FROM ota_task_change WHERE task_id = :task_id ORDER BY id LIMIT :most
"""
_PRODUCTS = """
SELECT t.id, j.product_id FROM ota_task t JOIN ota_job j ON j.id = t.job_id
WHERE t.id IN (SELECT r.id FROM {tasks: id bigint} r)
"""
_ON_TARGET = """
SELECT t.id FROM ota_task t JOIN ota_job j ON j.id = t.job_id
JOIN module_version v ON v.device_id = t.device_id AND v.module = t.module AND v.version = j.version
WHERE t.id IN (SELECT r.id FROM {tasks: id bigint} r) ORDER BY t.id
"""
_REOPEN_JOB = """
UPDATE ota_job SET status = 'IN_PROGRESS', ended_at = NULL, updated_at = :now
WHERE id = :job_id AND status = 'COMPLETED'
"""


def failed(tx: Tx, product_ids: Collection[int] | None, most: int, reach: int) -> list[Failure]:
    """Return up to ``most`` of the last ``reach`` failures, of these products (None: of all), the last one first."""
    conditions = "" if product_ids is None else _OF_PRODUCTS
    given = {} if product_ids is None else {"products": [(product_id,) for product_id in product_ids]}
    rows = tx.all(_FAILED.replace("{conditions}", conditions), most=most, reach=reach, **given)
    return [msgspec.convert(row, Failure) for row in rows]


def newest_or_oldest(
    tx: Tx,
    job_id: int,
    status: TaskStatus | None,
    failure_kind: FailureKind | None,
    edge: int,
    most: int,
    *,
    newest: bool,
) -> list[Task]:
    """Return up to ``most`` tasks of a job beyond the id ``edge``."""
    question = "kind" if failure_kind else "any" if status is None else "status"
    rows = tx.all(
        _LISTS[question, newest], job_id=job_id, status=status, failure_kind=failure_kind, edge=edge, most=most
    )
    return [_task(row) for row in rows]


def by_device_name(
    tx: Tx,
    job_id: int,
    product_id: int,
    prefix: str,
    status: TaskStatus | None,
    failure_kind: FailureKind | None,
    after: tuple[str, int],
    most: int,
) -> list[Task]:
    """Return up to ``most`` tasks of a job by device name and id, of names with this ``prefix``, behind ``after``."""
    rows = tx.all(
        _BY_NAME,
        job_id=job_id,
        product_id=product_id,
        least=max(prefix, after[0]),
        below=prefix + "\U0010ffff",
        status=status,
        failure_kind=failure_kind,
        after=after[0],
        after_id=after[1],
        most=most,
    )
    return [_task(row) for row in rows]


def of_device(tx: Tx, device_id: int, below: int, most: int) -> list[Task]:
    """Return up to ``most`` tasks of a device with an id below ``below``, newest first."""
    return [_task(row) for row in tx.all(_OF_DEVICE, device_id=device_id, edge=below, most=most)]


def counted(tx: Tx, job_id: int, status: TaskStatus | None, failure_kind: FailureKind | None) -> int:
    """Return how many tasks of a job there are, from its counters."""
    return int(tx.scalar(_COUNTED, job_id=job_id, status=status, failure_kind=failure_kind))


def count_of_device(tx: Tx, device_id: int, most: int) -> int:
    """Return how many tasks a device has had, counting to ``most``."""
    ended = int(tx.scalar(_COUNT_OF_DEVICE, device_id=device_id, most=most))
    return min(most, ended + int(tx.scalar(_COUNT_LIVE_OF_DEVICE, device_id=device_id)))


def live_of_package(tx: Tx, package_id: int, device_ids: Iterable[int], job_id: int | None) -> Sequence[int]:
    """Return the unfinished tasks of these devices that offer a package, of one job if it is given."""
    devices = [(device_id,) for device_id in device_ids]
    rows = tx.all(_LIVE_OF_PACKAGE, package_id=package_id, devices=devices, job_id=job_id)
    return [task_id for (task_id,) in rows]


def changes(tx: Tx, task_id: int, most: int) -> list[TaskChange]:
    """Return the first ``most`` things that happened to a task after it was made."""
    rows = tx.all(_CHANGES, task_id=task_id, most=most)
    return [TaskChange(at, TaskStatus(status), attempt, reason) for at, status, attempt, reason in rows]


def by_id(tx: Tx, task_id: int) -> Task | None:
    """Return a task."""
    row = tx.one(_BY_ID, task_id=task_id)
    return None if row is None else _task(row)


def to_confirm(tx: Tx, task_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return (id, product id) of those of these tasks that exist."""
    rows = tx.all(_PRODUCTS, tasks=[(task_id,) for task_id in task_ids])
    return [(task_id, product_id) for task_id, product_id in rows]


def on_target(tx: Tx, task_ids: Iterable[int]) -> list[int]:
    """Return those of these tasks whose devices run the version that their job brings, by id."""
    return [task_id for (task_id,) in tx.all(_ON_TARGET, tasks=[(task_id,) for task_id in task_ids])]


def reopen_job(tx: Tx, job_id: int, now: int) -> None:
    """Let a job that was completed go on, for tasks that are done once more."""
    tx.run(_REOPEN_JOB, job_id=job_id, now=now)


def unfinished_of_device(tx: Tx, device_id: int) -> list[Task]:
    """Return the tasks of a device that have not ended, newest first."""
    return [_task(row) for row in tx.all(_UNFINISHED_OF_DEVICE, device_id=device_id)]


def _task(row: Row) -> Task:
    return Task(
        id=row[0],
        job_id=row[1],
        device_id=row[2],
        device_name=row[3],
        package_name=row[4],
        module=row[5],
        source_version=row[6],
        version=row[7],
        status=TaskStatus(row[8]),
        step=None if row[9] < 0 else row[9],
        description=row[10],
        failure_kind=FailureKind(row[11]),
        attempt=row[12],
        retries=row[13],
        retry_at=row[14],
        created_at=row[15],
        updated_at=row[16],
        notified_at=row[17],
        progress_at=row[18],
        timeout_at=row[19],
        ended_at=row[20],
    )
