"""SQL of logins with certificates; all of it over lists."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from linkops.db import Tx
from linkops.devices.certificates.judging import Validity
from linkops.devices.model import DeviceKey

_KNOWN = """
SELECT c.fingerprint, c.id, p.product_key, d.device_name, a.own, c.first_used_at,
       c.not_before_at, c.not_after_at, c.revoked_at, c.ends_at, a.enabled, a.not_after_at
FROM device_certificate c
JOIN certificate_authority a ON a.id = c.authority_id
JOIN product p ON p.id = c.product_id
LEFT JOIN device d ON d.id = c.device_id
WHERE c.fingerprint IN (SELECT r.fingerprint FROM {certificates: fingerprint text} r)
"""
_AUTHORITIES = """
SELECT a.subject_sha256, a.id, a.own, a.enabled, a.auto_create, a.not_after_at, a.certificate, a.product_id,
       p.product_key
FROM certificate_authority a LEFT JOIN product p ON p.id = a.product_id
WHERE a.subject_sha256 IN (SELECT r.subject_sha256 FROM {issuers: subject_sha256 text} r)
ORDER BY a.id
"""
# A certificate whose device was deleted belongs to the device of this name that exists now.
_SEEN = """
INSERT INTO device_certificate (device_id, product_id, authority_id, fingerprint, serial, key_type, not_before_at,
    not_after_at, issued_by, created_at, first_used_at, last_used_at)
SELECT d.id, d.product_id, r.authority_id, r.fingerprint, r.serial, r.key_type, r.not_before_at, r.not_after_at,
       '', :now, :now, :now
FROM {rows: device_id bigint, authority_id bigint, fingerprint text, serial text, key_type text, not_before_at bigint,
      not_after_at bigint} r CROSS JOIN device d
WHERE d.id = r.device_id
ON CONFLICT (fingerprint) DO UPDATE SET device_id = excluded.device_id, last_used_at = excluded.last_used_at
"""
_USED = """
UPDATE device_certificate SET first_used_at = coalesce(first_used_at, :now), last_used_at = :now
WHERE id IN (SELECT r.id FROM {certificates: id bigint} r)
"""


class Known(NamedTuple):
    """A certificate that was issued here or logged in before; ``key`` is None once its device is deleted."""

    id: int
    product_key: str
    key: DeviceKey | None
    own: bool
    used: bool
    validity: Validity


class Issuer(NamedTuple):
    """An authority that may have signed a certificate that nobody has seen; ``certificate`` is PEM."""

    id: int
    own: bool
    enabled: bool
    auto_create: bool
    not_after_at: int
    certificate: str
    product_id: int | None
    product_key: str


class Seen(NamedTuple):
    """The columns of a certificate of an uploaded authority that logs in for the first time."""

    device_id: int
    authority_id: int
    fingerprint: str
    serial: str
    key_type: str
    not_before_at: int
    not_after_at: int


def known(tx: Tx, fingerprints: Collection[str]) -> dict[str, Known]:
    """Return the certificates that are known, by fingerprint."""
    found = {}
    for row in tx.all(_KNOWN, certificates=[(each,) for each in fingerprints]):
        key = None if row[3] is None else DeviceKey(row[2], row[3])
        validity = Validity(row[6], row[7], row[8], row[9], bool(row[10]), row[11])
        found[row[0]] = Known(row[1], row[2], key, bool(row[4]), row[5] is not None, validity)
    return found


def issuers(tx: Tx, names: Collection[str]) -> Mapping[str, list[Issuer]]:
    """Return the authorities with these names (`linkops.devices.certificates.reading.name_sha256`), by name."""
    found: dict[str, list[Issuer]] = {}
    for row in tx.all(_AUTHORITIES, issuers=[(name,) for name in names]):
        issuer = Issuer(row[1], bool(row[2]), bool(row[3]), bool(row[4]), row[5], row[6], row[7], row[8] or "")
        found.setdefault(row[0], []).append(issuer)
    return found


def record_seen(tx: Tx, rows: Collection[Seen], now: int) -> None:
    """Take note of certificates that log in for the first time; one row a certificate."""
    tx.run(_SEEN, rows=list(rows), now=now)


def record_used(tx: Tx, ids: Collection[int], now: int) -> None:
    """Take note of when certificates were used."""
    tx.run(_USED, certificates=[(each,) for each in ids], now=now)
