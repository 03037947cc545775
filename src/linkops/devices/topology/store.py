"""SQL of topologies: whose sub-device is which."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from linkops.db import Row, Tx
from linkops.devices.model import AuthType, DeviceKey, NodeType
from linkops.devices.store import DEVICE_COLUMNS, device_of
from linkops.devices.topology.model import Bond, Candidate, Place, SubDevice

# Two servers that change the same devices wait here for each other, in one order so that they do not cross.
_LOCK = "SELECT d.id FROM device d WHERE d.id IN (SELECT r.id FROM {devices: id bigint} r) ORDER BY d.id{for_update}"
_CANDIDATES = """
SELECT d.id, p.product_key, d.device_name, p.node_type, p.auth_type, d.enabled, d.secret_sealed, t.gateway_id
FROM {keys: product_key text, device_name text} k
JOIN product p ON p.product_key = k.product_key
JOIN device d ON d.product_id = p.id AND d.device_name = k.device_name
LEFT JOIN topology t ON t.sub_id = d.id
"""
_BONDS = """
SELECT s.id, sp.product_key, s.device_name, g.id, g.product_id, gp.product_key, g.device_name, g.online
FROM {subs: id bigint} r CROSS JOIN topology t CROSS JOIN device s CROSS JOIN device g
JOIN product sp ON sp.id = s.product_id JOIN product gp ON gp.id = g.product_id
WHERE t.sub_id = r.id AND s.id = t.sub_id AND g.id = t.gateway_id
ORDER BY g.id, s.id
"""
_BIND = """
INSERT INTO topology (sub_id, gateway_id, added_at)
SELECT r.id, :gateway_id, :now FROM {subs: id bigint} r WHERE 1 = 1
ON CONFLICT (sub_id) DO UPDATE SET gateway_id = excluded.gateway_id, added_at = excluded.added_at
WHERE topology.gateway_id <> excluded.gateway_id
RETURNING sub_id
"""
_UNBIND = """
DELETE FROM topology WHERE gateway_id = :gateway_id AND sub_id IN (SELECT r.id FROM {subs: id bigint} r)
RETURNING sub_id
"""
_HELD = "SELECT count(*) FROM topology WHERE gateway_id = :gateway_id"
_NAMES = """
SELECT p.product_key, d.device_name
FROM topology t CROSS JOIN device d JOIN product p ON p.id = d.product_id
WHERE t.gateway_id = :gateway_id AND d.id = t.sub_id ORDER BY t.sub_id
"""
_GATEWAY = """
SELECT p.product_key, d.device_name
FROM topology t CROSS JOIN device d JOIN product p ON p.id = d.product_id
WHERE t.sub_id = :sub_id AND d.id = t.gateway_id
"""
_FROM = "FROM topology t CROSS JOIN device d JOIN product p ON p.id = d.product_id"
_OF_GATEWAY = "t.gateway_id = :gateway_id AND d.id = t.sub_id"


class Wanted(NamedTuple):
    """Which sub-devices of a gateway.

    Attributes:
        products: of one of these; None: of any.
        prefix: whose names begin so.
        online: who is, or is not; None: whatever.
    """

    gateway_id: int
    products: Collection[int] | None = None
    prefix: str = ""
    online: bool | None = None


def lock(tx: Tx, device_ids: Iterable[int]) -> set[int]:
    """Let no other server change these devices until the end of the unit, and return those that exist."""
    return {row[0] for row in tx.all(_LOCK, devices=[(device_id,) for device_id in device_ids])}


def candidates(tx: Tx, keys: Collection[tuple[str, str]]) -> list[Candidate]:
    """Return those that exist."""
    return [_candidate(row) for row in tx.all(_CANDIDATES, keys=list(keys))]


def _candidate(row: Row) -> Candidate:
    key = DeviceKey(row[1], row[2])
    return Candidate(row[0], key, NodeType(row[3]), AuthType(row[4]), bool(row[5]), row[6], row[7])


def bonds(tx: Tx, sub_ids: Iterable[int]) -> list[Bond]:
    """Return those devices that are sub-devices of a gateway, gateway by gateway."""
    rows = tx.all(_BONDS, subs=[(sub_id,) for sub_id in sub_ids])
    return [Bond(row[0], DeviceKey(*row[1:3]), row[3], row[4], DeviceKey(*row[5:7]), bool(row[7])) for row in rows]


def bind(tx: Tx, gateway_id: int, sub_ids: Iterable[int], now: int) -> set[int]:
    """Make devices sub-devices of a gateway, whoever had them, and return those that were not."""
    return {row[0] for row in tx.all(_BIND, gateway_id=gateway_id, subs=[(sub_id,) for sub_id in sub_ids], now=now)}


def unbind(tx: Tx, gateway_id: int, sub_ids: Iterable[int]) -> set[int]:
    """Take sub-devices from a gateway and return those that it had."""
    return {row[0] for row in tx.all(_UNBIND, gateway_id=gateway_id, subs=[(sub_id,) for sub_id in sub_ids])}


def held(tx: Tx, gateway_id: int) -> int:
    """Return how many sub-devices a gateway has."""
    return int(tx.scalar(_HELD, gateway_id=gateway_id))


def names(tx: Tx, gateway_id: int) -> list[DeviceKey]:
    """Return all sub-devices of a gateway: as many as the setting ``max_sub_devices`` lets it have."""
    return [DeviceKey(*row) for row in tx.all(_NAMES, gateway_id=gateway_id)]


def place(tx: Tx, device_id: int) -> Place:
    """Return where a device stands."""
    row = tx.one(_GATEWAY, sub_id=device_id)
    return Place(None if row is None else DeviceKey(*row), held(tx, device_id))


def some(tx: Tx, wanted: Wanted, after: tuple[int, str] | None, most: int) -> list[SubDevice]:
    """Return up to ``most`` sub-devices behind the place (product id, name) ``after``, in that order; without tags."""
    where, params = _where(wanted)
    if after is not None:
        where += " AND (d.product_id, d.device_name) > (:product_id, :device_name)"
        params |= {"product_id": after[0], "device_name": after[1]}
    sql = (  # every part is one of ours; what was asked for is a parameter
        f"SELECT {DEVICE_COLUMNS}, t.added_at {_FROM} WHERE {where} ORDER BY d.product_id, d.device_name LIMIT :most"
    )
    return [SubDevice(device_of(row), {}, row[-1]) for row in tx.all(sql, **params, most=most)]


def count(tx: Tx, wanted: Wanted) -> int:
    """Return how many there are."""
    where, params = _where(wanted)
    return int(tx.scalar(f"SELECT count(*) {_FROM} WHERE {where}", **params))


def _where(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    parts, params = [_OF_GATEWAY], dict[str, Any](gateway_id=wanted.gateway_id)
    if wanted.products is not None:
        parts.append("d.product_id IN (SELECT v.id FROM {products: id bigint} v)")
        params["products"] = [(product_id,) for product_id in wanted.products]
    if wanted.prefix:
        parts.append("d.device_name >= :prefix AND d.device_name < :beyond")
        params |= {"prefix": wanted.prefix, "beyond": wanted.prefix + "\U0010ffff"}
    if wanted.online is not None:
        parts.append(f"d.online = {int(wanted.online)}")
    return " AND ".join(parts), params
