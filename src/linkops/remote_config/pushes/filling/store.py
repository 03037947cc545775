"""SQL of making results: which devices a push is for, and their rows."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from linkops.db import Tx
from linkops.remote_config.pushes.model import Target

_UNFILLED = """
SELECT id FROM config_push WHERE status = 'IN_PROGRESS' AND filled_at IS NULL ORDER BY id LIMIT :most
"""
_PUSH = """
SELECT product_id, target, group_id, last_device_id, fill_cursor, created_at FROM config_push
WHERE id = :push_id AND status = 'IN_PROGRESS' AND filled_at IS NULL{for_update}
"""
_NEXT = """
SELECT id, enabled, online, lot FROM device WHERE product_id = :product_id AND id > :after AND id <= :last
ORDER BY id LIMIT :most
"""
_THESE = """
SELECT d.id, d.enabled, d.online, d.lot FROM device d
WHERE d.id IN (SELECT r.id FROM {devices: id bigint} r) AND d.product_id = :product_id AND d.id <= :last
ORDER BY d.id
"""
_ADD = """
INSERT INTO config_result (push_id, device_id, status, lot, due_at, created_at, updated_at)
SELECT :push_id, r.device_id, r.status, r.lot, r.due_at, :now, :now
FROM {results: device_id bigint, status text, lot bigint, due_at bigint} r WHERE 1 = 1
ON CONFLICT (push_id, device_id) DO NOTHING
"""
_ADVANCE = """
UPDATE config_push SET fill_cursor = :cursor, total = total + :devices, updated_at = :now WHERE id = :push_id
"""
_FINISH = "UPDATE config_push SET filled_at = :now, updated_at = :now WHERE id = :push_id"


class Filling(NamedTuple):
    """A push whose results are being made; devices up to ``cursor`` have theirs."""

    product_id: int
    target: Target
    group_id: int | None
    last_device_id: int
    cursor: int
    created_at: int


class Candidate(NamedTuple):
    """A device that a push may be for."""

    device_id: int
    enabled: int
    online: int
    lot: int


class NewResult(NamedTuple):
    """A result to be made."""

    device_id: int
    status: str
    lot: int
    due_at: int | None


def unfilled(tx: Tx, most: int) -> list[int]:
    """Return up to ``most`` pushes whose results are not all made."""
    return [push_id for (push_id,) in tx.all(_UNFILLED, most=most)]


def filling(tx: Tx, push_id: int) -> Filling | None:
    """Return a push, locked, unless it is filled or was stopped."""
    row = tx.one(_PUSH, push_id=push_id)
    return None if row is None else Filling(row[0], Target(row[1]), *row[2:])


def next_of_product(tx: Tx, push: Filling, most: int) -> list[Candidate]:
    """Return the next devices of the product, in order of their ids."""
    params = {"product_id": push.product_id, "after": push.cursor, "last": push.last_device_id}
    return [Candidate(*row) for row in tx.all(_NEXT, most=most, **params)]


def these(tx: Tx, push: Filling, device_ids: Iterable[int]) -> list[Candidate]:
    """Return those of these devices that the push may be for."""
    devices = [(device_id,) for device_id in device_ids]
    rows = tx.all(_THESE, devices=devices, product_id=push.product_id, last=push.last_device_id)
    return [Candidate(*row) for row in rows]


def add(tx: Tx, push_id: int, results: Sequence[NewResult], now: int) -> None:
    """Make results."""
    tx.run(_ADD, push_id=push_id, results=results, now=now)


def advance(tx: Tx, push_id: int, cursor: int, devices: int, now: int) -> None:
    """Remember how far a push is filled."""
    tx.run(_ADVANCE, push_id=push_id, cursor=cursor, devices=devices, now=now)


def finish(tx: Tx, push_id: int, now: int) -> None:
    """Record that all results are made."""
    tx.run(_FINISH, push_id=push_id, now=now)
