"""Tasks as people see them."""

from collections.abc import AsyncIterator

import msgspec

from linkops.db import Database, Tx
from linkops.devices.access import require_device
from linkops.devices.model import DeviceKey
from linkops.devices.paging import MAX_TOTAL, Page, check_limit, page_of, read_cursor, write_cursor
from linkops.errors import NotFound
from linkops.events.actor import Actor, Role
from linkops.ota.access import require_job
from linkops.ota.model import Failure, FailureKind, Task, TaskChange, TaskStatus
from linkops.ota.paging import Order, edge_of, page_by_age
from linkops.ota.tasks import store

MAX_CHANGES = 200
FAILURES_REACH = 1_000
"""Of all products: whoever sees few of them finds failures among these only, so that looking costs the same."""
_BY_NAME = "name"
RESULTS_PER_READ = 500
"""So many tasks of a long list are in memory at once, and one read holds up no other for long."""


class TaskFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks; None leaves a field open; a failure kind means FAILED ones."""

    status: TaskStatus | None = None
    failure_kind: FailureKind | None = None


class Tasks:
    """The tasks of the products that an actor may see. Looking takes a viewer of the product."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def failed_lately(self, actor: Actor, *, limit: int = 10) -> list[Failure]:
        """Return the devices whose updates failed last, the latest first; some of the last `FAILURES_REACH` failures.

        Raises:
            Invalid: limit.
        """
        check_limit(limit)
        return await self._db.read(store.failed, actor.visible_products(), limit, FAILURES_REACH)

    async def of_job(
        self,
        actor: Actor,
        job_id: int,
        wanted: TaskFilter,
        *,
        order: Order = Order.OLDEST,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Task]:
        """Return the tasks of a job that ``wanted`` describes, ``limit`` at a time.

        Raises:
            Invalid: limit or cursor.
        """
        check_limit(limit)
        edge = edge_of(order, cursor)
        status, kind = _status(wanted), wanted.failure_kind

        def read(tx: Tx) -> Page[Task]:
            require_job(tx, actor, Role.VIEWER, job_id)
            newest = order is Order.NEWEST
            rows = store.newest_or_oldest(tx, job_id, status, kind, edge, limit + 1, newest=newest)
            return page_by_age(order, limit, rows, store.counted(tx, job_id, status, kind))

        return await self._db.read(read)

    async def results(self, actor: Actor, job_id: int, wanted: TaskFilter) -> AsyncIterator[list[Task]]:
        """Yield all tasks of a job that ``wanted`` describes, the oldest first, up to `RESULTS_PER_READ` at a time.

        Each part is of its own moment. With a status or failure kind, a task that gets it meanwhile may be missing.

        Raises:
            NotFound: the job, before anything is yielded.
        """
        await self._db.read(require_job, actor, Role.VIEWER, job_id)
        status, kind, edge, most = _status(wanted), wanted.failure_kind, 0, RESULTS_PER_READ
        while tasks := await self._db.read(store.newest_or_oldest, job_id, status, kind, edge, most, newest=False):
            yield tasks
            edge = tasks[-1].id

    async def by_device_name(
        self,
        actor: Actor,
        job_id: int,
        wanted: TaskFilter,
        *,
        prefix: str = "",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Task]:
        """Return those of the devices whose names begin with ``prefix``, by name; the total is of all names.

        Raises:
            Invalid: limit or cursor.
        """
        check_limit(limit)
        name, task_id = ("", 0) if cursor is None else read_cursor(cursor, _BY_NAME, [str, int])
        status, kind = _status(wanted), wanted.failure_kind

        def read(tx: Tx) -> Page[Task]:
            product_id = require_job(tx, actor, Role.VIEWER, job_id).product_id
            rows = store.by_device_name(tx, job_id, product_id, prefix, status, kind, (name, task_id), limit + 1)
            last = rows[limit - 1] if len(rows) > limit else None
            beyond = None if last is None else write_cursor(_BY_NAME, [last.device_name, last.id])
            return page_of(rows, limit, store.counted(tx, job_id, status, kind), beyond)

        return await self._db.read(read)

    async def of_device(
        self, actor: Actor, key: DeviceKey, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Task]:
        """Return all tasks that a device has had, the newest first.

        Raises:
            Invalid: limit or cursor.
        """
        check_limit(limit)
        edge = edge_of(Order.NEWEST, cursor)

        def read(tx: Tx) -> Page[Task]:
            device_id = require_device(tx, actor, Role.VIEWER, key).id
            rows = store.of_device(tx, device_id, edge, limit + 1)
            return page_by_age(Order.NEWEST, limit, rows, store.count_of_device(tx, device_id, MAX_TOTAL + 1))

        return await self._db.read(read)

    async def history(self, actor: Actor, task_id: int) -> tuple[Task, list[TaskChange]]:
        """Return a task and what happened to it, oldest first, at most `MAX_CHANGES`."""

        def read(tx: Tx) -> tuple[Task, list[TaskChange]]:
            task = store.by_id(tx, task_id)
            if task is None:
                raise NotFound("task.not_found")
            require_job(tx, actor, Role.VIEWER, task.job_id)
            return task, store.changes(tx, task_id, MAX_CHANGES)

        return await self._db.read(read)

    async def unfinished_of_device(self, actor: Actor, key: DeviceKey) -> list[Task]:
        """Return the tasks of a device that have not ended, the newest first: a few at most."""

        def read(tx: Tx) -> list[Task]:
            return store.unfinished_of_device(tx, require_device(tx, actor, Role.VIEWER, key).id)

        return await self._db.read(read)


def _status(wanted: TaskFilter) -> TaskStatus | None:
    return TaskStatus.FAILED if wanted.status is None and wanted.failure_kind is not None else wanted.status
