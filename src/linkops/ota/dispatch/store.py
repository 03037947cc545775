"""SQL of pushes: which jobs may push now, which tasks are due, and what became of a push."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from linkops.db import Tx
from linkops.ota.model import TaskStatus

# A job whose rate is limited comes first: one without a limit would never let it in time. Where its stage allows no
# first offers, only tasks that were offered before are looked for, in an index of their own.
_JOBS = """
SELECT j.id, j.rate_per_minute, j.next_offer_us, j.cancel_statuses, j.offer_left FROM ota_job j
WHERE j.ended_at IS NULL AND (j.rate_per_minute IS NULL OR j.next_offer_us <= :next_us)
    AND j.hold_reason = '' AND j.push_from_at <= :now AND (j.push_until_at IS NULL OR j.push_until_at > :now)
    AND ((j.offer_left IS NULL OR j.offer_left > 0) AND EXISTS (
            SELECT 1 FROM ota_task t WHERE t.job_id = j.id AND t.push_due_at <= :now
        ) OR j.offer_left = 0 AND EXISTS (
            SELECT 1 FROM ota_task t WHERE t.job_id = j.id AND t.push_due_at <= :now AND t.attempt > 0
        ))
ORDER BY CASE WHEN j.rate_per_minute IS NULL THEN 1 ELSE 0 END, j.id LIMIT :most
"""
_DUE = """
SELECT t.id, t.attempt, t.device_id, p.product_key, d.device_name, coalesce(d.online, 0) FROM (
    SELECT * FROM ota_task
    WHERE job_id = :job_id AND push_due_at <= :now{again}
        AND status NOT IN (SELECT s.status FROM {canceling: status text} s)
    ORDER BY push_due_at LIMIT :most{for_update}
) t LEFT JOIN device d ON d.id = t.device_id LEFT JOIN product p ON p.id = d.product_id
"""
_DUE_AGAIN = _DUE.replace("{again}", " AND push_due_at IS NOT NULL AND attempt > 0")
_DUE_FIRST_OR_AGAIN = _DUE.replace("{again}", "")
_PARK = """
UPDATE ota_task SET push_due_at = NULL
WHERE id IN (SELECT r.id FROM {tasks: id bigint} r) AND ended_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM device d WHERE d.id = ota_task.device_id AND d.online = 1)
"""
# A device that logged in again since the claim may have missed the push: it stays due. One that has failed since is
# pushed to when its retry is due.
_SETTLE = """
UPDATE ota_task SET push_due_at = CASE
    WHEN d.online = 1 AND (r.delivered = 0 OR d.online_at >= ota_task.claimed_at) THEN r.due_at ELSE NULL END
FROM {pushes: id bigint, attempt integer, delivered integer, due_at bigint} r, device d
WHERE ota_task.id = r.id AND ota_task.attempt = r.attempt AND ota_task.ended_at IS NULL
    AND ota_task.retry_at IS NULL AND d.id = ota_task.device_id
"""


class DueJob(NamedTuple):
    """A job that has something to push, and whose rate allows it."""

    job_id: int
    rate_per_minute: int | None
    next_offer_us: int
    cancel_statuses: str
    offer_left: int | None


class DueTask(NamedTuple):
    """A task whose device is to be pushed to; names are None for a device that is gone."""

    task_id: int
    attempt: int
    device_id: int
    product_key: str | None
    device_name: str | None
    online: int


class Settled(NamedTuple):
    """What became of a push."""

    task_id: int
    attempt: int
    delivered: int
    due_at: int


def due_jobs(tx: Tx, now: int, tolerance_ms: int, most: int) -> list[DueJob]:
    """Return up to ``most`` jobs that may push at ``now``, those with a rate first."""
    rows = tx.all(_JOBS, now=now, next_us=(now + tolerance_ms) * 1_000, most=most)
    return [DueJob(*row) for row in rows]


def due_tasks(
    tx: Tx, job_id: int, now: int, canceling: Iterable[TaskStatus], most: int, *, only_again: bool
) -> list[DueTask]:
    """Return up to ``most`` tasks whose push is due, locked, the longest due first; or only those offered before."""
    statuses = [(status,) for status in canceling]
    question = _DUE_AGAIN if only_again else _DUE_FIRST_OR_AGAIN
    return [DueTask(*row) for row in tx.all(question, job_id=job_id, now=now, canceling=statuses, most=most)]


def park(tx: Tx, task_ids: Iterable[int]) -> None:
    """Let tasks wait until their device comes online."""
    tx.run(_PARK, tasks=[(task_id,) for task_id in task_ids])


def settle(tx: Tx, pushes: Sequence[Settled]) -> None:
    """Take tasks off the list of what is due, or leave them there for their next slot."""
    tx.run(_SETTLE, pushes=pushes)
