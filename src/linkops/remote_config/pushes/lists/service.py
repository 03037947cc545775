"""Results as people see them."""

from collections.abc import AsyncIterator

import msgspec

from linkops.db import Database, Tx
from linkops.devices.access import require_device
from linkops.devices.model import DeviceKey
from linkops.devices.paging import MAX_TOTAL, Page, check_limit, page_of, read_cursor, write_cursor
from linkops.events.actor import Actor, Role
from linkops.remote_config.pushes.access import require_push
from linkops.remote_config.pushes.lists import store
from linkops.remote_config.pushes.model import FailureKind, Result, ResultStatus

RESULTS_PER_READ = 500
"""So many results of a long list are in memory at once, and one read holds up no other for long."""
_BY_DEVICE, _BY_NAME, _OF_DEVICE = "results", "results-by-name", "results-of-device"
_MAX_ID = 2**63 - 1


class ResultFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which results; None leaves a field open; a failure kind means FAILED ones."""

    status: ResultStatus | None = None
    failure_kind: FailureKind | None = None

    @property
    def meant(self) -> ResultStatus | None:
        """The status that is wanted."""
        return ResultStatus.FAILED if self.status is None and self.failure_kind is not None else self.status


class Results:
    """The results of the products that an actor may see. Looking takes a viewer of the product."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of_push(
        self, actor: Actor, push_id: int, wanted: ResultFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Result]:
        """Return the results of a push, in the order in which devices were registered, ``limit`` at a time.

        Raises:
            Invalid: limit or cursor.
        """
        check_limit(limit)
        after = 0 if cursor is None else read_cursor(cursor, _BY_DEVICE, [int])[0]
        status, kind = wanted.meant, wanted.failure_kind

        def read(tx: Tx) -> Page[Result]:
            require_push(tx, actor, Role.VIEWER, push_id)
            rows = store.by_device(tx, push_id, status, kind, after, limit + 1)
            beyond = write_cursor(_BY_DEVICE, [rows[limit - 1].device_id]) if len(rows) > limit else None
            return page_of(rows, limit, store.counted(tx, push_id, status, kind), beyond)

        return await self._db.read(read)

    async def by_device_name(
        self,
        actor: Actor,
        push_id: int,
        wanted: ResultFilter,
        *,
        prefix: str = "",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Result]:
        """Return those of the devices whose names begin with ``prefix``, by name; the total is of all names.

        Raises:
            Invalid: limit or cursor.
        """
        check_limit(limit)
        after = "" if cursor is None else read_cursor(cursor, _BY_NAME, [str])[0]
        status, kind = wanted.meant, wanted.failure_kind

        def read(tx: Tx) -> Page[Result]:
            product_id = require_push(tx, actor, Role.VIEWER, push_id).product_id
            rows = store.by_name(tx, push_id, product_id, prefix, status, kind, after, limit + 1)
            beyond = write_cursor(_BY_NAME, [rows[limit - 1].device_name]) if len(rows) > limit else None
            return page_of(rows, limit, store.counted(tx, push_id, status, kind), beyond)

        return await self._db.read(read)

    async def all_of_push(self, actor: Actor, push_id: int, wanted: ResultFilter) -> AsyncIterator[list[Result]]:
        """Yield all results of a push, up to `RESULTS_PER_READ` at a time; each part is of its own moment.

        Raises:
            NotFound: the push, before anything is yielded.
        """
        await self._db.read(require_push, actor, Role.VIEWER, push_id)
        status, kind, after, most = wanted.meant, wanted.failure_kind, 0, RESULTS_PER_READ
        while rows := await self._db.read(store.by_device, push_id, status, kind, after, most):
            yield rows
            after = rows[-1].device_id

    async def of_device(
        self, actor: Actor, key: DeviceKey, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Result]:
        """Return what became of all pushes to a device, the newest first.

        Raises:
            Invalid: limit or cursor.
        """
        check_limit(limit)
        below = _MAX_ID if cursor is None else read_cursor(cursor, _OF_DEVICE, [int])[0]

        def read(tx: Tx) -> Page[Result]:
            device_id = require_device(tx, actor, Role.VIEWER, key).id
            rows = store.of_device(tx, device_id, below, limit + 1)
            beyond = write_cursor(_OF_DEVICE, [rows[limit - 1].push_id]) if len(rows) > limit else None
            return page_of(rows, limit, store.count_of_device(tx, device_id, MAX_TOTAL + 1), beyond)

        return await self._db.read(read)
