"""SQL of delivering: what comes next for a webhook, and what came of it. A place never goes back."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from linkops.db import Row, Tx
from linkops.subscriptions.model import DisabledReason, Happened
from linkops.subscriptions.reading.store import Wanted, newest, read_events
from linkops.subscriptions.retries import events_at_once

MAX_LETTERS = 10_000
"""Dead letters kept per webhook; the oldest go first."""

_ENABLED = """
SELECT w.id, w.kinds, w.failures, w.next_try_at, w.last_event_id,
    EXISTS (SELECT 1 FROM dead_letter l WHERE l.webhook_id = w.id AND l.replay = 1)
FROM webhook w WHERE w.enabled = 1 ORDER BY w.next_try_at, w.id
"""
_TARGET = """
SELECT id, product_id, url, kinds, batch, secret_sealed, old_secret_sealed, old_secret_until_at, failures,
    failing_since_at, next_try_at, last_event_id
FROM webhook WHERE id = :id AND enabled = 1
"""
_REPLAYS = "SELECT id, tries, body FROM dead_letter WHERE webhook_id = :id AND replay = 1 ORDER BY id LIMIT :most"
_DELIVERED = """
UPDATE webhook SET last_event_id = :last, failures = 0, failing_since_at = NULL, next_try_at = 0, last_error = '',
    delivered_at = :now
WHERE id = :id AND last_event_id <= :last
"""
_FAILED = """
UPDATE webhook SET failures = :failures, failing_since_at = coalesce(failing_since_at, CAST(:now AS BIGINT)),
    next_try_at = :next_try_at, last_error = :error,
    last_event_id = CASE WHEN last_event_id < :last THEN :last ELSE last_event_id END
WHERE id = :id
"""
_DISABLE = """
UPDATE webhook SET enabled = 0, disabled_reason = :reason, last_error = :error, updated_at = :now
WHERE id = :id AND enabled = 1
"""
_BURY = """
INSERT INTO dead_letter (webhook_id, event_id, at, kind, body, tries, error, failed_at)
SELECT w.id, r.event_id, r.at, r.kind, r.body, r.tries, r.error, r.failed_at
FROM {letters: webhook_id bigint, event_id bigint, at bigint, kind text, body text, tries integer, error text,
    failed_at bigint} r JOIN webhook w ON w.id = r.webhook_id
WHERE 1 = 1
ON CONFLICT (webhook_id, event_id) DO NOTHING
"""
_TRIM = """
DELETE FROM dead_letter WHERE id IN (
    SELECT id FROM dead_letter WHERE webhook_id = :id ORDER BY id DESC LIMIT 1000 OFFSET :most)
"""
_REPLAYED = "DELETE FROM dead_letter WHERE id IN (SELECT r.id FROM {letters: id bigint} r)"
_REPLAY_FAILED = """
UPDATE dead_letter SET replay = 0, tries = tries + 1, error = :error, failed_at = :now
WHERE id IN (SELECT r.id FROM {letters: id bigint} r)
"""
_SETTLE = """
UPDATE webhook SET last_event_id = r.place FROM {places: id bigint, was bigint, place bigint} r
WHERE webhook.id = r.id AND webhook.last_event_id = r.was
"""
_LAGS = "SELECT id, (SELECT coalesce(max(e.id), 0) FROM event e) - last_event_id FROM webhook WHERE enabled = 1"
_LETTERS = "SELECT count(*) FROM dead_letter"
_kinds = msgspec.json.Decoder(list[str]).decode


class Candidate(NamedTuple):
    """A webhook that may have something to do.

    Attributes:
        place: events up to this one are delivered, or were not wanted.
        replays: whether dead letters are to be sent once more.
    """

    id: int
    kinds: list[str]
    failures: int
    next_try_at: int
    place: int
    replays: bool


class Target(NamedTuple):
    """What it takes to send something to a webhook."""

    id: int
    product_id: int | None
    url: str
    kinds: list[str]
    batch: bool
    secret_sealed: str
    old_secret_sealed: str | None
    old_secret_until_at: int | None
    failures: int
    failing_since_at: int | None
    next_try_at: int
    place: int

    def secrets_sealed(self, now: int) -> list[str]:
        """Return the secrets that sign now, sealed, the newest first."""
        old, until = self.old_secret_sealed, self.old_secret_until_at or 0
        return [self.secret_sealed, old] if old is not None and until > now else [self.secret_sealed]


class Replay(NamedTuple):
    """A dead letter that is sent once more."""

    id: int
    tries: int
    body: str


class Next(NamedTuple):
    """What comes next for a webhook.

    Attributes:
        events: empty if nothing is wanted before ``upto``, or it is not yet time.
        upto: how far the log was looked through.
        more: whether the log goes on behind that.
    """

    target: Target
    replays: list[Replay]
    events: list[Happened]
    upto: int
    more: bool


def enabled(tx: Tx) -> tuple[list[Candidate], int]:
    """Return the webhooks that are enabled, the one that waited longest first, and the place behind the log."""
    rows = tx.all(_ENABLED)
    candidates = [Candidate(row[0], _kinds(row[1]), row[2], row[3], row[4], bool(row[5])) for row in rows]
    return candidates, newest(tx) if candidates else 0


def next_for(tx: Tx, webhook_id: int, scanned: tuple[int, int] | None, most: int, now: int) -> Next | None:
    """Return what comes next for a webhook, None if it is gone or disabled.

    ``scanned`` is (place, how far nothing is wanted behind it), where that was looked through before.
    """
    row = tx.one(_TARGET, id=webhook_id)
    if row is None:
        return None
    target = _target(row)
    replays = [Replay(*found) for found in tx.all(_REPLAYS, id=webhook_id, most=most if target.batch else 1)]
    if replays or target.next_try_at > now:
        return Next(target, replays, [], target.place, more=False)
    after = scanned[1] if scanned is not None and scanned[0] == target.place else target.place
    products = None if target.product_id is None else [target.product_id]
    at_once = events_at_once(most, target.failures) if target.batch else 1
    read = read_events(tx, Wanted(target.kinds, products), after, at_once)
    return Next(target, [], read.events, read.upto, read.upto < read.newest)


def delivered(tx: Tx, target: Target, last: int, now: int) -> None:
    """Record that events up to ``last`` were taken."""
    tx.run(_DELIVERED, id=target.id, last=last, now=now)


def failed(tx: Tx, target: Target, failures: int, next_try_at: int, error: str, now: int, *, last: int) -> bool:
    """Record a try that failed, with ``last`` as the place; return False if the webhook is not there any more."""
    params = {"failures": failures, "next_try_at": next_try_at, "error": error, "last": last}
    return tx.run(_FAILED, id=target.id, now=now, **params) > 0


def disable(tx: Tx, target: Target, reason: DisabledReason, error: str, now: int) -> bool:
    """Disable a webhook and return whether that changed it."""
    return tx.run(_DISABLE, id=target.id, reason=reason, error=error, now=now) > 0


def bury(tx: Tx, target: Target, events: Sequence[tuple[Happened, str]], tries: int, error: str, now: int) -> None:
    """Make dead letters of events, given with what was sent."""
    letters = [(target.id, event.id, event.at, event.kind, body, tries, error, now) for event, body in events]
    tx.run(_BURY, letters=letters)
    tx.run(_TRIM, id=target.id, most=MAX_LETTERS)


def replayed(tx: Tx, letter_ids: Iterable[int]) -> None:
    """Forget dead letters that were taken at last."""
    tx.run(_REPLAYED, letters=[(letter_id,) for letter_id in letter_ids])


def replay_failed(tx: Tx, letter_ids: Iterable[int], error: str, now: int) -> None:
    """Keep dead letters that were not taken again; nothing is tried until somebody wants it."""
    tx.run(_REPLAY_FAILED, letters=[(letter_id,) for letter_id in letter_ids], error=error, now=now)


def settle(tx: Tx, places: Sequence[tuple[int, int, int]]) -> None:
    """Store places that moved over events that nobody wanted, as (webhook id, place before, place)."""
    tx.run(_SETTLE, places=places)


def lags(tx: Tx) -> tuple[dict[int, int], int]:
    """Return how much of the log lies behind the place of each enabled webhook, and how many dead letters there are."""
    behind = {webhook_id: int(events) for webhook_id, events in tx.all(_LAGS)}
    return behind, int(tx.scalar(_LETTERS))


def _target(row: Row) -> Target:
    number, product_id, url, kinds, batch, *rest = row
    return Target(number, product_id, url, _kinds(kinds), bool(batch), *rest)
