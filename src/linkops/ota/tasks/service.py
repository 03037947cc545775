"""Tasks as people see them."""

from collections.abc import Sequence

import msgspec

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_device, require_devices
from linkops.devices.model import DeviceKey
from linkops.devices.paging import MAX_TOTAL, Page, check_limit, page_of, read_cursor, write_cursor
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.ota.access import require_job, require_package
from linkops.ota.jobs.canceling import DEFAULT_REASON, cancel_tasks
from linkops.ota.model import FailureKind, Task, TaskStatus
from linkops.ota.paging import Order, edge_of, page_by_age
from linkops.ota.tasks import store

_BY_NAME = "name"


class TaskFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks; None leaves a field open; a failure kind means FAILED ones."""

    status: TaskStatus | None = None
    failure_kind: FailureKind | None = None


class Tasks:
    """The tasks of the products that an actor may see. Looking takes a viewer of the product, canceling an operator."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

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
        after = "" if cursor is None else read_cursor(cursor, _BY_NAME, [str])[0]
        status, kind = _status(wanted), wanted.failure_kind

        def read(tx: Tx) -> Page[Task]:
            product_id = require_job(tx, actor, Role.VIEWER, job_id).product_id
            rows = store.by_device_name(tx, job_id, product_id, prefix, status, kind, after, limit + 1)
            beyond = write_cursor(_BY_NAME, [rows[limit - 1].device_name]) if len(rows) > limit else None
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

    async def cancel(
        self, actor: Actor, package_id: int, device_names: Sequence[str], job_id: int | None = None
    ) -> int:
        """Cancel the unfinished tasks of these devices that offer a package, and return how many there were.

        Raises:
            Invalid: none or too many names.
            NotFound: the package, the job, or a device.
        """
        return await self._db.write(self._cancel, actor, package_id, device_names, job_id)

    def _cancel(self, tx: Tx, actor: Actor, package_id: int, device_names: Sequence[str], job_id: int | None) -> int:
        package = require_package(tx, actor, Role.OPERATOR, package_id)
        if job_id is not None:
            require_job(tx, actor, Role.OPERATOR, job_id)
        keys = [DeviceKey(package.product_key, name) for name in device_names]
        devices = {device.id: device for device in require_devices(tx, actor, Role.OPERATOR, keys)}
        now = self._clock.now()
        task_ids = store.live_of_package(tx, package_id, devices, job_id)
        canceled = cancel_tasks(tx, task_ids, DEFAULT_REASON, now)
        for device_id, status in canceled.items():
            target, details = f"device:{devices[device_id].key}", {"package_id": package_id, "was": status}
            record_audit(tx, actor, now, "task.cancel", target, product_id=package.product_id, **details)
        return len(canceled)


def _status(wanted: TaskFilter) -> TaskStatus | None:
    return TaskStatus.FAILED if wanted.status is None and wanted.failure_kind is not None else wanted.status
