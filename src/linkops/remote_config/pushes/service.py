"""Pushes: begin, look at, continue, cancel."""

from collections.abc import Awaitable, Callable

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_product
from linkops.devices.paging import MAX_TOTAL, Page, check_limit, page_of, read_cursor, write_cursor
from linkops.errors import Conflict
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.remote_config.pushes import creating, stopping, store
from linkops.remote_config.pushes.access import require_push
from linkops.remote_config.pushes.creating import NewPush, Preview
from linkops.remote_config.pushes.model import Push, PushStatus, StopReason
from linkops.remote_config.pushes.rules import Limits
from linkops.remote_config.pushes.staging import advancing

_NEWEST = "config-pushes"
_MAX_ID = 2**63 - 1


class Pushes:
    """The pushes of the products that an actor may see; what it may not see is `NotFound`.

    Looking takes a viewer of the product, everything else an operator.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        limits: Limits,
        settled: Callable[[], Awaitable[None]],
        on_begun: Callable[[], None],
    ) -> None:
        """``settled`` returns when no push is on its way any more; ``on_begun`` is called when there is work."""
        self._db = db
        self._clock = clock
        self._limits = limits
        self._settled = settled
        self._on_begun = on_begun

    async def begin(self, actor: Actor, new: NewPush) -> Push:
        """Begin a push to the devices that are enabled now, and return it at once.

        Raises:
            Invalid: a field, or a device that does not exist.
            NotFound: the product or the group.
            Conflict: configuration is switched off, there is none, or it was pushed before.
            TooMany: the last push was a short while ago; it says when the next may be.
        """
        creating.check(new)
        push = await self._db.write(creating.begin, actor, new, self._limits, self._clock.now())
        self._on_begun()
        return push

    async def preview(self, actor: Actor, new: NewPush) -> Preview:
        """Return what such a push would do if it began now, and whether it may; nothing is stored.

        Raises:
            Invalid: a field, or a device that does not exist.
            NotFound: the product or the group.
        """
        creating.check(new)
        return await self._db.read(creating.preview, actor, new, self._limits, self._clock.now())

    async def get(self, actor: Actor, push_id: int) -> Push:
        """Return a push with its devices counted by status."""
        return await self._db.read(require_push, actor, Role.VIEWER, push_id)

    async def page(
        self,
        actor: Actor,
        product_key: str,
        *,
        status: PushStatus | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Push]:
        """Return the pushes of a product, the newest first, ``limit`` at a time.

        Raises:
            Invalid: limit or cursor.
        """
        check_limit(limit)
        edge = _MAX_ID if cursor is None else read_cursor(cursor, _NEWEST, [int])[0]

        def read(tx: Tx) -> Page[Push]:
            product_id = require_product(tx, actor, Role.VIEWER, product_key).id
            rows = store.newest(tx, product_id, status, edge, limit + 1)
            beyond = write_cursor(_NEWEST, [rows[limit - 1].id]) if len(rows) > limit else None
            return page_of(rows, limit, store.counted(tx, product_id, status, MAX_TOTAL + 1), beyond)

        return await self._db.read(read)

    async def go_on(self, actor: Actor, push_id: int, stage: int) -> Push:
        """Begin the stage behind ``stage`` whatever its devices came to, and return the push.

        Raises:
            Conflict: the push is over, or it is no longer at this stage.
        """
        push = await self._db.write(_go_on, actor, push_id, stage, self._clock.now())
        self._on_begun()
        return push

    async def cancel(self, actor: Actor, push_id: int) -> Push:
        """End a push and return it when nobody is told of it any more; what devices do with it is still recorded.

        Raises:
            Conflict: it is over already, and waits for nobody.
        """
        await self._db.write(_cancel, actor, push_id, self._clock.now())
        await self._settled()
        return await self.get(actor, push_id)


def _go_on(tx: Tx, actor: Actor, push_id: int, stage: int, now: int) -> Push:
    product_id = require_push(tx, actor, Role.OPERATOR, push_id).product_id
    push = store.lock(tx, push_id)
    if push is None or push.status is not PushStatus.IN_PROGRESS:
        raise Conflict("config_push.over", push_id=push_id)
    if push.stage != stage or push.offer_left is None:
        raise Conflict("config_push.other_stage", push_id=push_id, stage=stage + 1)
    advancing.begin(tx, push_id, push, stage + 1, now)
    record_audit(tx, actor, now, "config.push_continue", f"config_push:{push_id}", product_id=product_id, stage=stage)
    return require_push(tx, actor, Role.OPERATOR, push_id)


def _cancel(tx: Tx, actor: Actor, push_id: int, now: int) -> None:
    require_push(tx, actor, Role.OPERATOR, push_id)
    if not stopping.stop(tx, push_id, StopReason.OPERATOR, now, actor):
        raise Conflict("config_push.over", push_id=push_id)
