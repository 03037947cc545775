"""SQL of dead letters."""

from collections.abc import Sequence
from typing import Any

import msgspec

from linkops.db import Row, Tx
from linkops.subscriptions.model import DeadLetter

_COLUMNS = "SELECT id, webhook_id, event_id, at, kind, tries, error, failed_at, replay, body FROM dead_letter"
_PAGE = f"{_COLUMNS} WHERE webhook_id = :webhook_id AND id > :after ORDER BY id LIMIT :most"
_BY_ID = f"{_COLUMNS} WHERE webhook_id = :webhook_id AND id = :id"
_GIVEN = " AND id IN (SELECT r.id FROM {letters: id bigint} r)"
_REPLAY = "UPDATE dead_letter SET replay = 1 WHERE webhook_id = :webhook_id"
_DELETE = "DELETE FROM dead_letter WHERE webhook_id = :webhook_id"
_DELETE_OLD = """
DELETE FROM dead_letter WHERE id IN (
    SELECT id FROM dead_letter WHERE failed_at < :before ORDER BY failed_at LIMIT :most)
"""
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def page(tx: Tx, webhook_id: int, after: int, most: int) -> list[DeadLetter]:
    """Return up to ``most`` dead letters of a webhook with an id above ``after``, oldest first."""
    return [_letter(row) for row in tx.all(_PAGE, webhook_id=webhook_id, after=after, most=most)]


def by_id(tx: Tx, webhook_id: int, letter_id: int) -> DeadLetter | None:
    """Return a dead letter of a webhook."""
    row = tx.one(_BY_ID, webhook_id=webhook_id, id=letter_id)
    return None if row is None else _letter(row)


def replay(tx: Tx, webhook_id: int, letter_ids: Sequence[int] | None) -> int:
    """Let these dead letters (None: all) be sent once more and return how many they are."""
    return _change(tx, _REPLAY, webhook_id, letter_ids)


def delete(tx: Tx, webhook_id: int, letter_ids: Sequence[int] | None) -> int:
    """Delete these dead letters (None: all) and return how many they were."""
    return _change(tx, _DELETE, webhook_id, letter_ids)


def delete_old(tx: Tx, before: int, most: int) -> int:
    """Delete up to ``most`` dead letters from before ``before`` and return how many."""
    return tx.run(_DELETE_OLD, before=before, most=most)


def _change(tx: Tx, sql: str, webhook_id: int, letter_ids: Sequence[int] | None) -> int:
    if letter_ids is None:
        return tx.run(sql, webhook_id=webhook_id)
    return tx.run(sql + _GIVEN, webhook_id=webhook_id, letters=[(letter_id,) for letter_id in letter_ids])


def _letter(row: Row) -> DeadLetter:
    return DeadLetter(
        id=row[0],
        webhook_id=row[1],
        event_id=row[2],
        at=row[3],
        kind=row[4],
        tries=row[5],
        error=row[6],
        failed_at=row[7],
        replaying=bool(row[8]),
        event=_decode(row[9]),
    )
