"""SQL of the certificates of devices: adding, listing, revoking."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from linkops.db import Row, Tx
from linkops.devices.certificates.model import Certificate, CertificateState, RevocationReason, state_of
from linkops.devices.model import DeviceKey

_COLUMNS = (
    "c.id, p.product_key, d.device_name, c.product_id, c.device_id, c.authority_id, c.fingerprint, c.serial, "
    "c.key_type, c.not_before_at, c.not_after_at, c.issued_by, c.created_at, c.first_used_at, c.last_used_at, "
    "c.ends_at, c.revoked_at, c.revoked_by, c.revoke_reason"
)
_FROM = "FROM device_certificate c JOIN device d ON d.id = c.device_id JOIN product p ON p.id = c.product_id"
_ADD = """
INSERT INTO device_certificate (device_id, product_id, authority_id, fingerprint, serial, key_type, not_before_at,
    not_after_at, issued_by, created_at)
SELECT d.id, d.product_id, r.authority_id, r.fingerprint, r.serial, r.key_type, r.not_before_at, r.not_after_at,
       r.issued_by, :now
FROM {rows: device_id bigint, authority_id bigint, fingerprint text, serial text, key_type text, not_before_at bigint,
      not_after_at bigint, issued_by text} r CROSS JOIN device d
WHERE d.id = r.device_id
RETURNING id, device_id
"""
# What a newer one replaces: those that are older and have not been replaced to an earlier end already.
_REPLACE = """
UPDATE device_certificate SET ends_at = :ends_at
WHERE id IN (
    SELECT o.id FROM {newer: device_id bigint, id bigint} r CROSS JOIN device_certificate o
    WHERE o.device_id = r.device_id AND o.id < r.id AND o.revoked_at IS NULL
      AND (o.ends_at IS NULL OR o.ends_at > :ends_at))
"""
_BY_ID = f"SELECT {_COLUMNS} {_FROM} WHERE c.id IN (SELECT r.id FROM {{ids: id bigint}} r) ORDER BY c.id"  # noqa: S608 - ours
_LIVE_OF_DEVICE = """
SELECT c.id FROM device_certificate c
WHERE c.device_id = :device_id AND c.revoked_at IS NULL AND c.not_after_at > :now
ORDER BY c.id LIMIT :most
"""
_REVOKE = """
UPDATE device_certificate SET revoked_at = :now, revoked_by = :revoked_by, revoke_reason = :reason
WHERE id IN (SELECT r.id FROM {ids: id bigint} r) AND revoked_at IS NULL
RETURNING id, device_id
"""
_REVOKED = """
SELECT id, serial, revoked_at, revoke_reason FROM device_certificate
WHERE authority_id = :authority_id AND revoked_at IS NOT NULL AND not_after_at > :now AND id > :after
ORDER BY id LIMIT :most
"""
_VISIBLE = "c.product_id IN (SELECT v.id FROM {visible: id bigint} v)"
_CONDITIONS = {
    CertificateState.REVOKED: "c.revoked_at IS NOT NULL",
    CertificateState.EXPIRED: "c.revoked_at IS NULL AND c.not_after_at <= :now",
    CertificateState.REPLACED: "c.revoked_at IS NULL AND c.not_after_at > :now AND c.ends_at <= :now",
    CertificateState.VALID: (
        "c.revoked_at IS NULL AND c.not_after_at > :now AND (c.ends_at IS NULL OR c.ends_at > :now)"
    ),
}


class CertificateToAdd(NamedTuple):
    """The columns of a certificate to be."""

    device_id: int
    authority_id: int
    fingerprint: str
    serial: str
    key_type: str
    not_before_at: int
    not_after_at: int
    issued_by: str


class Question(NamedTuple):
    """Which certificates are asked for; None leaves open.

    Attributes:
        products: of these products; None: of all.
        expires_before: that are over before.
    """

    products: Sequence[int] | None
    device_id: int | None = None
    state: CertificateState | None = None
    expires_before: int | None = None


def add(tx: Tx, rows: Collection[CertificateToAdd], now: int) -> dict[int, int]:
    """Insert certificates of devices that exist, one a device, and return their ids by device."""
    return {device_id: certificate_id for certificate_id, device_id in tx.all(_ADD, rows=list(rows), now=now)}


def replace_older(tx: Tx, newer: dict[int, int], ends_at: int) -> None:
    """Let all older certificates end at ``ends_at``, or earlier if they do; ``newer`` are ids by device."""
    if newer:
        tx.run(_REPLACE, newer=list(newer.items()), ends_at=ends_at)


def by_ids(tx: Tx, ids: Collection[int], now: int) -> list[Certificate]:
    """Return those that exist, and whose devices do."""
    return [_certificate(row, now) for row in tx.all(_BY_ID, ids=[(each,) for each in ids])]


def live_of_device(tx: Tx, device_id: int, most: int, now: int) -> list[int]:
    """Return up to ``most`` certificates of a device that are neither revoked nor expired."""
    rows = tx.all(_LIVE_OF_DEVICE, device_id=device_id, most=most, now=now)
    return [certificate_id for (certificate_id,) in rows]


def revoke(tx: Tx, ids: Collection[int], by: str, reason: RevocationReason, now: int) -> dict[int, int]:
    """Revoke certificates, and return the devices of those that were not already, by certificate."""
    rows = tx.all(_REVOKE, ids=[(each,) for each in ids], revoked_by=by, reason=reason, now=now)
    return dict(rows)


def revoked(tx: Tx, authority_id: int, after: int, most: int, now: int) -> Sequence[Row]:
    """Return up to ``most`` (id, serial, revoked_at, reason) of an authority with an id above ``after``.

    Those that have expired are not among them: nobody accepts them anyway (RFC 5280 §3.3).
    """
    return tx.all(_REVOKED, authority_id=authority_id, after=after, most=most, now=now)


def some(tx: Tx, question: Question, after: tuple[int, int] | None, most: int, now: int) -> list[Certificate]:
    """Return up to ``most`` certificates, the first to expire first, behind the place (not_after_at, id)."""
    where, params = _where(question, now)
    if after is not None:
        where += " AND (c.not_after_at, c.id) > (:after_at, :after_id)"
        params |= {"after_at": after[0], "after_id": after[1]}
    sql = f"SELECT {_COLUMNS} {_FROM} WHERE {where} ORDER BY c.not_after_at, c.id LIMIT :most"
    return [_certificate(row, now) for row in tx.all(sql, **params, most=most)]


def count(tx: Tx, question: Question, most: int, now: int) -> int:
    """Return how many there are, counting no further than ``most``."""
    where, params = _where(question, now)
    sql = f"SELECT count(*) FROM (SELECT 1 {_FROM} WHERE {where} LIMIT :most) n"  # noqa: S608 - fixed parts
    return int(tx.scalar(sql, **params, most=most))


def _where(question: Question, now: int) -> tuple[str, dict[str, Any]]:
    conditions, params = ["1 = 1"], dict[str, Any]()
    if question.products is not None:
        conditions.append(_VISIBLE)
        params["visible"] = [(product_id,) for product_id in question.products]
    if question.device_id is not None:
        conditions.append("c.device_id = :device_id")
        params["device_id"] = question.device_id
    if question.expires_before is not None:
        conditions.append("c.not_after_at < :expires_before")
        params["expires_before"] = question.expires_before
    if question.state is not None:
        conditions.append(_CONDITIONS[question.state])
        if ":now" in conditions[-1]:
            params["now"] = now
    return " AND ".join(conditions), params


def _certificate(row: Row, now: int) -> Certificate:
    return Certificate(
        id=row[0],
        key=DeviceKey(row[1], row[2]),
        product_id=row[3],
        device_id=row[4],
        authority_id=row[5],
        fingerprint=row[6],
        serial=row[7],
        key_type=row[8],
        not_before_at=row[9],
        not_after_at=row[10],
        issued_by=row[11],
        created_at=row[12],
        first_used_at=row[13],
        last_used_at=row[14],
        ends_at=row[15],
        revoked_at=row[16],
        revoked_by=row[17],
        revoke_reason=row[18],
        state=state_of(row[16], row[10], row[15], now),
    )
