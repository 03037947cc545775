"""SQL of signing keys, and of the switch that lets packages be signed."""

from typing import NamedTuple

from linkops.db import Row, Tx
from linkops.ota.signing.model import SigningKey

_ENABLED = "SELECT enabled FROM ota_secure_update WHERE product_id = :product_id"
_SET_ENABLED = """
INSERT INTO ota_secure_update (product_id, enabled, updated_at) VALUES (:product_id, :enabled, :now)
ON CONFLICT (product_id) DO UPDATE SET enabled = excluded.enabled, updated_at = excluded.updated_at
"""
_KEYS = """
SELECT fingerprint, bits, public_key, imported, created_by, created_at, retired_at FROM ota_signing_key
WHERE product_id = :product_id ORDER BY id DESC LIMIT :most
"""
_SIGNER = """
SELECT k.id, k.fingerprint, k.private_key_sealed
FROM ota_signing_key k JOIN ota_secure_update s ON s.product_id = k.product_id AND s.enabled = 1
WHERE k.product_id = :product_id AND k.retired_at IS NULL
"""
_ADD = """
INSERT INTO ota_signing_key (product_id, fingerprint, bits, public_key, private_key_sealed, imported, created_by,
    created_at)
VALUES (:product_id, :fingerprint, :bits, :public_key, :private_key_sealed, :imported, :created_by, :now)
"""
# What a key signed stays verifiable; that it signs again is ruled out.
_RETIRE = """
UPDATE ota_signing_key SET retired_at = :now, private_key_sealed = ''
WHERE product_id = :product_id AND retired_at IS NULL
"""


class Signer(NamedTuple):
    """The key that signs now, sealed."""

    key_id: int
    fingerprint: str
    private_key_sealed: str


class KeyToAdd(NamedTuple):
    """The columns of a key to be."""

    product_id: int
    fingerprint: str
    bits: int
    public_key: str
    private_key_sealed: str
    imported: int
    created_by: str


def enabled(tx: Tx, product_id: int) -> bool:
    """Return whether packages of a product are signed."""
    return bool(tx.scalar(_ENABLED, product_id=product_id))


def set_enabled(tx: Tx, product_id: int, now: int, *, on: bool) -> None:
    """Let packages of a product be signed, or not."""
    tx.run(_SET_ENABLED, product_id=product_id, enabled=int(on), now=now)


def keys(tx: Tx, product_id: int, most: int) -> list[SigningKey]:
    """Return the newest keys of a product; the one that signs, if there is one, is the first."""
    return [_key(row) for row in tx.all(_KEYS, product_id=product_id, most=most)]


def signer(tx: Tx, product_id: int) -> Signer | None:
    """Return the key that signs packages made now; None: they are not signed."""
    row = tx.one(_SIGNER, product_id=product_id)
    return None if row is None else Signer(*row)


def add(tx: Tx, key: KeyToAdd, now: int) -> None:
    """Insert the key that signs from now on; there must be no other."""
    tx.run(_ADD, **key._asdict(), now=now)


def retire(tx: Tx, product_id: int, now: int) -> bool:
    """Forget the private half of the key that signs and return whether there was one."""
    return tx.run(_RETIRE, product_id=product_id, now=now) > 0


def _key(row: Row) -> SigningKey:
    return SigningKey(row[0], row[1], row[2], bool(row[3]), row[4], row[5], row[6])
