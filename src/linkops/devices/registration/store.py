"""SQL of registering; all of it over lists."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from linkops.db import Row, Tx
from linkops.devices.model import AuthType, DeviceKey, NodeType
from linkops.devices.registration.model import MAX_TOKENS, Candidate

_CANDIDATES = """
SELECT k.product_key, k.device_name, p.id, p.secret_sealed, p.node_type, p.auth_type, p.registration, p.listed_only,
       d.id, d.enabled, d.activated_at, d.online_at, d.register_again_at,
       (SELECT count(*) FROM device_token t WHERE t.device_id = d.id AND t.used_at IS NOT NULL),
       (SELECT g.gateway_id FROM topology g WHERE g.sub_id = d.id)
FROM {keys: product_key text, device_name text} k
JOIN product p ON p.product_key = k.product_key
LEFT JOIN device d ON d.product_id = p.id AND d.device_name = k.device_name
"""
_SET_RULE = """
UPDATE product SET registration = :registration, listed_only = :listed_only, updated_at = :now WHERE id = :id
"""
_SET_SECRETS = """
UPDATE device SET secret_sealed = r.secret_sealed, updated_at = :now
FROM {devices: id bigint, secret_sealed text} r
WHERE device.id = r.id AND device.enabled = 1
  AND (device.activated_at IS NULL OR coalesce(device.online_at, 0) < device.register_again_at)
RETURNING device.id
"""
_ADD_TOKENS = """
INSERT INTO device_token (device_id, client_id, token_digest, created_at)
SELECT r.device_id, r.client_id, r.token_digest, :now
FROM {tokens: device_id bigint, client_id text, token_digest text} r
WHERE (SELECT count(*) FROM device_token t WHERE t.device_id = r.device_id AND t.used_at IS NOT NULL) < :most
RETURNING client_id
"""
_TRIM_TOKENS = """
DELETE FROM device_token WHERE id IN (
    SELECT n.id FROM (
        SELECT t.id, t.used_at, row_number() OVER (
            PARTITION BY t.device_id ORDER BY CASE WHEN t.used_at IS NULL THEN 1 ELSE 0 END, t.id DESC
        ) AS place
        FROM device_token t WHERE t.device_id IN (SELECT r.id FROM {devices: id bigint} r)
    ) n WHERE n.used_at IS NULL AND n.place > :most
)
"""
_DROP_TOKENS = "DELETE FROM device_token WHERE device_id IN (SELECT r.id FROM {devices: id bigint} r)"
_TOKENS = """
SELECT t.device_id, t.client_id, t.token_digest
FROM {tokens: device_id bigint, client_id text} r CROSS JOIN device_token t
WHERE t.device_id = r.device_id AND t.client_id = r.client_id
"""
_USE_TOKENS = """
UPDATE device_token SET used_at = :now
FROM {tokens: device_id bigint, client_id text} r
WHERE device_token.device_id = r.device_id AND device_token.client_id = r.client_id AND device_token.used_at IS NULL
"""
_LET_REGISTER = """
UPDATE device SET register_again_at = :now, updated_at = :now
WHERE id IN (SELECT r.id FROM {devices: id bigint} r) AND activated_at IS NOT NULL
RETURNING id
"""


class NewToken(NamedTuple):
    """The columns of a token to be."""

    device_id: int
    client_id: str
    token_digest: str


def candidates(tx: Tx, keys: Collection[DeviceKey]) -> dict[DeviceKey, Candidate]:
    """Return what is known of these devices; those of unknown products are left out."""
    return {DeviceKey(row[0], row[1]): _candidate(row) for row in tx.all(_CANDIDATES, keys=list(keys))}


def _candidate(row: Row) -> Candidate:
    return Candidate(
        product_id=row[2],
        product_secret_sealed=row[3],
        node_type=NodeType(row[4]),
        auth_type=AuthType(row[5]),
        registration=bool(row[6]),
        listed_only=bool(row[7]),
        device_id=row[8],
        enabled=bool(row[9]),
        activated_at=row[10],
        online_at=row[11],
        register_again_at=row[12],
        tokens_used=row[13],
        gateway_id=row[14],
    )


def set_rule(tx: Tx, product_id: int, *, registration: bool, listed_only: bool, now: int) -> None:
    """Let devices of a product register, or not."""
    tx.run(_SET_RULE, id=product_id, registration=int(registration), listed_only=int(listed_only), now=now)


def set_secrets(tx: Tx, sealed: Mapping[int, str], now: int) -> set[int]:
    """Replace the secrets of devices that may (still) register, and return which those are."""
    return {row[0] for row in tx.all(_SET_SECRETS, devices=list(sealed.items()), now=now)}


def add_tokens(tx: Tx, tokens: Collection[NewToken], now: int) -> set[str]:
    """Add tokens to devices of which fewer than `MAX_TOKENS` are in use, and return their client ids.

    Of those that nobody has logged in with, as many of the newest stay as there is room for.
    """
    added = {row[0] for row in tx.all(_ADD_TOKENS, tokens=list(tokens), now=now, most=MAX_TOKENS)}
    devices = list({(token.device_id,) for token in tokens})
    tx.run(_TRIM_TOKENS, devices=devices, most=MAX_TOKENS)
    return added


def drop_tokens(tx: Tx, device_ids: Iterable[int]) -> None:
    """Let nobody log in with a token of these devices any more."""
    tx.run(_DROP_TOKENS, devices=[(device_id,) for device_id in device_ids])


def token_digests(tx: Tx, tokens: Collection[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """Return the digests of tokens by (device id, client id), of those that exist."""
    return {(row[0], row[1]): row[2] for row in tx.all(_TOKENS, tokens=list(tokens))}


def use_tokens(tx: Tx, tokens: Collection[tuple[int, str]], now: int) -> None:
    """Note the first login with tokens, given as (device id, client id)."""
    tx.run(_USE_TOKENS, tokens=list(tokens), now=now)


def let_register_again(tx: Tx, device_ids: Iterable[int], now: int) -> list[int]:
    """Let devices register once more, and return those that had been activated: the others may anyway."""
    return [row[0] for row in tx.all(_LET_REGISTER, devices=[(device_id,) for device_id in device_ids], now=now)]
