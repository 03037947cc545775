"""Lists of devices."""

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_product
from linkops.devices.conditions import store as conditions
from linkops.devices.groups.access import conditions_of, require_group
from linkops.devices.paging import MAX_TOTAL, Page, check_limit, page_of, read_cursor, write_cursor
from linkops.devices.search import store
from linkops.devices.search.model import DeviceFilter, DeviceRow, Order
from linkops.errors import Invalid
from linkops.events.actor import Actor, Role


class DeviceSearch:
    """Devices of the products that an actor may look at."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def page(
        self,
        actor: Actor,
        wanted: DeviceFilter,
        *,
        order: Order = Order.NAME,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[DeviceRow]:
        """Return the devices that ``wanted`` describes, ``limit`` at a time.

        Raises:
            NotFound: the actor may not look at the product or the group.
            Invalid: limit or cursor, or a module without a product.
        """
        check_limit(limit)
        if wanted.module is not None and wanted.product_key is None:
            raise Invalid("device.filter_needs_product", field="product_key")
        after = [] if cursor is None else read_cursor(cursor, order, store.place_kinds(order))

        def read(tx: Tx) -> Page[DeviceRow]:
            question = self._question(tx, actor, wanted)
            found = store.some(tx, question, order, after, limit + 1)
            tags = store.tags(tx, [device.id for device, _ in found])
            beyond = write_cursor(order, found[limit - 1][1]) if len(found) > limit else None
            rows = [DeviceRow(device, tags.get(device.id, {})) for device, _ in found]
            return page_of(rows, limit, store.count(tx, question, MAX_TOTAL + 1), beyond)

        return await self._db.read(read)

    def _question(self, tx: Tx, actor: Actor, wanted: DeviceFilter) -> store.Question:
        now, asked = self._clock.now(), [*wanted.conditions()]
        products = _products(tx, actor, wanted.product_key)
        if wanted.group_id is None:
            return store.Question(*conditions.where(tx, asked, products, now))
        group = require_group(tx, actor, Role.VIEWER, wanted.group_id)
        if group.product_id is not None:
            products = [group.product_id] if products is None or group.product_id in products else []
        return store.Question(*conditions.where(tx, [*asked, *conditions_of(tx, group)], products, now))


def _products(tx: Tx, actor: Actor, product_key: str | None) -> list[int] | None:
    if product_key is not None:
        return [require_product(tx, actor, Role.VIEWER, product_key).id]
    return actor.visible_products()
