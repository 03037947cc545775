"""SQL of figures. They are read from counters that each unit of work keeps, never counted over tasks."""

from linkops.db import Tx
from linkops.ota.model import LIVE, WAITING, FailureKind, Job, JobSummary

_FAILURES = """
SELECT failure_kind, sum(tasks) FROM ota_job_count
WHERE job_id = :job_id AND status = 'FAILED' GROUP BY failure_kind HAVING sum(tasks) > 0
"""
_OFFERS = "SELECT coalesce(sum(offers), 0) FROM ota_job_offers WHERE job_id = :job_id AND second > :after"


def job_summary(tx: Tx, job: Job, now: int) -> JobSummary:
    """Return how ``job`` goes at ``now``."""
    failures = {FailureKind(kind): int(tasks) for kind, tasks in tx.all(_FAILURES, job_id=job.id)}
    offers = int(tx.scalar(_OFFERS, job_id=job.id, after=now // 1_000 - 60))
    return JobSummary(
        counts=job.counts,
        failures=failures,
        offers_last_minute=offers,
        rate_per_minute=job.rate_per_minute,
        time_left_s=time_left_s(job, now),
    )


def time_left_s(job: Job, now: int) -> int | None:
    """Return how long a job will take if it goes on as before: a guess, None when there is nothing to guess from."""
    waiting = sum(job.counts[status] for status in WAITING)
    unfinished = sum(job.counts[status] for status in LIVE)
    if not unfinished and job.filled_at is not None:
        return 0
    guesses = []
    if job.rate_per_minute is not None:
        guesses.append(waiting * 60 // job.rate_per_minute)
    ended = sum(job.counts.values()) - unfinished
    if ended and job.started_at is not None and now > job.started_at:
        guesses.append(unfinished * (now - job.started_at) // (ended * 1_000))
    return max(guesses, default=None)
