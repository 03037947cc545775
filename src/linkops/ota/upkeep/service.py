"""Upkeep: ticks that each do a bounded piece of what has become due, and say whether there is more."""

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.ota import rollout
from linkops.ota.jobs.canceling import cancel_tasks
from linkops.ota.jobs.store import counts_by_kind
from linkops.ota.model import FailureKind, JobKind, JobStatus, PackageStatus, TaskStatus
from linkops.ota.packages import store as packages
from linkops.ota.states.announcing import announce_jobs
from linkops.ota.states.saving import save
from linkops.ota.states.store import Change, live
from linkops.ota.upkeep import store
from linkops.ota.upkeep.store import EndedJob

TASKS_PER_UNIT = 500
_JOBS_PER_UNIT = 100
_DAY_MS = 86_400_000
_DEVICE_GONE = "the device was deleted"


class Upkeep:
    """Ends what nobody ends by hand."""

    def __init__(self, db: Database, clock: Clock, keep_tasks_days: int) -> None:
        self._db = db
        self._clock = clock
        self._keep_tasks_days = keep_tasks_days

    async def time_out(self) -> bool:
        """Fail tasks that took too long since their first progress."""
        now = self._clock.now()
        task_ids = await self._db.read(store.overdue, now, TASKS_PER_UNIT)
        if task_ids:
            await self._db.write(_time_out, task_ids, now)
        return len(task_ids) == TASKS_PER_UNIT

    async def cancel_of_nobody(self) -> bool:
        """Cancel tasks whose device was deleted."""
        task_ids = await self._db.read(store.of_nobody, TASKS_PER_UNIT)
        if task_ids:
            await self._db.write(cancel_tasks, task_ids, _DEVICE_GONE, self._clock.now())
        return len(task_ids) == TASKS_PER_UNIT

    async def end_jobs(self) -> bool:
        """End jobs that have nothing left to do."""
        if not await self._db.read(store.any_done):
            return False
        return await self._db.write(_end_jobs, self._clock.now())

    async def delete_old_tasks(self) -> bool:
        """Delete tasks of jobs that ended long ago; the counters of the jobs stay."""
        before = self._clock.now() - self._keep_tasks_days * _DAY_MS
        return await self._db.write(store.delete_tasks, before, TASKS_PER_UNIT) == TASKS_PER_UNIT


def _time_out(tx: Tx, task_ids: list[int], now: int) -> None:
    overdue = [task for task in live(tx, task_ids) if task.timeout_at is not None and task.timeout_at <= now]
    changes = [Change(task, rollout.timed_out(task, now), now) for task in overdue]
    save(tx, [change for change in changes if change.after is not change.before])


def _end_jobs(tx: Tx, now: int) -> bool:
    ended = store.end_done(tx, now, _JOBS_PER_UNIT)
    completed = [job.job_id for job in ended if job.status is JobStatus.COMPLETED]
    announce_jobs(tx, completed, JobStatus.COMPLETED, now)
    for job in ended:
        if job.kind is JobKind.VERIFY:
            _judge_package(tx, job, now)
    return len(ended) == _JOBS_PER_UNIT


def _judge_package(tx: Tx, job: EndedJob, now: int) -> None:
    """A package is verified only if every device of its verification succeeded."""
    counts = counts_by_kind(tx, job.job_id)
    succeeded = counts.get((TaskStatus.SUCCEEDED, FailureKind.NONE), 0)
    verified = job.status is JobStatus.COMPLETED and succeeded > 0 and succeeded == sum(counts.values())
    packages.set_status(tx, job.package_id, PackageStatus.VERIFIED if verified else PackageStatus.FAILED, now)
