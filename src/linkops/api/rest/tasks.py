"""Tasks: one device's part of a job."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.paging import CountedPageOf, Cursor, Limit, Place, Shown, counted
from linkops.api.rest.device import Key
from linkops.api.rest.jobs import JobId, Number, Word
from linkops.api.rest.packages import PackageId
from linkops.api.services import Called
from linkops.ota.model import FailureKind, TaskStatus
from linkops.ota.paging import Order
from linkops.ota.tasks.changing import MAX_TASKS
from linkops.ota.tasks.service import TaskFilter

router = APIRouter(prefix="/api/v1", tags=["jobs"])
TaskId = Annotated[int, Path(alias="id", ge=1, le=2**62)]


class TaskShown(Shown):
    """One device's part of a job."""

    id: int
    job_id: int
    device_name: str = Field(description="Empty when the device is deleted.")
    package_name: str
    module: str
    source_version: str = Field(description="What the device ran when the task was made; empty if it never said.")
    version: str
    status: TaskStatus
    step: int | None = Field(description="Last progress in percent since the last offer.")
    description: str
    failure_kind: FailureKind
    attempt: int
    retries: int = Field(description="How often it was offered again because the device had failed.")
    retry_at: int | None = Field(description="When it is offered again next; null: the device did not fail.")
    created_at: int
    updated_at: int
    notified_at: int | None
    progress_at: int | None
    timeout_at: int | None
    ended_at: int | None


class ChangeShown(Shown):
    """Something that happened to a task."""

    at: int
    status: TaskStatus
    attempt: int
    reason: str


class TaskWithHistory(BaseModel):
    """A task and what happened to it after it was made, oldest first."""

    task: TaskShown
    changes: list[ChangeShown]


class TasksNamed(BaseModel):
    """Tasks by their numbers."""

    task_ids: list[Number] = Field(min_length=1, max_length=MAX_TASKS)


class Affected(BaseModel):
    """How many tasks were changed; those that need no change are left alone."""

    changed: int


class TasksAsked(BaseModel):
    """Which tasks, by age; with `device_name_prefix` in the order of device names."""

    model_config = ConfigDict(extra="forbid")

    status: TaskStatus | None = None
    failure_kind: FailureKind | None = None
    device_name_prefix: Word | None = None
    order: Order = Order.OLDEST
    cursor: Place | None = None
    limit: int = Field(50, ge=1, le=200)


class TasksOfPackageAsked(BaseModel):
    """Which tasks of a package; with `device_name_prefix` in the order of device names."""

    model_config = ConfigDict(extra="forbid")

    status: TaskStatus | None = None
    device_name_prefix: Word = ""
    cursor: Place | None = None
    limit: int = Field(50, ge=1, le=200)


class TasksToCancel(BaseModel):
    """Devices whose tasks end now."""

    device_names: list[Word] = Field(min_length=1, max_length=200)
    job_id: int | None = Field(None, ge=1, le=2**62, description="Null: in all jobs of the package.")


class Canceled(BaseModel):
    """How many tasks were canceled."""

    canceled: int


@router.get("/ota/jobs/{id}/tasks")
async def list_tasks(
    job_id: JobId, actor: Viewer, services: Called, asked: Annotated[TasksAsked, Query()]
) -> CountedPageOf[TaskShown]:
    """List a job's tasks."""
    wanted = TaskFilter(status=asked.status, failure_kind=asked.failure_kind)
    tasks, cursor, limit, prefix = services.ota.tasks, asked.cursor, asked.limit, asked.device_name_prefix
    if prefix is None:
        page = await tasks.of_job(actor, job_id, wanted, order=asked.order, cursor=cursor, limit=limit)
    else:
        page = await tasks.by_device_name(actor, job_id, wanted, prefix=prefix, cursor=cursor, limit=limit)
    return counted(page, TaskShown)


@router.get("/ota/packages/{id}/tasks")
async def list_tasks_of_package(
    package_id: PackageId, actor: Viewer, services: Called, asked: Annotated[TasksOfPackageAsked, Query()]
) -> CountedPageOf[TaskShown]:
    """List the tasks of all jobs of a package, those of the newest job first."""
    page = await services.ota.package_tasks.page(
        actor,
        package_id,
        status=asked.status,
        prefix=asked.device_name_prefix,
        cursor=asked.cursor,
        limit=asked.limit,
    )
    return counted(page, TaskShown)


@router.get("/products/{product_key}/devices/{device_name}/tasks")
async def list_tasks_of_device(
    key: Key, actor: Viewer, services: Called, cursor: Cursor = None, limit: Limit = 50
) -> CountedPageOf[TaskShown]:
    """List a device's tasks, newest first."""
    return counted(await services.ota.tasks.of_device(actor, key, cursor=cursor, limit=limit), TaskShown)


@router.get("/products/{product_key}/devices/{device_name}/tasks/unfinished")
async def list_unfinished_tasks(key: Key, actor: Viewer, services: Called) -> list[TaskShown]:
    """List a device's tasks that have not ended; those that wait for confirmation are among them."""
    tasks = await services.ota.tasks.unfinished_of_device(actor, key)
    return [TaskShown.model_validate(task) for task in tasks]


@router.get("/ota/tasks/{id}")
async def get_task(task_id: TaskId, actor: Viewer, services: Called) -> TaskWithHistory:
    """Show a task and what happened to it."""
    task, changes = await services.ota.tasks.history(actor, task_id)
    told = [ChangeShown.model_validate(change) for change in changes]
    return TaskWithHistory(task=TaskShown.model_validate(task), changes=told)


@router.post("/ota/tasks/confirm")
async def confirm_tasks(named: TasksNamed, actor: Operator, services: Called) -> Affected:
    """Let devices be told of updates that wait for confirmation."""
    return Affected(changed=await services.ota.task_changes.confirm(actor, named.task_ids))


@router.post("/ota/jobs/{id}/update-again")
async def update_again(job_id: JobId, named: TasksNamed, actor: Operator, services: Called) -> Affected:
    """Begin tasks that failed or were canceled once more."""
    return Affected(changed=await services.ota.task_changes.update_again(actor, job_id, named.task_ids))


@router.post("/ota/packages/{id}/cancel-tasks")
async def cancel_tasks(package_id: PackageId, wanted: TasksToCancel, actor: Operator, services: Called) -> Canceled:
    """Cancel the live tasks of single devices. Nothing is sent to them; one under way may still finish."""
    canceled = await services.ota.task_changes.cancel(actor, package_id, wanted.device_names, wanted.job_id)
    return Canceled(canceled=canceled)
