"""Rows of the audit trail and of the event log, written inside the unit that they are about."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from linkops.db import Tx
from linkops.events.actor import Actor

_encode = msgspec.json.Encoder().encode

_ADD_AUDIT = """
INSERT INTO audit (at, account_id, account_name, address, action, target, product_id, details)
VALUES (:at, :account_id, :account_name, :address, :action, :target, :product_id, :details)
"""
_ADD_EVENTS = """
INSERT INTO event (at, kind, product_id, device_id, body)
SELECT r.at, r.kind, r.product_id, r.device_id, r.body
FROM {events: at bigint, kind text, product_id bigint, device_id bigint, body text} r WHERE 1 = 1
"""
_DELETE_OLD_AUDIT = """
DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < :before ORDER BY at LIMIT :most)
"""
_DELETE_OLD_EVENTS = """
DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at < :before ORDER BY at LIMIT :most)
"""


class Event(NamedTuple):
    """Something that happened, for applications and people to hear of.

    Attributes:
        at: Unix milliseconds.
        kind: as in "device.online".
        body: what `ota/wire` or its like made; without secrets.
    """

    at: int
    kind: str
    product_id: int
    device_id: int | None
    body: dict[str, Any]


def record_audit(
    tx: Tx, actor: Actor, at: int, action: str, target: str, *, product_id: int | None = None, **details: Any
) -> None:
    """Record that ``actor`` changed ``target``; ``details`` hold what was changed, never a secret."""
    tx.run(
        _ADD_AUDIT,
        at=at,
        account_id=actor.account_id,
        account_name=actor.name,
        address=actor.address,
        action=action,
        target=target,
        product_id=product_id,
        details=_encode(details).decode(),
    )


def record_events(tx: Tx, events: Sequence[Event]) -> None:
    """Record what happened, in order."""
    if events:
        rows = [(e.at, e.kind, e.product_id, e.device_id, _encode(e.body).decode()) for e in events]
        tx.run(_ADD_EVENTS, events=rows)


def delete_old_audit(tx: Tx, before: int, most: int) -> int:
    """Delete up to ``most`` audit rows from before ``before`` and return how many."""
    return tx.run(_DELETE_OLD_AUDIT, before=before, most=most)


def delete_old_events(tx: Tx, before: int, most: int) -> int:
    """Delete up to ``most`` events from before ``before`` and return how many."""
    return tx.run(_DELETE_OLD_EVENTS, before=before, most=most)
