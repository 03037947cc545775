"""Counting offers against the rate of their job."""

from linkops.db import Tx
from linkops.ota import pace
from linkops.ota.offers import store
from linkops.ota.offers.store import Offering


def charge(tx: Tx, job: Offering, now: int, offers: int) -> None:
    """Record that ``job`` made ``offers`` at ``now``, and let its next pushes wait for them."""
    job_id = job.offer.job_id
    if job.rate_per_minute is not None:
        store.set_next(tx, job_id, pace.charge(job.rate_per_minute, job.next_offer_us, now, offers))
    store.count(tx, job_id, now, offers)
