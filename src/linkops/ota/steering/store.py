"""SQL of what a job comes to: its start and finish, what holds it, its window, stage and rate."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from linkops.db import Row, Tx
from linkops.ota.model import Hold, JobStatus, Selection
from linkops.ota.strategy import Strategy, Window, read_strategy, write_strategy
from linkops.ota.windows import Span

_BEGIN = """
UPDATE ota_job SET status = 'IN_PROGRESS', started_at = :now, updated_at = :now,
    last_device_id = (SELECT coalesce(max(d.id), 0) FROM device d WHERE d.product_id = ota_job.product_id)
WHERE id = :job_id AND status = 'PLANNED' AND hold_reason = ''
RETURNING product_id
"""
_TO_BEGIN = """
SELECT id FROM ota_job WHERE status = 'PLANNED' AND hold_reason = '' AND coalesce(start_at, 0) <= :now
ORDER BY start_at LIMIT :most
"""
_TO_FINISH = "SELECT id FROM ota_job WHERE ended_at IS NULL AND finish_at <= :now ORDER BY id LIMIT :most"
_FINISH = """
UPDATE ota_job SET hold_reason = '', finish_at = NULL, filled_at = coalesce(filled_at, :now), updated_at = :now,
    status = CASE WHEN status = 'CANCELED' THEN status ELSE 'COMPLETED' END,
    stop_reason = CASE WHEN status = 'CANCELED' THEN stop_reason ELSE :reason END
WHERE id = :job_id AND ended_at IS NULL AND finish_at <= :now
"""
_LOCK = """
SELECT id, product_id, created_by, status, selection, hold_reason, strategy, stage, offered, offer_left, filled_at,
    ended_at
FROM ota_job WHERE id = :job_id{for_update}
"""
_SET_HOLD = """
UPDATE ota_job SET hold_reason = :hold, updated_at = :now
WHERE id = :job_id AND hold_reason = :was AND ended_at IS NULL
"""
_APPROVE = """
UPDATE ota_job SET hold_reason = '', approved_by = :name, updated_at = :now
WHERE id = :job_id AND hold_reason = 'approval' AND status = 'PLANNED'
"""
_WINDOWS_OVER = """
SELECT j.id, j.strategy, r.windows FROM ota_job j LEFT JOIN ota_product_rule r ON r.product_id = j.product_id
WHERE j.ended_at IS NULL AND j.push_until_at <= :now ORDER BY j.id LIMIT :most
"""
_OF_PRODUCT = """
SELECT j.id, j.strategy, r.windows FROM ota_job j LEFT JOIN ota_product_rule r ON r.product_id = j.product_id
WHERE j.ended_at IS NULL AND j.product_id = :product_id
"""
_SET_WINDOW = "UPDATE ota_job SET push_from_at = :opens_at, push_until_at = :closes_at WHERE id = :job_id"
_STAGED = """
SELECT id FROM ota_job
WHERE ended_at IS NULL AND status = 'IN_PROGRESS' AND hold_reason = '' AND offer_left = 0 AND filled_at IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM ota_job_count c
        WHERE c.job_id = ota_job.id AND c.status IN ('NOTIFIED', 'IN_PROGRESS') AND c.tasks > 0
    )
ORDER BY id LIMIT :most
"""
# A push was claimed, and nobody knows yet whether it was delivered, or it was not and is repeated.
# Of a device that is offline nothing is due, so that it does not hold up its stage.
_ON_ITS_WAY = """
SELECT 1 FROM ota_task
WHERE job_id = :job_id AND push_due_at IS NOT NULL AND attempt > 0 AND status = 'QUEUED' LIMIT 1
"""
_SET_STAGE = "UPDATE ota_job SET stage = :stage, offer_left = :offer_left, updated_at = :now WHERE id = :job_id"
_EDIT = """
UPDATE ota_job SET strategy = :strategy, tags = :tags, source_versions = :source_versions,
    rate_per_minute = :rate_per_minute, updated_at = :now
WHERE id = :job_id AND ended_at IS NULL
"""
_SET_RATE = "UPDATE ota_job SET rate_per_minute = :rate WHERE id = :job_id AND rate_per_minute <> :rate"
_ONLY_ADMINISTRATOR = """
SELECT count(*) FROM account a JOIN account_grant g ON g.account_id = a.id
WHERE a.enabled = 1 AND g.role = 'admin' AND g.product_id IN (0, :product_id)
"""

_encode = msgspec.json.Encoder().encode
_windows = msgspec.json.Decoder(tuple[Window, ...])


class Steered(NamedTuple):
    """A job, as far as steering it goes."""

    job_id: int
    product_id: int
    created_by: str
    status: JobStatus
    selection: Selection
    hold: Hold
    strategy: Strategy
    stage: int
    offered: int
    offer_left: int | None
    filled_at: int | None
    ended_at: int | None


def begin(tx: Tx, job_id: int, now: int) -> int | None:
    """Let a job select its devices; return its product's id, or None when it may not begin (or has already)."""
    product_id = tx.scalar(_BEGIN, job_id=job_id, now=now)
    return None if product_id is None else int(product_id)


def to_begin(tx: Tx, now: int, most: int) -> list[int]:
    """Return up to ``most`` jobs whose time has come."""
    return [job_id for (job_id,) in tx.all(_TO_BEGIN, now=now, most=most)]


def to_finish(tx: Tx, now: int, most: int) -> list[int]:
    """Return up to ``most`` jobs whose time is over."""
    return [job_id for (job_id,) in tx.all(_TO_FINISH, now=now, most=most)]


def finish(tx: Tx, job_id: int, reason: str, now: int) -> bool:
    """Make a job COMPLETED before its last task has ended, unless it was canceled; return whether its time was over."""
    return tx.run(_FINISH, job_id=job_id, reason=reason, now=now) == 1


def lock(tx: Tx, job_id: int) -> Steered:
    """Return a job that exists, locked until the unit ends."""
    return _steered(tx.all(_LOCK, job_id=job_id)[0])


def set_hold(tx: Tx, job_id: int, was: Hold, hold: Hold, now: int) -> None:
    """Hold a job, or let it go on."""
    tx.run(_SET_HOLD, job_id=job_id, was=was, hold=hold, now=now)


def approve(tx: Tx, job_id: int, name: str, now: int) -> None:
    """Let a job begin when its time comes."""
    tx.run(_APPROVE, job_id=job_id, name=name, now=now)


def windows_over(tx: Tx, now: int, most: int) -> list[tuple[int, tuple[Window, ...]]]:
    """Return up to ``most`` jobs whose window has closed, each with its windows."""
    return _with_windows(tx.all(_WINDOWS_OVER, now=now, most=most))


def windows_of_product(tx: Tx, product_id: int) -> list[tuple[int, tuple[Window, ...]]]:
    """Return the jobs of a product that have not ended, each with its windows."""
    return _with_windows(tx.all(_OF_PRODUCT, product_id=product_id))


def set_window(tx: Tx, job_id: int, window: Span) -> None:
    """Store when a job may push."""
    tx.run(_SET_WINDOW, job_id=job_id, opens_at=window.opens_at, closes_at=window.closes_at)


def staged(tx: Tx, most: int) -> list[int]:
    """Return up to ``most`` jobs that have offered the update to everybody in their stage, and nobody is updating."""
    return [job_id for (job_id,) in tx.all(_STAGED, most=most)]


def any_on_its_way(tx: Tx, job_id: int) -> bool:
    """Return whether a device of a job may have been offered the update without being NOTIFIED."""
    return tx.scalar(_ON_ITS_WAY, job_id=job_id) is not None


def set_stage(tx: Tx, job_id: int, stage: int, offer_left: int | None, now: int) -> None:
    """Begin a stage in which so many more devices are offered the update; None: all that are left."""
    tx.run(_SET_STAGE, job_id=job_id, stage=stage, offer_left=offer_left, now=now)


def edit(
    tx: Tx,
    job_id: int,
    strategy: Strategy,
    tags: dict[str, str],
    source_versions: Sequence[str],
    rate_per_minute: int | None,
    now: int,
) -> None:
    """Replace what may change while a job runs."""
    tx.run(
        _EDIT,
        job_id=job_id,
        strategy=write_strategy(strategy),
        tags=_encode(tags).decode(),
        source_versions=_encode(source_versions).decode(),
        rate_per_minute=rate_per_minute,
        now=now,
    )


def set_rate(tx: Tx, job_id: int, rate: int) -> None:
    """Store the rate that a job has grown to."""
    tx.run(_SET_RATE, job_id=job_id, rate=rate)


def administrators(tx: Tx, product_id: int) -> int:
    """Return how many accounts administer a product."""
    return int(tx.scalar(_ONLY_ADMINISTRATOR, product_id=product_id))


def _with_windows(rows: Sequence[Row]) -> list[tuple[int, tuple[Window, ...]]]:
    return [
        (job_id, read_strategy(strategy).windows or (() if of_product is None else _windows.decode(of_product)))
        for job_id, strategy, of_product in rows
    ]


def _steered(row: Row) -> Steered:
    return Steered(
        row[0],
        row[1],
        row[2],
        JobStatus(row[3]),
        Selection(row[4]),
        Hold(row[5]),
        read_strategy(row[6]),
        *row[7:],
    )
