"""SQL of choosing the devices that get certificates."""

from linkops.db import Tx

_WITHOUT = """
SELECT d.id, d.device_name FROM device d
WHERE d.product_id = :product_id AND d.id > :after AND NOT EXISTS (
    SELECT 1 FROM device_certificate c
    WHERE c.device_id = d.id AND c.revoked_at IS NULL AND c.not_after_at > :now
      AND (c.ends_at IS NULL OR c.ends_at > :now))
ORDER BY d.id LIMIT :most
"""


def without_certificate(tx: Tx, product_id: int, after: int, most: int, now: int) -> list[tuple[int, str]]:
    """Return (id, name) of up to ``most`` devices with ids above ``after`` that have no valid certificate."""
    return [(row[0], row[1]) for row in tx.all(_WITHOUT, product_id=product_id, after=after, most=most, now=now)]
