"""SQL that counts devices. Each count reads an index only: rows of devices are ten times as long as its entries."""

from linkops.db import Tx
from linkops.devices.totals.model import ProductTotals

_PRODUCTS = "SELECT id, product_key, name FROM product ORDER BY name, id"
_DEVICES = "SELECT product_id, count(*) FROM device GROUP BY product_id"
_ONLINE = "SELECT product_id, count(*) FROM device WHERE online = 1 GROUP BY product_id"
_INACTIVE = "SELECT product_id, count(*) FROM device WHERE activated_at IS NULL GROUP BY product_id"


def totals(tx: Tx) -> list[ProductTotals]:
    """Count the devices of all products."""
    devices, online, inactive = (_by_product(tx, sql) for sql in (_DEVICES, _ONLINE, _INACTIVE))
    return [
        ProductTotals(
            product_id,
            product_key,
            name,
            devices.get(product_id, 0),
            online.get(product_id, 0),
            devices.get(product_id, 0) - inactive.get(product_id, 0),
        )
        for product_id, product_key, name in tx.all(_PRODUCTS)
    ]


def _by_product(tx: Tx, sql: str) -> dict[int, int]:
    return {row[0]: row[1] for row in tx.all(sql)}
