"""SQL of pushes: make, find, list, advance, stop."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from linkops.db import Row, Tx
from linkops.remote_config.pushes.model import (
    FailureKind,
    Hold,
    Push,
    PushStatus,
    ResultStatus,
    StopReason,
    Strategy,
    Target,
)
from linkops.remote_config.pushes.results.store import counts_by_kind
from linkops.remote_config.pushes.rules import Earlier

_COLUMNS = """
SELECT k.id, k.product_id, p.product_key, k.version, k.revision, k.target, k.group_id, k.group_name, k.strategy,
    k.status, k.hold, k.stop_reason, k.stage, k.total, k.offered, k.created_by, k.created_at, k.updated_at, k.filled_at,
    k.ended_at, k.closed_at
FROM config_push k JOIN product p ON p.id = k.product_id
"""
_BY_ID = _COLUMNS + "WHERE k.id = :push_id"
_OF_PRODUCT = """
WHERE k.product_id = :product_id AND k.id < :edge AND (CAST(:status AS TEXT) IS NULL OR k.status = :status)
"""
_NEWEST = _COLUMNS + _OF_PRODUCT + "ORDER BY k.id DESC LIMIT :most"
_COUNT = f"SELECT count(*) FROM (SELECT 1 FROM config_push k {_OF_PRODUCT} LIMIT :most) n"  # noqa: S608 - our own text
_LOCK_PRODUCT = "SELECT id FROM product WHERE id = :product_id{for_update}"
_EARLIER = """
SELECT id, revision, status, created_at FROM config_push
WHERE product_id = :product_id AND target = :target AND coalesce(group_id, 0) = coalesce(:group_id, 0)
    AND status <> 'CANCELED' AND (revision = :revision OR created_at > :since)
ORDER BY id DESC LIMIT :most
"""
_REVISION = """
SELECT coalesce(max(version_id), 0) FROM config_document WHERE product_id = :product_id AND scope <> 'schema'
"""
_LAST_DEVICE = "SELECT coalesce(max(id), 0) FROM device WHERE product_id = :product_id"
_ADD = """
INSERT INTO config_push (product_id, version, revision, target, group_id, group_name, strategy, status, last_device_id,
    created_by, created_at, updated_at)
VALUES (:product_id, :version, :revision, :target, :group_id, :group_name, :strategy, 'IN_PROGRESS', :last_device_id,
    :created_by, :now, :now)
RETURNING id
"""
_OPEN = """
SELECT id FROM config_push WHERE product_id = :product_id AND closed_at IS NULL AND id <> :besides ORDER BY id
"""
_OPEN_TO = """
SELECT id FROM config_push WHERE product_id = :product_id AND closed_at IS NULL AND id <> :besides
    AND target = :target AND coalesce(group_id, 0) = coalesce(:group_id, 0)
ORDER BY id
"""
_LOCK = """
SELECT product_id, version, strategy, status, hold, stage, offer_left, reached_at, total, offered, filled_at, closed_at
FROM config_push WHERE id = :push_id{for_update}
"""
_STRATEGY = "SELECT strategy FROM config_push WHERE id = :push_id"
_CANCEL = """
UPDATE config_push SET status = 'CANCELED', stop_reason = :reason, hold = '', filled_at = coalesce(filled_at, :now),
    ended_at = :now, closed_at = :now, updated_at = :now
WHERE id = :push_id
"""
_CLOSE = "UPDATE config_push SET closed_at = :now, updated_at = :now WHERE id = :push_id AND closed_at IS NULL"
_COMPLETE = """
UPDATE config_push SET status = 'COMPLETED', ended_at = :now, updated_at = :now
WHERE id = :push_id AND status = 'IN_PROGRESS'
"""
_RUNNING = "SELECT id FROM config_push WHERE status = 'IN_PROGRESS' ORDER BY id LIMIT :most"
_SWITCHED_OFF = """
SELECT k.id FROM config_push k LEFT JOIN config_switch s ON s.product_id = k.product_id
WHERE k.closed_at IS NULL AND coalesce(s.enabled, 0) = 0 ORDER BY k.id LIMIT :most
"""
_COUNT_DEVICES = """
SELECT count(*) FROM (SELECT 1 FROM device WHERE product_id = :product_id AND enabled = 1 LIMIT :most) n
"""
_OLD_RESULTS = """
DELETE FROM config_result WHERE push_id = :push_id AND device_id IN (
    SELECT device_id FROM config_result WHERE push_id = :push_id LIMIT :most
)
"""
_OLD = """
SELECT id FROM config_push WHERE closed_at IS NOT NULL AND updated_at < :before ORDER BY id LIMIT 1
"""
_DELETE = "DELETE FROM config_push WHERE id = :push_id"

_MAX_EARLIER = 50
_encode = msgspec.json.Encoder().encode
_strategy = msgspec.json.Decoder(Strategy)


class NewPush(NamedTuple):
    """The columns of a push to be."""

    product_id: int
    version: int
    revision: int
    target: Target
    group_id: int | None
    group_name: str


class Running(NamedTuple):
    """A push as what advances it sees it.

    Attributes:
        stage: that is being reached, from 0; -1: none yet.
        offer_left: devices that may still be reached for the first time; None: any.
        reached_at: since when the stage has reached its devices.
    """

    product_id: int
    version: int
    strategy: Strategy
    status: PushStatus
    hold: Hold
    stage: int
    offer_left: int | None
    reached_at: int | None
    total: int
    offered: int
    filled_at: int | None
    closed_at: int | None


def lock_product(tx: Tx, product_id: int) -> None:
    """Keep others from beginning a push of the product until the unit ends."""
    tx.all(_LOCK_PRODUCT, product_id=product_id)


def revision(tx: Tx, product_id: int) -> int:
    """Return the id of the newest version of all documents of a product; 0: there is none."""
    return int(tx.scalar(_REVISION, product_id=product_id))


def earlier(tx: Tx, product_id: int, target: Target, group_id: int | None, newest: int, since: int) -> list[Earlier]:
    """Return pushes to the same target of the revision ``newest``, or begun after ``since``; not canceled ones."""
    rows = tx.all(
        _EARLIER,
        product_id=product_id,
        target=target,
        group_id=group_id,
        revision=newest,
        since=since,
        most=_MAX_EARLIER,
    )
    return [Earlier(row[0], row[1], PushStatus(row[2]), row[3]) for row in rows]


def add(tx: Tx, new: NewPush, strategy: Strategy, created_by: str, now: int) -> int:
    """Add a push in progress and return its id."""
    last = int(tx.scalar(_LAST_DEVICE, product_id=new.product_id))
    written = _encode(strategy).decode()
    columns = new._asdict()
    return int(tx.scalar(_ADD, **columns, strategy=written, last_device_id=last, created_by=created_by, now=now))


def others_open(tx: Tx, product_id: int, besides: int) -> list[int]:
    """Return the other pushes of a product that still wait for devices, the oldest first."""
    return [push_id for (push_id,) in tx.all(_OPEN, product_id=product_id, besides=besides)]


def others_open_to(tx: Tx, new: NewPush, besides: int) -> list[int]:
    """Return those of them that are for the same target."""
    rows = tx.all(_OPEN_TO, product_id=new.product_id, target=new.target, group_id=new.group_id, besides=besides)
    return [push_id for (push_id,) in rows]


def by_id(tx: Tx, push_id: int) -> Push | None:
    """Return a push."""
    return next(iter(_with_counts(tx, tx.all(_BY_ID, push_id=push_id))), None)


def newest(tx: Tx, product_id: int, status: PushStatus | None, below: int, most: int) -> list[Push]:
    """Return up to ``most`` pushes of a product with an id below ``below``, newest first."""
    return _with_counts(tx, tx.all(_NEWEST, product_id=product_id, status=status, edge=below, most=most))


def counted(tx: Tx, product_id: int, status: PushStatus | None, most: int) -> int:
    """Return how many pushes a product has, counting to ``most``."""
    return int(tx.scalar(_COUNT, product_id=product_id, status=status, edge=2**63 - 1, most=most))


def lock(tx: Tx, push_id: int) -> Running | None:
    """Return a push, locked until the unit ends; None: it is gone."""
    row = tx.one(_LOCK, push_id=push_id)
    if row is None:
        return None
    return Running(row[0], row[1], _strategy.decode(row[2]), PushStatus(row[3]), Hold(row[4]), *row[5:])


def strategy_of(tx: Tx, push_id: int) -> Strategy:
    """Return the strategy of a push that exists."""
    return _strategy.decode(tx.scalar(_STRATEGY, push_id=push_id))


def cancel(tx: Tx, push_id: int, reason: StopReason, now: int) -> None:
    """End a push: nobody is told of it any more."""
    tx.run(_CANCEL, push_id=push_id, reason=reason, now=now)


def close(tx: Tx, push_id: int, now: int) -> None:
    """Wait for no more devices."""
    tx.run(_CLOSE, push_id=push_id, now=now)


def complete(tx: Tx, push_id: int, now: int) -> bool:
    """End a push that has told everybody who is online, and return whether that is new."""
    return bool(tx.run(_COMPLETE, push_id=push_id, now=now))


def running(tx: Tx, most: int) -> list[int]:
    """Return up to ``most`` pushes in progress."""
    return [push_id for (push_id,) in tx.all(_RUNNING, most=most)]


def switched_off(tx: Tx, most: int) -> list[int]:
    """Return up to ``most`` pushes that are not closed, of products whose remote configuration is off."""
    return [push_id for (push_id,) in tx.all(_SWITCHED_OFF, most=most)]


def count_devices(tx: Tx, product_id: int, most: int) -> int:
    """Return how many devices of a product are enabled, counting to ``most``."""
    return int(tx.scalar(_COUNT_DEVICES, product_id=product_id, most=most))


def delete_some_old(tx: Tx, before: int, most: int) -> bool:
    """Delete a push not changed since ``before``, at most so many of its results at once; return whether it had any."""
    push_id = tx.scalar(_OLD, before=before)
    if push_id is None:
        return False
    if not tx.run(_OLD_RESULTS, push_id=push_id, most=most):
        tx.run(_DELETE, push_id=push_id)
    return True


def _with_counts(tx: Tx, rows: Iterable[Row]) -> list[Push]:
    found: Sequence[Row] = list(rows)
    counts = counts_by_kind(tx, [row[0] for row in found]) if found else {}
    return [_push(row, _by_status(counts.get(row[0], {}))) for row in found]


def _by_status(counted: dict[tuple[ResultStatus, FailureKind], int]) -> dict[ResultStatus, int]:
    counts = dict.fromkeys(ResultStatus, 0)
    for (status, _), devices in counted.items():
        counts[status] += devices
    return counts


def _push(row: Row, counts: dict[ResultStatus, int]) -> Push:
    return Push(
        id=row[0],
        product_id=row[1],
        product_key=row[2],
        version=row[3],
        revision=row[4],
        target=Target(row[5]),
        group_id=row[6],
        group_name=row[7],
        strategy=_strategy.decode(row[8]),
        status=PushStatus(row[9]),
        hold=Hold(row[10]),
        stop_reason=StopReason(row[11]),
        stage=None if row[12] < 0 else row[12],
        total=row[13],
        offered=row[14],
        created_by=row[15],
        created_at=row[16],
        updated_at=row[17],
        filled_at=row[18],
        ended_at=row[19],
        closed_at=row[20],
        counts=counts,
    )
