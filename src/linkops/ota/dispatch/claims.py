"""The two units around a push: claim a slot before it is published, and record afterwards whether it was delivered."""

from collections.abc import Sequence
from typing import NamedTuple

from linkops.db import Tx
from linkops.devices.model import DeviceKey
from linkops.ota import pace, rollout
from linkops.ota.dispatch import store
from linkops.ota.dispatch.store import DueJob, DueTask, Settled
from linkops.ota.offers import store as offers
from linkops.ota.offers.charging import charge, current_rate, within_stage
from linkops.ota.offers.store import Offering
from linkops.ota.states.saving import save
from linkops.ota.states.store import Change, live
from linkops.ota.wire import Offer

PUSHES_PER_UNIT = 500
_JOBS_PER_UNIT = 100
_LOOK_AHEAD = 100
"""Tasks of devices that went offline are passed over by the hundred, even where the rate allows one push."""


class Claim(NamedTuple):
    """A push that may be published; ``due_at`` is when it is repeated if nobody records that it was."""

    task_id: int
    attempt: int
    device_id: int
    key: DeviceKey
    offer: Offer
    due_at: int


class Claimed(NamedTuple):
    """What one unit claimed, and how many tasks it took off the list because their devices are offline."""

    claims: list[Claim]
    parked: int


def claim_due(tx: Tx, now: int) -> Claimed:
    """Claim up to `PUSHES_PER_UNIT` pushes of all jobs, each within its rate."""
    jobs = store.due_jobs(tx, now, pace.TOLERANCE_MS, _JOBS_PER_UNIT)
    claims: list[Claim] = []
    parked = 0
    for number, job in enumerate(jobs):
        share = max(1, (PUSHES_PER_UNIT - len(claims)) // (len(jobs) - number))
        of_job = _claim_of_job(tx, job, now, share)
        claims += of_job.claims
        parked += of_job.parked
    return Claimed(claims, parked)


def _claim_of_job(tx: Tx, due: DueJob, now: int, share: int) -> Claimed:
    most = _allowed(due.rate_per_minute, due.next_offer_us, now, share)
    canceling = offers.statuses(due.cancel_statuses)
    only_again = due.offer_left == 0
    found = store.due_tasks(tx, due.job_id, now, canceling, max(most, _LOOK_AHEAD), only_again=only_again)
    offline = [task.task_id for task in found if not task.online]
    if offline:
        store.park(tx, offline)
    job = offers.offerings(tx, [due.job_id])[due.job_id]
    # Once more, now that the job is locked: others may have pushed, paused or canceled meanwhile.
    rate = current_rate(tx, job)
    holds = not job.pushes_at(now) or not job.canceling <= canceling
    most = 0 if holds else _allowed(rate, job.next_offer_us, now, share)
    online = within_stage([task for task in found if task.online], job.offer_left)
    return Claimed(_claim(tx, job, online[:most], now), len(offline))


def _allowed(rate_per_minute: int | None, next_offer_us: int, now: int, share: int) -> int:
    return share if rate_per_minute is None else min(share, pace.allowance(rate_per_minute, next_offer_us, now))


def _claim(tx: Tx, job: Offering, tasks: Sequence[DueTask], now: int) -> list[Claim]:
    if not tasks:
        return []
    due_at = pace.slot_end(job.started_at, now)
    offers.claim(tx, [(task.task_id, task.attempt, now, due_at) for task in tasks])
    charge(tx, job, now, len(tasks), sum(task.attempt == 0 for task in tasks))
    return [Claim(task.task_id, task.attempt + 1, task.device_id, _key(task), job.offer, due_at) for task in tasks]


def _key(task: DueTask) -> DeviceKey:
    assert task.product_key is not None and task.device_name is not None  # noqa: S101, PT018 - it is online
    return DeviceKey(task.product_key, task.device_name)


def record_pushes(tx: Tx, pushes: Sequence[tuple[Claim, bool]], now: int) -> None:
    """Record which claims were delivered; a task is NOTIFIED from then on."""
    attempts = {claim.task_id: claim.attempt for claim, delivered in pushes if delivered}
    # A device may have failed by now, so that its retry waits: that is not to be touched.
    delivered = [task for task in live(tx, attempts) if task.attempt == attempts[task.id] and task.retry_at is None]
    changes = [Change(task, rollout.offered(task, now), now) for task in delivered]
    save(tx, [change for change in changes if change.after is not change.before])
    store.settle(tx, [Settled(claim.task_id, claim.attempt, int(done), claim.due_at) for claim, done in pushes])
