"""Making tasks for devices that need an update: what is in their way decides how each begins."""

from collections import Counter
from collections.abc import Sequence

from linkops.db import Tx
from linkops.ota import rollout
from linkops.ota.candidates.store import Candidate
from linkops.ota.conflicts import FREE, Verdict, judge, lane
from linkops.ota.filling import store
from linkops.ota.filling.store import Filling, NewTask
from linkops.ota.model import TaskStatus
from linkops.ota.rollout import TaskState, first_status
from linkops.ota.states.saving import save
from linkops.ota.states.store import Change, count, live_of_devices


def make_tasks(tx: Tx, job: Filling, candidates: Sequence[Candidate], now: int) -> None:
    """Give each device a task; what gives way to it is canceled, and where something does not, it fails at once.

    The devices are locked already, so that none gets a second task meanwhile.
    """
    unfinished: dict[int, list[TaskState]] = {}
    for task in live_of_devices(tx, [candidate.device_id for candidate in candidates]):
        unfinished.setdefault(task.device_id, []).append(task)
    module = job.criteria.module
    verdicts = {device_id: judge(job.strategy, module, tasks) for device_id, tasks in unfinished.items()}
    _overwrite(tx, job, list(verdicts.values()), now)
    tasks = [_task(job, candidate, verdicts.get(candidate.device_id, FREE), now) for candidate in candidates]
    if tasks:
        count(tx, Counter(store.add_tasks(tx, job, lane(job.strategy, module), tasks, now)))


def without_task(tx: Tx, job: Filling, found: Sequence[Candidate]) -> list[Candidate]:
    """Leave out devices that have had a task of the job."""
    had = store.tasks_of_devices(tx, [job.job_id], [candidate.device_id for candidate in found])
    return [candidate for candidate in found if (job.job_id, candidate.device_id) not in had]


def _overwrite(tx: Tx, job: Filling, verdicts: Sequence[Verdict], now: int) -> None:
    reason = f"overwritten by job {job.job_id}"
    tasks = [task for verdict in verdicts for task in verdict.overwritten]
    if tasks:
        save(tx, [Change(task, rollout.canceled(task, reason, now), now) for task in tasks])


def _task(job: Filling, candidate: Candidate, verdict: Verdict, now: int) -> NewTask:
    strategy = job.strategy
    status = first_status(need_confirm=strategy.need_confirm, conflicted=verdict.conflicted)
    pushed = status is TaskStatus.QUEUED and candidate.online and strategy.need_push
    return store.new_task(candidate.device_id, candidate.version, status, now if pushed else None, now)
