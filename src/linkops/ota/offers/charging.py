"""Counting offers against the rate and the stage of their job."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from linkops.db import Tx
from linkops.ota import growth, pace
from linkops.ota.jobs.store import counts_by_kind
from linkops.ota.model import FailureKind, TaskStatus
from linkops.ota.offers import store
from linkops.ota.offers.store import Offering
from linkops.ota.steering.store import set_rate


class Offered(Protocol):
    """A task that knows how often it was offered."""

    @property
    def attempt(self) -> int:
        """Offers so far."""
        ...


Task = TypeVar("Task", bound=Offered)


def within_stage(tasks: Sequence[Task], offer_left: int | None) -> list[Task]:
    """Return those of the tasks that may be offered: again always, for the first time while the stage has room."""
    if offer_left is None:
        return list(tasks)
    chosen = []
    for task in tasks:
        if task.attempt == 0:
            if offer_left <= 0:
                continue
            offer_left -= 1
        chosen.append(task)
    return chosen


def current_rate(tx: Tx, job: Offering) -> int | None:
    """Return the rate of a job now, None for no limit; one that grows is worked out from how the job goes."""
    grows = job.strategy.growth
    if grows is None:
        return job.rate_per_minute
    succeeded = counts_by_kind(tx, job.offer.job_id).get((TaskStatus.SUCCEEDED, FailureKind.NONE), 0)
    return growth.rate_per_minute(grows, job.offered, succeeded)


def charge(tx: Tx, job: Offering, now: int, offers: int, first_offers: int) -> None:
    """Record that ``job`` made ``offers`` at ``now``, so many of them for the first time to their device.

    Its next pushes wait for them.
    """
    job_id = job.offer.job_id
    rate = current_rate(tx, job)
    if rate is not None:
        store.set_next(tx, job_id, pace.charge(rate, job.next_offer_us, now, offers))
        set_rate(tx, job_id, rate)
    if first_offers:
        store.count_first(tx, job_id, first_offers)
    store.count(tx, job_id, now, offers)
