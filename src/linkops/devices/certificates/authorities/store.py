"""SQL of certificate authorities."""

from collections.abc import Collection
from typing import Any, NamedTuple

from linkops.db import Row, Tx
from linkops.devices.certificates.model import Authority

_COLUMNS = (
    "a.id, a.product_id, p.product_key, a.own, a.enabled, a.auto_create, a.subject, a.fingerprint, a.certificate, "
    "a.not_before_at, a.not_after_at, a.created_by, a.created_at"
)
_FROM = "FROM certificate_authority a LEFT JOIN product p ON p.id = a.product_id"
_ADD = """
INSERT INTO certificate_authority (product_id, own, enabled, auto_create, subject, subject_sha256, fingerprint,
    certificate, private_key_sealed, not_before_at, not_after_at, created_by, created_at)
VALUES (:product_id, :own, 1, :auto_create, :subject, :subject_sha256, :fingerprint, :certificate,
    :private_key_sealed, :not_before_at, :not_after_at, :created_by, :now)
RETURNING id
"""
_BY_ID = f"SELECT {_COLUMNS} {_FROM} WHERE a.id = :id"
_ISSUING = f"SELECT {_COLUMNS} {_FROM} WHERE a.own = 1 AND a.enabled = 1"
_OWN = "SELECT certificate FROM certificate_authority WHERE own = 1 ORDER BY id DESC LIMIT :most"
_TRUSTED = "SELECT certificate FROM certificate_authority WHERE enabled = 1 ORDER BY id LIMIT :most"
_COUNT = "SELECT count(*) FROM certificate_authority"
_PRIVATE_KEY = "SELECT private_key_sealed FROM certificate_authority WHERE id = :id"
_CHANGE = """
UPDATE certificate_authority SET enabled = :enabled, auto_create = :auto_create WHERE id = :id
"""
_DELETE = "DELETE FROM certificate_authority WHERE id = :id AND own = 0"
_IS_USED = "SELECT count(*) FROM (SELECT 1 FROM device_certificate WHERE authority_id = :id LIMIT 1) c"
_HOLDERS = """
SELECT c.id, c.device_id, d.online FROM device_certificate c LEFT JOIN device d ON d.id = c.device_id
WHERE c.authority_id = :authority_id AND c.id > :after ORDER BY c.id LIMIT :most
"""
_VISIBLE = "(a.own = 1 OR a.product_id IN (SELECT v.id FROM {visible: id bigint} v))"


class AuthorityToAdd(NamedTuple):
    """The columns of an authority to be."""

    product_id: int | None
    own: int
    auto_create: int
    subject: str
    subject_sha256: str
    fingerprint: str
    certificate: str
    private_key_sealed: str
    not_before_at: int
    not_after_at: int
    created_by: str


def add(tx: Tx, authority: AuthorityToAdd, now: int) -> int:
    """Insert an authority and return its id; its certificate must be new."""
    return int(tx.scalar(_ADD, **authority._asdict(), now=now))


def by_id(tx: Tx, authority_id: int) -> Authority | None:
    """Return an authority."""
    row = tx.one(_BY_ID, id=authority_id)
    return None if row is None else _authority(row)


def issuing(tx: Tx) -> Authority | None:
    """Return our own authority, with which certificates are issued now."""
    row = tx.one(_ISSUING)
    return None if row is None else _authority(row)


def own(tx: Tx, most: int) -> list[str]:
    """Return the certificates (PEM) of our own authorities, the newest first."""
    return [certificate for (certificate,) in tx.all(_OWN, most=most)]


def trusted(tx: Tx, most: int) -> list[str]:
    """Return the certificates (PEM) of authorities that are enabled."""
    return [certificate for (certificate,) in tx.all(_TRUSTED, most=most)]


def count(tx: Tx) -> int:
    """Return how many there are."""
    return int(tx.scalar(_COUNT))


def private_key_sealed(tx: Tx, authority_id: int) -> str:
    """Return the private key of one of our own authorities, sealed."""
    return str(tx.scalar(_PRIVATE_KEY, id=authority_id))


def change(tx: Tx, authority_id: int, *, enabled: bool, auto_create: bool) -> None:
    """Change what an authority may do; there is one of our own that is enabled."""
    tx.run(_CHANGE, id=authority_id, enabled=int(enabled), auto_create=int(auto_create))


def delete(tx: Tx, authority_id: int) -> None:
    """Delete an uploaded authority of which no certificate is known."""
    tx.run(_DELETE, id=authority_id)


def is_used(tx: Tx, authority_id: int) -> bool:
    """Return whether a certificate of an authority is known."""
    return bool(tx.scalar(_IS_USED, id=authority_id))


class Holder(NamedTuple):
    """Who has a certificate; ``device_id`` is None once the device is deleted."""

    certificate_id: int
    device_id: int | None
    online: bool | None


def holders(tx: Tx, authority_id: int, after: int, most: int) -> list[Holder]:
    """Return who has the next ``most`` certificates of an authority, by their ids, above ``after``."""
    return [Holder(*row) for row in tx.all(_HOLDERS, authority_id=authority_id, after=after, most=most)]


def some(tx: Tx, visible: Collection[int] | None, after: int, most: int) -> list[Authority]:
    """Return up to ``most`` authorities with ids above ``after``: our own, and those of ``visible`` products."""
    where, params = "a.id > :after", dict[str, Any](after=after, most=most)
    if visible is not None:
        where += f" AND {_VISIBLE}"
        params["visible"] = [(product_id,) for product_id in visible]
    sql = f"SELECT {_COLUMNS} {_FROM} WHERE {where} ORDER BY a.id LIMIT :most"
    return [_authority(row) for row in tx.all(sql, **params)]


def _authority(row: Row) -> Authority:
    return Authority(
        id=row[0],
        product_id=row[1],
        product_key=row[2] or "",
        own=bool(row[3]),
        enabled=bool(row[4]),
        auto_create=bool(row[5]),
        subject=row[6],
        fingerprint=row[7],
        certificate=row[8],
        not_before_at=row[9],
        not_after_at=row[10],
        created_by=row[11],
        created_at=row[12],
    )
