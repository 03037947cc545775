"""SQL of the event log, read onwards from a place in it.

Places are ids. They become visible in their order because one writer commits them all
(docs/adr/0021-webhooks-deliver-in-order.md).
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from linkops.db import Row, Tx
from linkops.subscriptions.model import Happened

IDS_PER_READ = 10_000
"""How much of the log one read looks through at most: events that nobody wants cost time, too."""

_BOUNDS = "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM event"
_NEWEST = "SELECT coalesce(max(id), 0) FROM event"
_EVENTS = """
SELECT e.id, e.at, e.kind, e.product_id, e.device_id, p.product_key, d.device_name, e.body
FROM event e LEFT JOIN product p ON p.id = e.product_id LEFT JOIN device d ON d.id = e.device_id
WHERE e.id > :after AND e.id <= :upto{conditions} ORDER BY e.id LIMIT :most
"""
_OF_KINDS = " AND e.kind IN (SELECT k.kind FROM {kinds: kind text} k)"
_OF_PRODUCTS = " AND e.product_id IN (SELECT v.id FROM {products: id bigint} v)"
_OF_DEVICE = " AND e.device_id = :device_id"
_DELETED = """
SELECT device_id, body FROM event
WHERE device_id IN (SELECT r.id FROM {devices: id bigint} r) AND kind = 'device.deleted'
"""
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Wanted(NamedTuple):
    """Which events; None leaves a field open."""

    kinds: Sequence[str] | None = None
    products: Sequence[int] | None = None
    device_id: int | None = None


class Read(NamedTuple):
    """A part of the log.

    Attributes:
        upto: the place behind it: what lies before is here, or not wanted.
        newest: the place behind the whole log.
    """

    events: list[Happened]
    upto: int
    newest: int


def newest(tx: Tx) -> int:
    """Return the place behind the whole log."""
    return int(tx.scalar(_NEWEST))


def read_events(tx: Tx, wanted: Wanted, after: int, most: int) -> Read:
    """Return up to ``most`` wanted events behind the place ``after``, oldest first, of a bounded part of the log."""
    oldest, last = tx.all(_BOUNDS)[0]
    after = max(after, oldest - 1)
    upto = min(after + IDS_PER_READ, last)
    if upto <= after:
        return Read([], after, last)
    conditions, given = _conditions(wanted)
    rows = tx.all(_EVENTS.replace("{conditions}", conditions), after=after, upto=upto, most=most, **given)
    return Read(_named(tx, rows), rows[-1][0] if len(rows) == most else upto, last)


def _conditions(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    conditions, given = "", dict[str, Any]()
    if wanted.kinds is not None:
        conditions += _OF_KINDS
        given["kinds"] = [(kind,) for kind in wanted.kinds]
    if wanted.products is not None:
        conditions += _OF_PRODUCTS
        given["products"] = [(product,) for product in wanted.products]
    if wanted.device_id is not None:
        conditions += _OF_DEVICE
        given["device_id"] = wanted.device_id
    return conditions, given


def _named(tx: Tx, rows: Iterable[Row]) -> list[Happened]:
    decoded = [(*row[:7], _decode(row[7])) for row in rows]
    gone = {row[4] for row in decoded if row[4] is not None and row[6] is None and "device_name" not in row[7]}
    names = _names_of_deleted(tx, gone) if gone else {}
    return [_happened(row, names) for row in decoded]


def _happened(row: Row, names: dict[int, dict[str, Any]]) -> Happened:
    number, at, kind, product_id, device_id, product_key, device_name, body = row
    if device_id is not None and device_name is None:
        known = body if "device_name" in body else names.get(device_id, {})
        device_name = str(known.get("device_name", ""))
        product_key = product_key or known.get("product_key")
    return Happened(number, at, kind, product_id, device_id, product_key or "", device_name, body)


def _names_of_deleted(tx: Tx, device_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    rows = tx.all(_DELETED, devices=[(device_id,) for device_id in device_ids])
    return {device_id: _decode(body) for device_id, body in rows}
