"""SQL of what gateways found and what they were asked."""

from collections.abc import Collection, Sequence

from linkops.alink.messages import MessageId
from linkops.db import Row, Tx
from linkops.devices.model import DeviceKey
from linkops.devices.topology.model import MAX_FOUND, FoundDevice, GatewayRequest, RequestKind

_SUB_PRODUCTS = """
SELECT p.product_key FROM {keys: product_key text} k JOIN product p ON p.product_key = k.product_key
WHERE p.node_type = 'subdevice'
"""
_KNOWN = "SELECT product_key, device_name FROM found_device WHERE gateway_id = :gateway_id"
_KEEP = """
INSERT INTO found_device (gateway_id, product_key, device_name, found_at)
SELECT :gateway_id, r.product_key, r.device_name, :now FROM {found: product_key text, device_name text} r WHERE 1 = 1
ON CONFLICT (gateway_id, product_key, device_name) DO UPDATE SET found_at = excluded.found_at
"""
_TRIM = """
DELETE FROM found_device WHERE gateway_id = :gateway_id AND (product_key, device_name) IN (
    SELECT f.product_key, f.device_name FROM found_device f WHERE f.gateway_id = :gateway_id
    ORDER BY f.found_at DESC, f.product_key, f.device_name LIMIT 1000000 OFFSET :most
)
"""
_FORGET = """
DELETE FROM found_device WHERE gateway_id = :gateway_id AND (product_key, device_name) IN (
    SELECT r.product_key, r.device_name FROM {found: product_key text, device_name text} r
)
"""
_FOUND = """
SELECT f.product_key, f.device_name, f.found_at, d.id, gp.product_key, g.device_name
FROM found_device f
JOIN product p ON p.product_key = f.product_key
LEFT JOIN device d ON d.product_id = p.id AND d.device_name = f.device_name
LEFT JOIN topology t ON t.sub_id = d.id
LEFT JOIN device g ON g.id = t.gateway_id
LEFT JOIN product gp ON gp.id = g.product_id
WHERE f.gateway_id = :gateway_id ORDER BY f.found_at DESC, f.product_key, f.device_name
"""
_OF_PRODUCTS = " AND p.id IN (SELECT v.id FROM {products: id bigint} v)"
_ASK = """
INSERT INTO gateway_request (gateway_id, kind, message_id, sent_at, ends_at)
SELECT r.gateway_id, :kind, r.message_id, :now, :ends_at FROM {sent: gateway_id bigint, message_id text} r WHERE 1 = 1
ON CONFLICT (gateway_id, kind) DO UPDATE SET message_id = excluded.message_id, sent_at = excluded.sent_at,
    ends_at = excluded.ends_at, answer_code = NULL, answered_at = NULL
"""
_ANSWER = """
UPDATE gateway_request SET answer_code = :code, answered_at = :now
WHERE gateway_id = :gateway_id AND kind = :kind AND message_id = :message_id AND answered_at IS NULL
"""
_REQUESTS = """
SELECT kind, sent_at, ends_at, answer_code, answered_at FROM gateway_request
WHERE gateway_id = :gateway_id ORDER BY kind
"""


def sub_products(tx: Tx, product_keys: Collection[str]) -> set[str]:
    """Return those of the keys that are products of sub-devices."""
    return {row[0] for row in tx.all(_SUB_PRODUCTS, keys=[(key,) for key in product_keys])}


def known(tx: Tx, gateway_id: int) -> set[DeviceKey]:
    """Return what is kept of a gateway."""
    return {DeviceKey(*row) for row in tx.all(_KNOWN, gateway_id=gateway_id)}


def keep(tx: Tx, gateway_id: int, found: Sequence[tuple[str, str]], now: int) -> None:
    """Keep what a gateway found, the newest `MAX_FOUND`."""
    tx.run(_KEEP, gateway_id=gateway_id, found=found, now=now)
    tx.run(_TRIM, gateway_id=gateway_id, most=MAX_FOUND)


def forget(tx: Tx, gateway_id: int, found: Collection[tuple[str, str]]) -> None:
    """Forget what became a sub-device of the gateway."""
    tx.run(_FORGET, gateway_id=gateway_id, found=list(found))


def found_devices(tx: Tx, gateway_id: int, products: Collection[int] | None) -> list[FoundDevice]:
    """Return what is kept, the newest first; of these products only, unless that is None."""
    if products is None:
        return [_found(row) for row in tx.all(_FOUND, gateway_id=gateway_id)]
    sql = _FOUND.replace(" ORDER BY", f"{_OF_PRODUCTS} ORDER BY")
    return [_found(row) for row in tx.all(sql, gateway_id=gateway_id, products=[(each,) for each in products])]


def _found(row: Row) -> FoundDevice:
    gateway = None if row[5] is None else DeviceKey(row[4], row[5])
    return FoundDevice(DeviceKey(row[0], row[1]), row[2], row[3] is not None, gateway)


def ask(tx: Tx, kind: RequestKind, sent: Sequence[tuple[int, str]], now: int, *, ends_at: int | None = None) -> None:
    """Keep what gateways are asked, as (gateway id, message id); it replaces what they were asked before."""
    tx.run(_ASK, kind=kind, sent=sent, now=now, ends_at=ends_at)


def answer(tx: Tx, gateway_id: int, kind: RequestKind, message_id: MessageId, code: int, now: int) -> bool:
    """Keep a gateway's answer, unless it was asked something else meanwhile or has answered; return whether."""
    params = {"gateway_id": gateway_id, "kind": kind, "message_id": str(message_id), "code": code, "now": now}
    return tx.run(_ANSWER, **params) > 0


def requests(tx: Tx, gateway_id: int) -> list[GatewayRequest]:
    """Return the last request of each kind."""
    return [GatewayRequest(RequestKind(row[0]), *row[1:]) for row in tx.all(_REQUESTS, gateway_id=gateway_id)]
