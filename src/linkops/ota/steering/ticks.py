"""What a job comes to by itself: start, finish, windows and stages, each a bounded tick."""

from collections.abc import Callable

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.ota.jobs.store import counts_by_kind, set_canceling
from linkops.ota.model import LIVE, FailureKind, Hold, JobStatus, TaskStatus
from linkops.ota.stages import after_stage
from linkops.ota.states.announcing import announce_jobs
from linkops.ota.steering import store
from linkops.ota.steering.service import begin_stage, offerable
from linkops.ota.windows import span

_JOBS_PER_TICK = 50
_FINISHED = "the job's finish time was reached"
_UNDER_WAY = (TaskStatus.NOTIFIED, TaskStatus.IN_PROGRESS)


class Course:
    """Starts, finishes and stages jobs when it is time."""

    def __init__(self, db: Database, clock: Clock, on_started: Callable[[], None]) -> None:
        self._db = db
        self._clock = clock
        self._on_started = on_started

    async def start_due(self) -> bool:
        """Let planned jobs select their devices."""
        now = self._clock.now()
        due = await self._db.read(store.to_begin, now, _JOBS_PER_TICK)
        for job_id in due:
            await self._db.write(_start, job_id, now)
        if due:
            self._on_started()
        return len(due) == _JOBS_PER_TICK

    async def finish_due(self) -> bool:
        """End jobs whose finish time has come: what is unfinished is canceled."""
        now = self._clock.now()
        due = await self._db.read(store.to_finish, now, _JOBS_PER_TICK)
        for job_id in due:
            await self._db.write(_finish, job_id, now)
        return len(due) == _JOBS_PER_TICK

    async def open_windows(self) -> bool:
        """Work out the next window of jobs whose last one has closed; until then they push nothing."""
        now = self._clock.now()
        over = await self._db.read(store.windows_over, now, _JOBS_PER_TICK)
        for job_id, windows in over:
            await self._db.write(store.set_window, job_id, span(windows, now))
        return len(over) == _JOBS_PER_TICK

    async def advance_stages(self) -> bool:
        """Begin the next stage of jobs whose devices are done, or hold them if somebody must look first."""
        for job_id in await self._db.read(store.staged, _JOBS_PER_TICK):
            # Asked beside the writer: the stage has no room for another push meanwhile.
            if not await self._db.read(store.any_on_its_way, job_id):
                await self._db.write(_advance, job_id, self._clock.now())
        return False


def _start(tx: Tx, job_id: int, now: int) -> None:
    if store.begin(tx, job_id, now) is not None:
        announce_jobs(tx, [job_id], JobStatus.IN_PROGRESS, now)


def _finish(tx: Tx, job_id: int, now: int) -> None:
    job = store.lock(tx, job_id)
    if store.finish(tx, job_id, _FINISHED, now):
        set_canceling(tx, job_id, LIVE, now)
        if job.status is not JobStatus.CANCELED:
            announce_jobs(tx, [job_id], JobStatus.COMPLETED, now)


def _advance(tx: Tx, job_id: int, now: int) -> None:
    job = store.lock(tx, job_id)
    if job.hold is not Hold.NONE or job.offer_left != 0 or job.filled_at is None:
        return
    counts = counts_by_kind(tx, job_id)
    if sum(tasks for (status, _), tasks in counts.items() if status in _UNDER_WAY):
        return
    succeeded = counts.get((TaskStatus.SUCCEEDED, FailureKind.NONE), 0)
    failed = sum(
        tasks
        for (status, kind), tasks in counts.items()
        if status is TaskStatus.FAILED and kind is not FailureKind.CONFLICT
    )
    hold = Hold.NONE if job.stage < 0 else after_stage(job.strategy.stages[job.stage], succeeded, succeeded + failed)
    if hold is not Hold.NONE:
        store.set_hold(tx, job_id, Hold.NONE, hold, now)
        return
    begin_stage(tx, job, job.stage + 1, offerable(counts), now)
