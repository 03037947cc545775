"""SQL that counts devices. Each count reads an index only: a row of a device is ten times as long as an entry of one."""

from linkops.db import Tx
from linkops.devices.totals.model import ProductTotals

_PRODUCTS = "SELECT id, product_key, name FROM product ORDER BY name, id"
_DEVICES = "SELECT product_id, count(*) FROM device GROUP BY product_id"
_ONLINE = "SELECT product_id, count(*) FROM device WHERE online = 1 GROUP BY product_id"
_INACTIVE = "SELECT product_id, count(*) FROM device WHERE activated_at IS NULL GROUP BY product_id"


def totals(tx: Tx) -> list[ProductTotals]:
    """Count the devices of all products."""
    devices, online, inactive = (dict(tx.all(sql)) for sql in (_DEVICES, _ONLINE, _INACTIVE))
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
