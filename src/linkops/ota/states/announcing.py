"""Telling applications that the status of jobs is another."""

from collections.abc import Sequence

from linkops.db import Tx
from linkops.events.store import record_events
from linkops.ota import wire
from linkops.ota.model import JobStatus
from linkops.ota.states import store


def announce_jobs(tx: Tx, job_ids: Sequence[int], status: JobStatus, now: int) -> None:
    """Record that these jobs have this status since ``now``; in the unit that gave it to them."""
    if job_ids:
        record_events(tx, [wire.job_changed(*job, status, now) for job in store.jobs_named(tx, job_ids)])
