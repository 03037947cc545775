"""Devices that fulfil conditions, over several products: in pages, product by product, the first registered first."""

from collections.abc import Iterable, Sequence

from linkops.db import Tx
from linkops.devices.conditions import store as conditions
from linkops.devices.conditions.model import AnyCondition
from linkops.devices.groups.members import store
from linkops.devices.groups.model import Counted
from linkops.devices.paging import MAX_TOTAL, Page, page_of, read_cursor, write_cursor
from linkops.devices.search.model import DeviceRow
from linkops.devices.search.store import rows

_ORDER = "members"


class Asked:
    """Conditions about the devices of some products (None: all) at the moment ``now``, in one transaction."""

    def __init__(self, tx: Tx, asked: Sequence[AnyCondition], product_ids: Iterable[int] | None, now: int) -> None:
        self._tx = tx
        self._conditions = asked
        self._products = store.all_products(tx) if product_ids is None else sorted(product_ids)
        self._now = now

    def page(self, cursor: str | None, limit: int) -> Page[DeviceRow]:
        """Return the devices behind a cursor.

        Raises:
            Invalid: the cursor is not one of such a page.
        """
        product_id, device_id = (0, 0) if cursor is None else read_cursor(cursor, _ORDER, [int, int])
        found = rows(self._tx, self._ids(product_id, device_id, limit + 1))
        last = found[limit - 1].device if len(found) > limit else None
        beyond = None if last is None else write_cursor(_ORDER, [last.product_id, last.id])
        counted = self.count()
        return page_of(found, limit, MAX_TOTAL + 1 if counted.total_is_more else counted.total, beyond)

    def count(self) -> Counted:
        """Return how many devices there are."""
        counted = 0
        for product_id in self._products:
            counted += conditions.count(self._tx, self._conditions, product_id, MAX_TOTAL + 1 - counted, self._now)
            if counted > MAX_TOTAL:
                return Counted(MAX_TOTAL, total_is_more=True)
        return Counted(counted, total_is_more=False)

    def _ids(self, first_product_id: int, after: int, most: int) -> list[int]:
        ids: list[int] = []
        for product_id in self._products:
            if product_id >= first_product_id and len(ids) < most:
                beyond = after if product_id == first_product_id else 0
                left = most - len(ids)
                ids += conditions.ids_after(self._tx, self._conditions, product_id, beyond, left, self._now)
        return ids
