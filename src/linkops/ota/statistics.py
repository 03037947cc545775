"""SQL of figures. They are read from counters that each unit of work keeps, never counted over tasks."""

from linkops.db import Tx
from linkops.ota.model import LIVE, WAITING, FailureKind, Job, JobSummary, PacePoint
from linkops.ota.offers.store import KEEP_S
from linkops.ota.pace import offers_a_minute

_FAILURES = """
SELECT failure_kind, sum(tasks) FROM ota_job_count
WHERE job_id = :job_id AND status = 'FAILED' GROUP BY failure_kind HAVING sum(tasks) > 0
"""
_OFFERS = "SELECT coalesce(sum(offers), 0) FROM ota_job_offers WHERE job_id = :job_id AND second > :after"

_PACE = "SELECT second, offers FROM ota_job_offers WHERE job_id = :job_id AND second > :after ORDER BY second"
PACE_EVERY_S = 5


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


def job_pace(tx: Tx, job: Job, now: int) -> list[PacePoint]:
    """Return the offers of each last minute every `PACE_EVERY_S`, as far back as they are kept; none before it began.

    Of a job that is over they are those up to its end.
    """
    if job.started_at is None:
        return []
    until = (job.ended_at or now) // 1_000
    first = max(job.started_at // 1_000, until - KEEP_S + 60)
    offers = tx.all(_PACE, job_id=job.id, after=first - 60)
    seconds = range(until - (until - first) // PACE_EVERY_S * PACE_EVERY_S, until + 1, PACE_EVERY_S)
    counted = offers_a_minute([(int(second), int(made)) for second, made in offers], seconds)
    return [PacePoint(second * 1_000, made) for second, made in zip(seconds, counted, strict=True)]


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
