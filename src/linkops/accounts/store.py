"""Accounts and their grants, in SQL."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from linkops.accounts.model import Account, Grant
from linkops.db import Row, Tx
from linkops.errors import NotFound
from linkops.events.actor import ALL_PRODUCTS, Role

_ADD = """
INSERT INTO account (name, password_hash, must_change, created_at, updated_at)
VALUES (:name, :password_hash, :must_change, :now, :now) RETURNING id
"""
_COLUMNS = "SELECT id, name, enabled, must_change, locked_until_at, created_at, updated_at FROM account"
_BY_NAME = f"{_COLUMNS} WHERE name = :name"
_PAGE = f"{_COLUMNS} WHERE name > :after ORDER BY name LIMIT :most"
_GRANTS = """
SELECT g.account_id, g.role, p.product_key
FROM {accounts: id bigint} a JOIN account_grant g ON g.account_id = a.id LEFT JOIN product p ON p.id = g.product_id
WHERE g.product_id = 0 OR p.id IS NOT NULL ORDER BY g.account_id, g.product_id
"""
_REMOVE_GRANTS = "DELETE FROM account_grant WHERE account_id = :account_id"
_ADD_GRANTS = """
INSERT INTO account_grant (account_id, product_id, role)
SELECT CAST(:account_id AS BIGINT), g.product_id, g.role FROM {grants: product_id bigint, role text} g WHERE 1 = 1
"""
_PRODUCTS = """
SELECT k.product_key, p.id FROM {keys: product_key text} k LEFT JOIN product p ON p.product_key = k.product_key
"""
_OTHER_ADMINS = """
SELECT a.id FROM account a JOIN account_grant g ON g.account_id = a.id
WHERE g.product_id = 0 AND g.role = 'admin' AND a.enabled = 1 AND a.id <> :account_id{for_update}
"""
_SET_ENABLED = "UPDATE account SET enabled = :enabled, updated_at = :now WHERE id = :account_id"
_SET_HASH = """
UPDATE account SET password_hash = :password_hash, must_change = :must_change, failed_logins = 0,
    locked_until_at = NULL, updated_at = :now
WHERE id = :account_id
"""
_DELETE = "DELETE FROM account WHERE id = :account_id"
_SECRETS = """
SELECT id, password_hash, enabled, must_change, failed_logins, coalesce(locked_until_at, 0)
FROM account WHERE name = :name
"""
_SECRETS_LOCKED = _SECRETS + "{for_update}"
_COUNT_FAILURE = """
UPDATE account SET failed_logins = :failed_logins, locked_until_at = :locked_until_at WHERE id = :account_id
"""


class Secrets(NamedTuple):
    """What a login is checked against; times are Unix milliseconds, 0 for never."""

    account_id: int
    password_hash: str
    enabled: int
    must_change: int
    failed_logins: int
    locked_until_at: int


def any_account(tx: Tx) -> bool:
    """Return whether there is an account at all."""
    return tx.scalar("SELECT 1 FROM account LIMIT 1") is not None


def add_account(tx: Tx, name: str, password_hash: str, now: int, *, must_change: bool) -> int:
    """Add an account without any rights and return its id."""
    added: int = tx.scalar(_ADD, name=name, password_hash=password_hash, must_change=int(must_change), now=now)
    return added


def account_named(tx: Tx, name: str) -> Account | None:
    """Return the account with this name."""
    row = tx.one(_BY_NAME, name=name)
    return None if row is None else _accounts(tx, [row])[0]


def page_of_accounts(tx: Tx, after: str, most: int) -> list[Account]:
    """Return up to ``most`` accounts in name order, from the first name above ``after``."""
    return _accounts(tx, tx.all(_PAGE, after=after, most=most))


def _accounts(tx: Tx, rows: Sequence[Row]) -> list[Account]:
    grants: dict[int, list[Grant]] = defaultdict(list)
    for account_id, role, product_key in tx.all(_GRANTS, accounts=[(row[0],) for row in rows]):
        grants[account_id].append(Grant(Role[role.upper()], product_key))
    return [
        Account(account_id, name, bool(enabled), bool(must_change), locked, created, updated, tuple(grants[account_id]))
        for account_id, name, enabled, must_change, locked, created, updated in rows
    ]


def replace_grants(tx: Tx, account_id: int, grants: Iterable[Grant]) -> None:
    """Give the account exactly these rights.

    Raises:
        NotFound: when one of the products does not exist.
    """
    granted = list(grants)
    ids = _product_ids(tx, [grant.product_key for grant in granted if grant.product_key is not None])
    rows = [(ids[g.product_key] if g.product_key is not None else ALL_PRODUCTS, g.role.name.lower()) for g in granted]
    tx.run(_REMOVE_GRANTS, account_id=account_id)
    tx.run(_ADD_GRANTS, account_id=account_id, grants=rows)


def _product_ids(tx: Tx, keys: list[str]) -> dict[str, int]:
    ids: dict[str, int | None] = dict(tx.all(_PRODUCTS, keys=[(key,) for key in keys]))
    missing = [key for key in keys if ids[key] is None]
    if missing:
        raise NotFound("product.not_found", product_key=missing[0])
    return {key: product_id for key, product_id in ids.items() if product_id is not None}


def other_admin_exists(tx: Tx, account_id: int) -> bool:
    """Return whether somebody else may log in and administer everything; they stay so until the unit ends."""
    return bool(tx.all(_OTHER_ADMINS, account_id=account_id))


def set_enabled(tx: Tx, account_id: int, now: int, *, enabled: bool) -> None:
    """Let the account log in, or not."""
    tx.run(_SET_ENABLED, account_id=account_id, now=now, enabled=int(enabled))


def set_password(tx: Tx, account_id: int, password_hash: str, now: int, *, must_change: bool) -> None:
    """Replace the password and forget wrong tries."""
    tx.run(_SET_HASH, account_id=account_id, password_hash=password_hash, now=now, must_change=int(must_change))


def delete_account(tx: Tx, account_id: int) -> None:
    """Delete the account with its grants and tokens; the audit trail keeps its name."""
    tx.run(_DELETE, account_id=account_id)


def secrets_of(tx: Tx, name: str, *, lock: bool = False) -> Secrets | None:
    """Return what a login is checked against; ``lock`` keeps others from changing it until the unit ends."""
    row = tx.one(_SECRETS_LOCKED if lock else _SECRETS, name=name)
    return None if row is None else Secrets(*row)


def record_tries(tx: Tx, account_id: int, failed_logins: int, locked_until_at: int | None) -> None:
    """Record how many wrong passwords came in a row, and until when the account is locked for it."""
    tx.run(_COUNT_FAILURE, account_id=account_id, failed_logins=failed_logins, locked_until_at=locked_until_at)
