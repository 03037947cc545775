"""Bearer tokens in SQL; only their SHA-256 is kept."""

from collections.abc import Iterable
from types import MappingProxyType

from linkops.accounts.model import Identity
from linkops.accounts.tokens.model import ApiToken
from linkops.db import Tx
from linkops.events.actor import Role

_ADD = """
INSERT INTO api_token (account_id, name, token_digest, session, expires_at, created_at)
VALUES (:account_id, :name, :digest, :session, :expires_at, :now) RETURNING id
"""
_IDENTITY = """
SELECT t.id, a.id, a.name, a.must_change, t.session, t.expires_at
FROM api_token t JOIN account a ON a.id = t.account_id
WHERE t.token_digest = :digest AND a.enabled = 1 AND (t.expires_at IS NULL OR t.expires_at > :now)
"""
_ROLES = "SELECT product_id, role FROM account_grant WHERE account_id = :account_id"
_PAGE = """
SELECT id, name, expires_at, last_used_at, created_at FROM api_token
WHERE account_id = :account_id AND session = 0 AND id > :after ORDER BY id LIMIT :most
"""
_COUNT = "SELECT count(*) FROM api_token WHERE account_id = :account_id AND session = 0"
_DELETE = "DELETE FROM api_token WHERE id = :token_id AND account_id = :account_id"
_DELETE_SESSIONS = "DELETE FROM api_token WHERE account_id = :account_id AND session = 1 AND id <> :keep"
_TRIM_SESSIONS = """
DELETE FROM api_token WHERE id IN (
    SELECT id FROM api_token WHERE account_id = :account_id AND session = 1 ORDER BY id DESC LIMIT 1000 OFFSET :most)
"""
_DELETE_EXPIRED = """
DELETE FROM api_token WHERE id IN (SELECT id FROM api_token WHERE expires_at <= :now LIMIT :most)
"""
_MARK_USED = """
UPDATE api_token SET last_used_at = u.used_at FROM {uses: id bigint, used_at bigint} u
WHERE api_token.id = u.id AND coalesce(api_token.last_used_at, 0) < u.used_at
"""


def add_token(
    tx: Tx, account_id: int, name: str, digest: str, now: int, *, expires_at: int | None, session: bool
) -> int:
    """Add a token and return its id."""
    added: int = tx.scalar(
        _ADD, account_id=account_id, name=name, digest=digest, now=now, expires_at=expires_at, session=int(session)
    )
    return added


def identity(tx: Tx, digest: str, now: int) -> Identity | None:
    """Return whom a token stands for; None when it is unknown or expired or its account is disabled."""
    row = tx.one(_IDENTITY, digest=digest, now=now)
    if row is None:
        return None
    token_id, account_id, name, must_change, session, expires_at = row
    roles = {product_id: Role[role.upper()] for product_id, role in tx.all(_ROLES, account_id=account_id)}
    return Identity(token_id, account_id, name, bool(must_change), bool(session), expires_at, MappingProxyType(roles))


def page_of_tokens(tx: Tx, account_id: int, after: int, most: int) -> list[ApiToken]:
    """Return up to ``most`` tokens that were made by hand, in id order, from the first id above ``after``."""
    return [ApiToken(*row) for row in tx.all(_PAGE, account_id=account_id, after=after, most=most)]


def count_tokens(tx: Tx, account_id: int) -> int:
    """Return how many tokens of this account were made by hand."""
    count: int = tx.scalar(_COUNT, account_id=account_id)
    return count


def delete_token(tx: Tx, token_id: int, account_id: int) -> bool:
    """Delete a token of this account and return whether there was one."""
    return tx.run(_DELETE, token_id=token_id, account_id=account_id) > 0


def delete_sessions(tx: Tx, account_id: int, *, keep: int = 0) -> None:
    """End all logins of an account but the one whose token has the id ``keep``."""
    tx.run(_DELETE_SESSIONS, account_id=account_id, keep=keep)


def trim_sessions(tx: Tx, account_id: int, most: int) -> None:
    """End the oldest logins of an account beyond ``most``."""
    tx.run(_TRIM_SESSIONS, account_id=account_id, most=most)


def delete_expired(tx: Tx, now: int, most: int) -> int:
    """Delete up to ``most`` expired tokens and return how many."""
    return tx.run(_DELETE_EXPIRED, now=now, most=most)


def mark_used(tx: Tx, uses: Iterable[tuple[int, int]]) -> None:
    """Record the last use of tokens, given as (token id, Unix milliseconds)."""
    tx.run(_MARK_USED, uses=list(uses))
