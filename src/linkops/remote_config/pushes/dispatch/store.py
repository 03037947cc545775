"""SQL of dispatching: which pushes may reach somebody now, whom, and the claim of it."""

from collections.abc import Sequence
from typing import NamedTuple

from linkops.db import Tx

# A push that is over still reaches devices that come back, until it is closed. Where its stage has no room, only those
# that were reached before are looked for.
_DUE_PUSHES = """
SELECT k.id, k.offer_left FROM config_push k
WHERE k.closed_at IS NULL AND k.hold = '' AND (
    (k.offer_left IS NULL OR k.offer_left > 0) AND EXISTS (
        SELECT 1 FROM config_result t WHERE t.push_id = k.id AND t.due_at <= :now
    ) OR EXISTS (
        SELECT 1 FROM config_result t
        WHERE t.push_id = k.id AND t.due_at <= :now AND t.due_at IS NOT NULL AND t.charged = 1
    )
)
ORDER BY k.id LIMIT :most
"""
_DUE = """
SELECT t.device_id, t.attempt, t.charged, p.product_key, d.device_name,
    CASE WHEN d.online = 1 AND d.enabled = 1 THEN 1 ELSE 0 END
FROM (
    SELECT * FROM config_result
    WHERE push_id = :push_id AND due_at <= :now{again}
    ORDER BY due_at, lot LIMIT :most{for_update}
) t LEFT JOIN device d ON d.id = t.device_id LEFT JOIN product p ON p.id = d.product_id
ORDER BY t.due_at, t.lot
"""
_DUE_AGAIN = _DUE.replace("{again}", " AND due_at IS NOT NULL AND charged = 1")
_DUE_FIRST_OR_AGAIN = _DUE.replace("{again}", "")
_CLAIM = """
UPDATE config_result SET attempt = config_result.attempt + 1, charged = 1, content_id = r.content_id,
    config_id = r.config_id, claimed_at = :now, due_at = :due_at
FROM {claims: push_id bigint, device_id bigint, attempt integer, content_id bigint, config_id text} r
WHERE config_result.push_id = r.push_id AND config_result.device_id = r.device_id
    AND config_result.attempt = r.attempt
"""
_UNCHARGE = """
UPDATE config_result SET charged = 0
WHERE push_id = :push_id AND device_id IN (SELECT r.id FROM {devices: id bigint} r) AND status = 'OFFLINE'
    AND charged = 1
"""

_ONLINE = """
SELECT d.id, coalesce(d.online_at, 0) FROM device d
WHERE d.id IN (SELECT r.id FROM {devices: id bigint} r) AND d.online = 1 AND d.enabled = 1
"""


class DuePush(NamedTuple):
    """A push that has somebody to reach; ``offer_left``: for the first time, None: any."""

    push_id: int
    offer_left: int | None


class Due(NamedTuple):
    """A result whose device is to be pushed to; names are None for a device that is gone."""

    device_id: int
    attempt: int
    charged: int
    product_key: str | None
    device_name: str | None
    online: int


def due_pushes(tx: Tx, now: int, most: int) -> list[DuePush]:
    """Return up to ``most`` pushes that have somebody to reach at ``now``."""
    return [DuePush(*row) for row in tx.all(_DUE_PUSHES, now=now, most=most)]


def due(tx: Tx, push_id: int, now: int, most: int, *, only_again: bool) -> list[Due]:
    """Return up to ``most`` results that are due, locked, the longest due first; or only those reached before."""
    question = _DUE_AGAIN if only_again else _DUE_FIRST_OR_AGAIN
    return [Due(*row) for row in tx.all(question, push_id=push_id, now=now, most=most)]


def claim(tx: Tx, claims: Sequence[tuple[int, int, int, int, str]], now: int, due_at: int) -> None:
    """Count sendings, given as (push, device, attempt before, content, its name); due again at ``due_at``."""
    tx.run(_CLAIM, claims=claims, now=now, due_at=due_at)


def uncharge(tx: Tx, push_id: int, device_ids: Sequence[int]) -> int:
    """Give back the room of those of these devices that were away, and return how many."""
    return tx.run(_UNCHARGE, push_id=push_id, devices=[(device_id,) for device_id in sorted(device_ids)])


def online_since(tx: Tx, device_ids: Sequence[int]) -> dict[int, int]:
    """Return those of these devices that are online, and since when."""
    devices = [(device_id,) for device_id in device_ids]
    return {row[0]: row[1] for row in tx.all(_ONLINE, devices=devices)}
