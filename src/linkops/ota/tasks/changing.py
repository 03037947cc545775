"""What operators do about single tasks: confirm them, cancel them by device, and update devices again."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_devices
from linkops.devices.model import DeviceKey
from linkops.errors import Conflict, Invalid, NotFound
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.ota import rollout
from linkops.ota.access import require_job, require_package
from linkops.ota.candidates.store import lock as lock_devices
from linkops.ota.conflicts import judge
from linkops.ota.jobs.canceling import DEFAULT_REASON, cancel_tasks
from linkops.ota.model import FailureKind, Job, JobStatus, PackageStatus, TaskStatus
from linkops.ota.rollout import TaskState
from linkops.ota.states.saving import save
from linkops.ota.states.store import Change, live, live_of_devices, of_job
from linkops.ota.tasks import store

MAX_TASKS = 200
_UNVERIFIED = (PackageStatus.UNVERIFIED, PackageStatus.VERIFYING, PackageStatus.FAILED)


class Reopened(NamedTuple):
    """How many tasks began once more, and how many were left alone because their devices cannot take them now."""

    changed: int
    left: int


class TaskChanges:
    """What an operator of the product does about tasks. One that is not theirs refuses the whole call."""

    def __init__(self, db: Database, clock: Clock, on_reopened: Callable[[], None]) -> None:
        self._db = db
        self._clock = clock
        self._on_reopened = on_reopened

    async def cancel(
        self, actor: Actor, package_id: int, device_names: Sequence[str], job_id: int | None = None
    ) -> int:
        """Cancel the unfinished tasks of these devices that offer a package, and return how many there were.

        Raises:
            Invalid: none or too many names.
            NotFound: the package, the job, or a device.
        """
        return await self._db.write(_cancel, actor, package_id, device_names, job_id, self._clock.now())

    async def confirm(self, actor: Actor, task_ids: Sequence[int]) -> int:
        """Let devices be told of updates that wait for it, and return how many there were; others are left alone.

        Raises:
            Invalid: none or too many tasks.
            NotFound: one of them.
        """
        _check_count(task_ids)
        return await self._db.write(_confirm, actor, task_ids, self._clock.now())

    async def update_again(self, actor: Actor, job_id: int, task_ids: Sequence[int]) -> int:
        """Begin tasks that failed or were canceled once more, as if they were new, and return how many there were.

        Raises:
            Invalid: none or too many tasks.
            NotFound: one of them is not the job's.
            Conflict: the job was canceled, its package is gone or not verified, or a device has another update or
                runs the version already.
        """
        _check_count(task_ids)
        reopened = await self._db.write(_update_again, actor, job_id, task_ids, self._clock.now())
        self._on_reopened()
        return reopened

    async def update_failed_again(self, actor: Actor, job_id: int, kind: FailureKind | None = None) -> Reopened:
        """Begin all tasks that failed (for one reason, if it is given) once more, as far as devices can take them.

        Devices that have another update by now, or run the version already, are left alone.

        Raises:
            Conflict: the job was canceled, its package is gone or not verified.
        """
        changed = left = 0
        edge: int | None = 0
        while edge is not None:
            some, edge = await self._db.write(_update_some_again, actor, job_id, kind, edge, self._clock.now())
            changed, left = changed + some.changed, left + some.left
            self._on_reopened()
        return Reopened(changed, left)


def _check_count(task_ids: Sequence[int]) -> None:
    if not 0 < len(task_ids) <= MAX_TASKS or len(set(task_ids)) < len(task_ids):
        raise Invalid("task.ids_invalid", field="task_ids", most=MAX_TASKS)


def _cancel(tx: Tx, actor: Actor, package_id: int, device_names: Sequence[str], job_id: int | None, now: int) -> int:
    package = require_package(tx, actor, Role.OPERATOR, package_id)
    if job_id is not None:
        require_job(tx, actor, Role.OPERATOR, job_id)
    keys = [DeviceKey(package.product_key, name) for name in device_names]
    devices = {device.id: device for device in require_devices(tx, actor, Role.OPERATOR, keys)}
    task_ids = store.live_of_package(tx, package_id, devices, job_id)
    canceled = cancel_tasks(tx, task_ids, DEFAULT_REASON, now)
    for device_id, status in canceled.items():
        target, details = f"device:{devices[device_id].key}", {"package_id": package_id, "was": status}
        record_audit(tx, actor, now, "task.cancel", target, product_id=package.product_id, **details)
    return len(canceled)


def _confirm(tx: Tx, actor: Actor, task_ids: Sequence[int], now: int) -> int:
    found = store.to_confirm(tx, task_ids)
    visible = [product_id for _, product_id in found if actor.may(Role.VIEWER, product_id)]
    if len(visible) < len(task_ids):
        raise NotFound("task.not_found")
    for product_id in visible:
        actor.require(Role.OPERATOR, product_id)
    changes = [Change(task, rollout.confirmed(task, now), now) for task in live(tx, task_ids)]
    made = save(tx, [change for change in changes if change.after is not change.before])
    for change in made:
        target, product_id = f"task:{change.after.id}", change.after.product_id
        record_audit(tx, actor, now, "task.confirm", target, product_id=product_id, job_id=change.after.job_id)
    return len(made)


def _update_again(tx: Tx, actor: Actor, job_id: int, task_ids: Sequence[int], now: int) -> int:
    job = require_job(tx, actor, Role.OPERATOR, job_id)
    _check_job(tx, actor, job)
    tasks = of_job(tx, job_id, task_ids)
    if len(tasks) < len(task_ids):
        raise NotFound("task.not_found")
    after = {task.id: rollout.reopened(task, now) for task in tasks}
    changes = [Change(task, after[task.id], now) for task in tasks if after[task.id] is not task]
    _check_devices(tx, [change.before for change in changes])
    made = save(tx, changes)
    store.reopen_job(tx, job_id, now)
    record_audit(tx, actor, now, "task.update_again", f"job:{job_id}", product_id=job.product_id, tasks=len(made))
    return len(made)


def _update_some_again(
    tx: Tx, actor: Actor, job_id: int, kind: FailureKind | None, edge: int, now: int
) -> tuple[Reopened, int | None]:
    job = require_job(tx, actor, Role.OPERATOR, job_id)
    _check_job(tx, actor, job)
    found = store.newest_or_oldest(tx, job_id, TaskStatus.FAILED, kind, edge, MAX_TASKS, newest=False)
    if not found:
        return Reopened(0, 0), None
    tasks = _able(tx, of_job(tx, job_id, [task.id for task in found]))
    made = save(tx, [Change(task, rollout.reopened(task, now), now) for task in tasks])
    if made:
        store.reopen_job(tx, job_id, now)
        record_audit(tx, actor, now, "task.update_again", f"job:{job_id}", product_id=job.product_id, tasks=len(made))
    return Reopened(len(made), len(found) - len(made)), found[-1].id


def _able(tx: Tx, tasks: Sequence[TaskState]) -> list[TaskState]:
    """Return those of these failed tasks that nothing stands in the way of, one a device."""
    device_ids = sorted({task.device_id for task in tasks})
    lock_devices(tx, device_ids)
    done = store.on_target(tx, [task.id for task in tasks])
    unfinished: dict[int, list[TaskState]] = {}
    for task in live_of_devices(tx, device_ids):
        unfinished.setdefault(task.device_id, []).append(task)
    able = []
    for task in tasks:
        others = unfinished.setdefault(task.device_id, [])
        verdict = judge(task.strategy, task.module, others)
        if task.id not in done and not verdict.conflicted and not verdict.overwritten:
            able.append(task)
            others.append(task)
    return able


def _check_job(tx: Tx, actor: Actor, job: Job) -> None:
    if job.status is JobStatus.CANCELED:
        raise Conflict("job.ended", job_id=job.id, status=job.status)
    package = require_package(tx, actor, Role.OPERATOR, job.package_id)
    if package.status in _UNVERIFIED:
        raise Conflict("package.not_verified", package_id=package.id, status=package.status)


def _check_devices(tx: Tx, tasks: Sequence[TaskState]) -> None:
    device_ids = sorted({task.device_id for task in tasks})
    lock_devices(tx, device_ids)
    up_to_date = store.on_target(tx, [task.id for task in tasks])
    if up_to_date:
        raise Conflict("task.device_up_to_date", task_id=up_to_date[0])
    unfinished: dict[int, list[TaskState]] = {}
    for task in live_of_devices(tx, device_ids):
        unfinished.setdefault(task.device_id, []).append(task)
    for task in tasks:
        others = unfinished.setdefault(task.device_id, [])
        verdict = judge(task.strategy, task.module, others)
        if verdict.conflicted or verdict.overwritten:
            raise Conflict("task.device_busy", task_id=task.id)
        others.append(task)  # a dynamic job may have had several of the device
