"""SQL of results as the rules see them. A write names the status and the attempt that it was decided on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from linkops.db import Row, Tx
from linkops.remote_config.pushes.model import FailureKind, ResultStatus
from linkops.remote_config.pushes.progress import ResultState

_STATE = """
t.push_id, t.device_id, p.product_id, p.version, t.content_id, t.config_id, t.status, t.failure_kind, t.attempt,
t.claimed_at, t.due_at, t.fetch_by, t.code, t.message, t.sent_at, t.downloaded_at, t.answered_at
"""
# Results are locked in one order, and before their pushes, everywhere; locking what the join returns would lock the
# pushes too.
_LOCKED = f"""
SELECT {_STATE} FROM (
    SELECT * FROM config_result WHERE {{which}} ORDER BY push_id, device_id{{for_update}}
) t JOIN config_push p ON p.id = t.push_id ORDER BY t.push_id, t.device_id
"""  # noqa: S608 - names of our own columns
_NAMED = _LOCKED.replace(
    "{which}",
    "(push_id, device_id) IN (SELECT r.push_id, r.device_id FROM {results: push_id bigint, device_id bigint} r)",
)
_OPEN = _LOCKED.replace(
    "{which}",
    """device_id IN (SELECT r.id FROM {devices: id bigint} r) AND push_id IN (
        SELECT o.id FROM config_push o WHERE o.closed_at IS NULL AND o.product_id IN (
            SELECT d.product_id FROM device d WHERE d.id IN (SELECT w.id FROM {owners: id bigint} w)
        )
    )""",
)
_WAITING = _LOCKED.replace("{which}", "device_id IN (SELECT r.id FROM {devices: id bigint} r) AND fetch_by IS NOT NULL")
_RUN_OUT = """
SELECT push_id, device_id FROM config_result WHERE fetch_by <= :now ORDER BY fetch_by LIMIT :most
"""
_SAVE = """
UPDATE config_result SET status = r.status, failure_kind = r.failure_kind, content_id = r.content_id,
    config_id = r.config_id, attempt = r.attempt, claimed_at = r.claimed_at, due_at = r.due_at, fetch_by = r.fetch_by,
    code = r.code, message = r.message, sent_at = r.sent_at, downloaded_at = r.downloaded_at,
    answered_at = r.answered_at, updated_at = r.at
FROM {moves: push_id bigint, device_id bigint, was text, was_attempt integer, status text, failure_kind text,
    content_id bigint, config_id text, attempt integer, claimed_at bigint, due_at bigint, fetch_by bigint, code bigint,
    message text, sent_at bigint, downloaded_at bigint, answered_at bigint, at bigint} r
WHERE config_result.push_id = r.push_id AND config_result.device_id = r.device_id AND config_result.status = r.was
    AND config_result.attempt = r.was_attempt
RETURNING config_result.push_id, config_result.device_id
"""
_COUNT = """
INSERT INTO config_push_count (push_id, status, failure_kind, devices)
SELECT r.push_id, r.status, r.failure_kind, r.devices
FROM {counts: push_id bigint, status text, failure_kind text, devices bigint} r WHERE 1 = 1
ON CONFLICT (push_id, status, failure_kind) DO UPDATE SET devices = config_push_count.devices + excluded.devices
"""
_COUNTS = """
SELECT push_id, status, failure_kind, devices FROM config_push_count
WHERE push_id IN (SELECT r.id FROM {pushes: id bigint} r)
"""

Key = tuple[int, int]
"""Of a push and a device."""


class Change(NamedTuple):
    """A result before and after what happened to it at ``at``."""

    before: ResultState
    after: ResultState
    at: int


class CountKey(NamedTuple):
    """What results are counted by."""

    push_id: int
    status: ResultStatus
    failure_kind: FailureKind


def named(tx: Tx, keys: Iterable[Key]) -> list[ResultState]:
    """Return those of these results that exist, locked until the unit ends."""
    return _states(tx.all(_NAMED, results=sorted(set(keys))))


def open_of_devices(tx: Tx, device_ids: Iterable[int]) -> list[ResultState]:
    """Return the results of these devices in pushes that still wait for them, the oldest first, locked."""
    devices = _ids(device_ids)
    return _states(tx.all(_OPEN, devices=devices, owners=devices))


def waiting_of_devices(tx: Tx, device_ids: Iterable[int]) -> list[ResultState]:
    """Return the results of these devices whose link has not run out, the oldest first, locked."""
    return _states(tx.all(_WAITING, devices=_ids(device_ids)))


def run_out(tx: Tx, now: int, most: int) -> list[Key]:
    """Return up to ``most`` results whose link has run out."""
    return [(push_id, device_id) for push_id, device_id in tx.all(_RUN_OUT, now=now, most=most)]


def save_moves(tx: Tx, changes: Sequence[Change]) -> set[Key]:
    """Store changes and return the keys of the results that were still as they were before."""
    moves = [
        (
            after.push_id,
            after.device_id,
            before.status,
            before.attempt,
            after.status,
            after.failure_kind,
            after.content_id,
            after.config_id,
            after.attempt,
            after.claimed_at,
            after.due_at,
            after.fetch_by,
            after.code,
            after.message,
            after.sent_at,
            after.downloaded_at,
            after.answered_at,
            at,
        )
        for before, after, at in changes
    ]
    return {(push_id, device_id) for push_id, device_id in tx.all(_SAVE, moves=moves)}


def count(tx: Tx, differences: Mapping[CountKey, int]) -> None:
    """Add ``differences`` to the counters of pushes."""
    counts = [(*key, devices) for key, devices in sorted(differences.items()) if devices]
    if counts:
        tx.run(_COUNT, counts=counts)


def counts_by_kind(tx: Tx, push_ids: Iterable[int]) -> dict[int, dict[tuple[ResultStatus, FailureKind], int]]:
    """Return the results of pushes, counted."""
    found: dict[int, dict[tuple[ResultStatus, FailureKind], int]] = {}
    for push_id, status, kind, devices in tx.all(_COUNTS, pushes=_ids(push_ids)):
        found.setdefault(push_id, {})[ResultStatus(status), FailureKind(kind)] = int(devices)
    return found


def counts_of(tx: Tx, push_id: int) -> dict[ResultStatus, int]:
    """Return the results of one push by status, only statuses that occur."""
    found: dict[ResultStatus, int] = {}
    for (status, _), devices in counts_by_kind(tx, [push_id]).get(push_id, {}).items():
        found[status] = found.get(status, 0) + devices
    return found


def _ids(given: Iterable[int]) -> list[tuple[int]]:
    return [(each,) for each in sorted(set(given))]


_STATUSES = {status.value: status for status in ResultStatus}
_KINDS = {kind.value: kind for kind in FailureKind}


def _states(rows: Sequence[Row]) -> list[ResultState]:
    return [_state(row) for row in rows]


def _state(row: Row) -> ResultState:
    fields = [*row]
    fields[6], fields[7] = _STATUSES[row[6]], _KINDS[row[7]]
    return ResultState(*fields)
