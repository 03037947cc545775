"""Pages of the audit trail and of the event log, newest first."""

from collections.abc import Collection, Sequence

import msgspec

from linkops.accounts.trail.model import AuditFilter, AuditLine, EventFilter, EventLine
from linkops.db import Tx
from linkops.events.actor import Actor, Role
from linkops.events.kinds import FOR_OPERATORS

_AUDIT = """
SELECT id, at, account_name, address, action, target, details FROM audit
WHERE id < :before{conditions} ORDER BY id DESC LIMIT :most
"""
_AUDIT_CONDITIONS = {
    "account_name": " AND account_name = :account_name",
    "action": " AND action = :action",
    "action_begins": " AND action >= :action_begins AND action < :action_beyond",
    "target": " AND target = :target",
    "product_key": " AND product_id = (SELECT p.id FROM product p WHERE p.product_key = :product_key)",
    "since": " AND at >= :since",
    "until": " AND at < :until",
}
_EVENTS = """
SELECT e.id, e.at, e.kind, p.product_key, d.device_name, e.body
FROM event e JOIN product p ON p.id = e.product_id LEFT JOIN device d ON d.id = e.device_id
WHERE e.id < :before{conditions} ORDER BY e.id DESC LIMIT :most
"""
_EVENT_CONDITIONS = {
    "kind": " AND e.kind = :kind",
    "product_key": " AND p.product_key = :product_key",
    "device_name": " AND d.device_name = :device_name",
    "since": " AND e.at >= :since",
    "until": " AND e.at < :until",
}
# A product may have millions of events: those of one device are found by its number, which has an index.
_OF_DEVICE = """
 AND e.device_id = (
    SELECT x.id FROM device x JOIN product y ON y.id = x.product_id
    WHERE y.product_key = :product_key AND x.device_name = :device_name
)"""
_OF_PRODUCTS = " AND {column} IN (SELECT v.id FROM {{products: id bigint}} v)"
_READABLE = (
    " AND (e.kind NOT IN (SELECT k.kind FROM {private: kind text} k)"
    " OR e.product_id IN (SELECT o.id FROM {operated: id bigint} o))"
)
_HIGHEST = "\U0010ffff"
_decode = msgspec.json.decode


def page_of_audit(
    tx: Tx, wanted: AuditFilter, products: Sequence[int] | None, before: int, most: int
) -> list[AuditLine]:
    """Return up to ``most`` lines with an id below ``before``, only about ``products`` (None: about anything)."""
    given = {name: getattr(wanted, name) for name in _AUDIT_CONDITIONS if getattr(wanted, name) is not None}
    conditions = "".join(_AUDIT_CONDITIONS[name] for name in given)
    if wanted.action_begins is not None:
        given["action_beyond"] = wanted.action_begins + _HIGHEST
    if products is not None:
        conditions += _OF_PRODUCTS.format(column="product_id")
        given["products"] = [(product,) for product in products]
    rows = tx.all(_AUDIT.replace("{conditions}", conditions), before=before, most=most, **given)
    return [
        AuditLine(number, at, name, address, action, target, _decode(details))
        for number, at, name, address, action, target, details in rows
    ]


def page_of_events(tx: Tx, wanted: EventFilter, reader: Actor, before: int, most: int) -> list[EventLine]:
    """Return up to ``most`` events with an id below ``before``, only those that ``reader`` may see."""
    given = {name: getattr(wanted, name) for name in _EVENT_CONDITIONS if getattr(wanted, name) is not None}
    conditions = _event_conditions(given)
    visible, operated = reader.visible_products(), reader.products(Role.OPERATOR)
    if visible is not None:
        conditions += _OF_PRODUCTS.format(column="e.product_id")
        given["products"] = [(product,) for product in visible]
    if operated is not None:
        conditions += _READABLE
        given |= {"private": [(kind,) for kind in FOR_OPERATORS], "operated": [(product,) for product in operated]}
    rows = tx.all(_EVENTS.replace("{conditions}", conditions), before=before, most=most, **given)
    return [
        EventLine(number, at, kind, product_key, device_name, _decode(body))
        for number, at, kind, product_key, device_name, body in rows
    ]


def _event_conditions(given: Collection[str]) -> str:
    names, device = list(given), ""
    if {"product_key", "device_name"} <= set(names):
        names, device = [name for name in names if name not in {"product_key", "device_name"}], _OF_DEVICE
    return device + "".join(_EVENT_CONDITIONS[name] for name in names)
