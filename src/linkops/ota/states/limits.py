"""Stopping jobs that fail too often, in the unit in which they did: from its commit on nobody new is told of them."""

from collections.abc import Sequence

from linkops.db import Tx
from linkops.events.actor import SYSTEM
from linkops.events.store import record_audit
from linkops.ota.aborting import abort_reason
from linkops.ota.jobs import store as jobs
from linkops.ota.model import WAITING, JobStatus, TaskStatus
from linkops.ota.rollout import TaskState
from linkops.ota.states.announcing import announce_jobs
from linkops.ota.states.store import Change
from linkops.ota.strategy import Strategy


def abort_jobs(tx: Tx, changes: Sequence[Change]) -> None:
    """Stop those jobs whose limits these failures have reached."""
    failed: dict[int, TaskState] = {
        after.job_id: after for _, after, _ in changes if after.status is TaskStatus.FAILED and after.strategy.abort
    }
    for job_id in sorted(failed):
        _judge(tx, failed[job_id], failed[job_id].strategy)


def _judge(tx: Tx, task: TaskState, strategy: Strategy) -> None:
    reason = abort_reason(strategy.abort, jobs.counts_by_kind(tx, task.job_id))
    if reason is None:
        return
    job, now = jobs.lock(tx, task.job_id), task.ended_at or 0
    if job.status is JobStatus.CANCELED:
        return
    jobs.stop(tx, task.job_id, reason, now)
    jobs.set_canceling(tx, task.job_id, job.canceling | set(WAITING), now)
    announce_jobs(tx, [task.job_id], JobStatus.CANCELED, now)
    record_audit(tx, SYSTEM, now, "job.abort", f"job:{task.job_id}", product_id=task.product_id, reason=reason)
