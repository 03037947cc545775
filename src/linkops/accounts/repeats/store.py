"""Answers kept under the key that the client chose."""

from typing import NamedTuple

from linkops.db import Tx

_CLAIM = """
INSERT INTO idempotency (account_id, idempotency_key, request_digest, created_at)
VALUES (:account_id, :key, :digest, :now) ON CONFLICT (account_id, idempotency_key) DO NOTHING
"""
_KEPT = """
SELECT request_digest, status, answer FROM idempotency WHERE account_id = :account_id AND idempotency_key = :key
"""
_ANSWER = """
UPDATE idempotency SET status = :status, answer = :answer WHERE account_id = :account_id AND idempotency_key = :key
"""
_RELEASE = "DELETE FROM idempotency WHERE account_id = :account_id AND idempotency_key = :key AND status IS NULL"
_DELETE_OLD = """
DELETE FROM idempotency WHERE (account_id, idempotency_key) IN (
    SELECT account_id, idempotency_key FROM idempotency WHERE created_at < :before ORDER BY created_at LIMIT :most)
"""


class Kept(NamedTuple):
    """What is kept of a request; ``status`` and ``answer`` are None while it runs."""

    request_digest: str
    status: int | None
    answer: str | None


def claim(tx: Tx, account_id: int, key: str, digest: str, now: int) -> Kept | None:
    """Take the key for a request and return None; if it is taken, return what is kept under it."""
    if tx.run(_CLAIM, account_id=account_id, key=key, digest=digest, now=now):
        return None
    row = tx.one(_KEPT, account_id=account_id, key=key)
    return None if row is None else Kept(*row)


def keep_answer(tx: Tx, account_id: int, key: str, status: int, answer: str) -> None:
    """Keep the answer of the request that took the key."""
    tx.run(_ANSWER, account_id=account_id, key=key, status=status, answer=answer)


def release(tx: Tx, account_id: int, key: str) -> None:
    """Give the key back: the request was refused and changed nothing."""
    tx.run(_RELEASE, account_id=account_id, key=key)


def delete_old(tx: Tx, before: int, most: int) -> int:
    """Forget up to ``most`` requests from before ``before`` and return how many."""
    return tx.run(_DELETE_OLD, before=before, most=most)
