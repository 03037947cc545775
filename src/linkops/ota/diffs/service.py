"""Differential packages: ask for one, watch it, cancel it."""

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_product
from linkops.devices.paging import MAX_TOTAL, Page, check_limit
from linkops.errors import Conflict, NotFound
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.ota.diffs import queueing, store
from linkops.ota.diffs.model import Diff, NewDiff
from linkops.ota.paging import Order, edge_of, page_by_age

_ROWS_PER_TICK = 500


class Diffs:
    """The differential packages that are made for the products that an actor may see.

    Looking takes a viewer of the product, everything else an operator.
    """

    def __init__(self, db: Database, clock: Clock, keep_days: int) -> None:
        self._db = db
        self._clock = clock
        self._keep_ms = keep_days * 86_400_000

    async def create(self, actor: Actor, new: NewDiff) -> Diff:
        """Queue a differential package and return it; see `linkops.ota.diffs.queueing.queue` for what is refused.

        Raises:
            Unavailable: this installation cannot make any.
        """
        queueing.require_tool()
        return await self._db.write(queueing.queue, actor, new, self._clock.now())

    async def get(self, actor: Actor, diff_id: int) -> Diff:
        """Return how far a differential package is.

        Raises:
            NotFound: there is none, or the actor may not look at it.
        """
        return await self._db.read(_require, actor, Role.VIEWER, diff_id)

    async def page(
        self, actor: Actor, *, product_key: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[Diff]:
        """Return the newest, ``limit`` at a time.

        Raises:
            Invalid: limit or cursor.
        """
        check_limit(limit)
        edge = edge_of(Order.NEWEST, cursor)

        def read(tx: Tx) -> Page[Diff]:
            products = actor.visible_products()
            if product_key is not None:
                products = [require_product(tx, actor, Role.VIEWER, product_key).id]
            rows = store.newest(tx, products, edge, limit + 1)
            return page_by_age(Order.NEWEST, limit, rows, store.count(tx, products, MAX_TOTAL + 1))

        return await self._db.read(read)

    async def cancel(self, actor: Actor, diff_id: int) -> Diff:
        """Let a differential package not be made, and return it.

        Raises:
            Conflict: it was made or failed already.
        """
        return await self._db.write(self._cancel, actor, diff_id)

    def _cancel(self, tx: Tx, actor: Actor, diff_id: int) -> Diff:
        diff, now = _require(tx, actor, Role.OPERATOR, diff_id), self._clock.now()
        if not store.cancel(tx, diff_id, now):
            raise Conflict("diff.ended", diff_id=diff_id, status=diff.status)
        record_audit(tx, actor, now, "diff.cancel", f"diff:{diff_id}", product_id=diff.product_id, name=diff.name)
        return _require(tx, actor, Role.OPERATOR, diff_id)

    async def delete_old(self) -> bool:
        """Forget some that ended long ago, and return whether there are others (a tick); their packages stay."""
        before = self._clock.now() - self._keep_ms
        return await self._db.write(store.delete_old, before, _ROWS_PER_TICK) == _ROWS_PER_TICK


def _require(tx: Tx, actor: Actor, role: Role, diff_id: int) -> Diff:
    diff = store.by_id(tx, diff_id)
    if diff is None or not actor.may(Role.VIEWER, diff.product_id):
        raise NotFound("diff.not_found", diff_id=diff_id)
    actor.require(role, diff.product_id)
    return diff
