"""SQL of certificates that expire."""

from collections.abc import Collection
from typing import NamedTuple

from linkops.db import Tx
from linkops.devices.model import DeviceKey

EXPIRING, EXPIRED = 1, 2
"""How much of a certificate's end was noticed."""

_EXPIRING = """
SELECT c.id, c.device_id, c.product_id, p.product_key, d.device_name, c.serial, c.not_after_at,
       d.online = 1 AND c.last_used_at = (
           SELECT max(o.last_used_at) FROM device_certificate o WHERE o.device_id = c.device_id)
FROM device_certificate c JOIN device d ON d.id = c.device_id JOIN product p ON p.id = c.product_id
WHERE c.notice < 2 AND c.notice < :notice AND c.not_after_at <= :before
  AND (:notice = 2 OR (c.revoked_at IS NULL AND c.ends_at IS NULL))
ORDER BY c.not_after_at LIMIT :most
"""
_NOTICE = """
UPDATE device_certificate SET notice = :notice
WHERE id IN (SELECT r.id FROM {certificates: id bigint} r) AND notice < :notice
"""
_DELETE_ORPHANS = """
DELETE FROM device_certificate WHERE id IN (
    SELECT id FROM device_certificate WHERE not_after_at <= :now AND device_id IS NULL
    ORDER BY not_after_at LIMIT :most)
"""


class Ending(NamedTuple):
    """A certificate that expires or has expired; ``in_use``: its device is connected with it."""

    id: int
    device_id: int
    product_id: int
    key: DeviceKey
    serial: str
    not_after_at: int
    in_use: bool


def ending(tx: Tx, notice: int, before: int, most: int) -> list[Ending]:
    """Return up to ``most`` that end by ``before`` and of which so much was not noticed, the first to end first.

    That one expires concerns nobody when it is revoked or replaced; that it has expired ends its connection anyway.
    """
    rows = tx.all(_EXPIRING, notice=notice, before=before, most=most)
    return [Ending(r[0], r[1], r[2], DeviceKey(r[3], r[4]), r[5], r[6], bool(r[7])) for r in rows]


def take_notice(tx: Tx, ids: Collection[int], notice: int) -> None:
    """Let certificates not be returned for the same ``notice`` again."""
    tx.run(_NOTICE, certificates=[(each,) for each in ids], notice=notice)


def delete_orphans(tx: Tx, now: int, most: int) -> int:
    """Forget up to ``most`` certificates that have expired and whose devices are deleted; return how many."""
    return tx.run(_DELETE_ORPHANS, now=now, most=most)
