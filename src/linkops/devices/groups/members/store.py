"""SQL of the members of static groups."""

from collections.abc import Collection, Iterable

from linkops.db import Tx
from linkops.devices.model import DeviceKey

_ADD = """
INSERT INTO device_group_member (group_id, product_id, device_id)
SELECT :group_id, d.product_id, d.id FROM {devices: id bigint} r JOIN device d ON d.id = r.id WHERE 1 = 1
ON CONFLICT (group_id, product_id, device_id) DO NOTHING
RETURNING device_id
"""
_REMOVE = """
DELETE FROM device_group_member WHERE group_id = :group_id AND device_id IN (SELECT r.id FROM {devices: id bigint} r)
"""
_REMOVE_SOME = """
DELETE FROM device_group_member WHERE group_id = :group_id AND device_id IN (
    SELECT m.device_id FROM device_group_member m WHERE m.group_id = :group_id LIMIT :most
)
"""
_FIND = """
SELECT p.id, p.product_key, d.device_name, d.id
FROM {keys: product_key text, device_name text} k
JOIN product p ON p.product_key = k.product_key
JOIN device d ON d.product_id = p.id AND d.device_name = k.device_name
"""
_PRODUCTS = "SELECT id FROM product ORDER BY id"


def add(tx: Tx, group_id: int, device_ids: Iterable[int]) -> set[int]:
    """Put devices into a static group and return those that were not in it."""
    devices = [(device_id,) for device_id in device_ids]
    return {row[0] for row in tx.all(_ADD, group_id=group_id, devices=devices)}


def remove(tx: Tx, group_id: int, device_ids: Iterable[int]) -> int:
    """Take devices out of a static group and return how many were in it."""
    return tx.run(_REMOVE, group_id=group_id, devices=[(device_id,) for device_id in device_ids])


def remove_some(tx: Tx, group_id: int, most: int) -> int:
    """Take up to ``most`` devices out of a static group and return how many."""
    return tx.run(_REMOVE_SOME, group_id=group_id, most=most)


def find(tx: Tx, product_id: int | None, keys: Collection[DeviceKey]) -> dict[DeviceKey, int]:
    """Return the ids of those devices that exist, and are of the product unless it is None."""
    rows = tx.all(_FIND, keys=list(keys))
    return {DeviceKey(row[1], row[2]): row[3] for row in rows if product_id is None or row[0] == product_id}


def all_products(tx: Tx) -> list[int]:
    """Return the ids of all products, in order."""
    return [row[0] for row in tx.all(_PRODUCTS)]
