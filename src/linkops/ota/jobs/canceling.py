"""Canceling: what is to be canceled is stored first, then done in chunks: a restart in between only delays it."""

from collections.abc import Collection, Iterable, Mapping

from linkops.db import Tx
from linkops.errors import Conflict, Invalid
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.ota import rollout
from linkops.ota.access import require_job
from linkops.ota.jobs import store
from linkops.ota.model import LIVE, JobStatus, Selection, TaskStatus
from linkops.ota.states.announcing import announce_jobs
from linkops.ota.states.saving import save
from linkops.ota.states.store import Change, live

TASKS_PER_UNIT = 500
MAX_REASON_CHARS = 128
DEFAULT_REASON = "canceled"


def check(statuses: Collection[TaskStatus], reason: str, *, stop: bool | None) -> None:
    """Do nothing if tasks in these statuses can be canceled, for such a reason.

    Raises:
        Invalid: when they cannot.
    """
    if not set(statuses) <= set(LIVE) or not (statuses or stop):
        raise Invalid("job.cancel_statuses_invalid", field="statuses", statuses=" ".join(LIVE))
    if len(reason) > MAX_REASON_CHARS or not reason.isprintable():
        raise Invalid("text.too_long", field="reason", max_chars=MAX_REASON_CHARS)


def begin(
    tx: Tx,
    actor: Actor,
    job_id: int,
    statuses: Collection[TaskStatus],
    reason: str,
    now: int,
    *,
    stop: bool | None = None,
) -> None:
    """Store that the tasks in these statuses are to be canceled: from the commit on, they are not offered any more.

    With ``stop``, no more devices are selected, either; None: a dynamic job is stopped, a static one if its QUEUED
    tasks are canceled.

    Raises:
        Conflict: the job has ended.
    """
    product_id = require_job(tx, actor, Role.OPERATOR, job_id).product_id
    job = store.lock(tx, job_id)
    if job.ended_at is not None:
        raise Conflict("job.ended", job_id=job_id, status=job.status)
    store.set_canceling(tx, job_id, job.canceling | set(statuses), now)
    if _stops(job, statuses, stop=stop) and job.status is not JobStatus.CANCELED:
        store.stop(tx, job_id, reason, now)
        announce_jobs(tx, [job_id], JobStatus.CANCELED, now)
    details = {"statuses": sorted(statuses), "reason": reason, "stop": stop}
    record_audit(tx, actor, now, "job.cancel", f"job:{job_id}", product_id=product_id, **details)


def _stops(job: store.Stoppable, statuses: Collection[TaskStatus], *, stop: bool | None) -> bool:
    if stop is not None:
        return stop
    # Nothing was selected yet: there is nothing else to cancel.
    never_began = job.status is JobStatus.PLANNED
    return never_began or job.selection is Selection.DYNAMIC or TaskStatus.QUEUED in statuses


def cancel_chunk(tx: Tx, job_id: int, now: int) -> bool:
    """Cancel some of the tasks that are to be canceled and return whether there may be more."""
    job = store.lock(tx, job_id)
    task_ids = store.tasks_in(tx, job_id, job.canceling, TASKS_PER_UNIT)
    if not task_ids:
        if job.canceling:
            store.set_canceling(tx, job_id, (), now)
        return False
    cancel_tasks(tx, task_ids, job.stop_reason or DEFAULT_REASON, now)
    return True


def cancel_tasks(tx: Tx, task_ids: Iterable[int], reason: str, now: int) -> Mapping[int, TaskStatus]:
    """Cancel those of the tasks that have not ended and return what they were, by device id."""
    changes = [Change(task, rollout.canceled(task, reason, now), now) for task in live(tx, task_ids)]
    return {change.before.device_id: change.before.status for change in save(tx, changes)}
