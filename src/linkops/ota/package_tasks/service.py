"""A package's tasks, over all of its jobs."""

from linkops.db import Database, Tx
from linkops.devices.paging import MAX_TOTAL, Page, check_limit, page_of, read_cursor, write_cursor
from linkops.events.actor import Actor, Role
from linkops.ota.access import require_package
from linkops.ota.model import Task, TaskStatus
from linkops.ota.package_tasks import store
from linkops.ota.tasks import store as tasks

_BY_JOB = "job"
_BY_NAME = "name"
_BEYOND_ALL = 2**62


class PackageTasks:
    """The tasks of a package. Looking takes a viewer of its product."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def counts(self, actor: Actor, package_id: int) -> dict[TaskStatus, int]:
        """Return the tasks of all jobs of a package by status; every status is there."""

        def read(tx: Tx) -> dict[TaskStatus, int]:
            require_package(tx, actor, Role.VIEWER, package_id)
            return store.counts(tx, package_id)

        return await self._db.read(read)

    async def page(
        self,
        actor: Actor,
        package_id: int,
        *,
        status: TaskStatus | None = None,
        prefix: str = "",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Task]:
        """Return tasks, ``limit`` at a time: those of the newest job first, the newest of them first.

        With ``prefix``, those of devices whose names begin so, by name; the total is of all names.

        Raises:
            Invalid: limit or cursor.
        """
        check_limit(limit)
        if prefix:
            return await self._by_name(actor, package_id, status, prefix, cursor, limit)
        job_id, task_id = (_BEYOND_ALL, _BEYOND_ALL) if cursor is None else read_cursor(cursor, _BY_JOB, [int, int])

        def read(tx: Tx) -> Page[Task]:
            require_package(tx, actor, Role.VIEWER, package_id)
            jobs = store.jobs(tx, package_id, status)
            rows: list[Task] = []
            for job in jobs:
                if job.job_id <= job_id and len(rows) <= limit:
                    edge = task_id if job.job_id == job_id else _BEYOND_ALL
                    most = limit + 1 - len(rows)
                    rows += tasks.newest_or_oldest(tx, job.job_id, status, None, edge, most, newest=True)
            last = rows[limit - 1] if len(rows) > limit else None
            beyond = None if last is None else write_cursor(_BY_JOB, [last.job_id, last.id])
            return page_of(rows, limit, min(sum(job.tasks for job in jobs), MAX_TOTAL + 1), beyond)

        return await self._db.read(read)

    async def _by_name(
        self, actor: Actor, package_id: int, status: TaskStatus | None, prefix: str, cursor: str | None, limit: int
    ) -> Page[Task]:
        name, task_id = ("", _BEYOND_ALL) if cursor is None else read_cursor(cursor, _BY_NAME, [str, int])

        def read(tx: Tx) -> Page[Task]:
            product_id = require_package(tx, actor, Role.VIEWER, package_id).product_id
            found = store.by_device_name(tx, package_id, product_id, prefix, status, (name, task_id), limit + 1)
            rows = [task for task in (tasks.by_id(tx, each) for each, _ in found) if task is not None]
            beyond = write_cursor(_BY_NAME, [found[limit - 1][1], found[limit - 1][0]]) if len(found) > limit else None
            total = sum(job.tasks for job in store.jobs(tx, package_id, status))
            return page_of(rows, limit, min(total, MAX_TOTAL + 1), beyond)

        return await self._db.read(read)
