"""Tasks: one device's part of a job."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.paging import CountedPageOf, Cursor, Limit, Place, Shown, counted
from linkops.api.rest.device import Key
from linkops.api.rest.jobs import JobId, Word
from linkops.api.rest.packages import PackageId
from linkops.api.services import Called
from linkops.ota.model import FailureKind, TaskStatus
from linkops.ota.paging import Order
from linkops.ota.tasks.service import TaskFilter

router = APIRouter(prefix="/api/v1", tags=["jobs"])


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
    created_at: int
    updated_at: int
    notified_at: int | None
    progress_at: int | None
    timeout_at: int | None
    ended_at: int | None


class TasksAsked(BaseModel):
    """Which tasks, by age; with `device_name_prefix` in the order of device names."""

    model_config = ConfigDict(extra="forbid")

    status: TaskStatus | None = None
    failure_kind: FailureKind | None = None
    device_name_prefix: Word | None = None
    order: Order = Order.OLDEST
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


@router.get("/products/{product_key}/devices/{device_name}/tasks")
async def list_tasks_of_device(
    key: Key, actor: Viewer, services: Called, cursor: Cursor = None, limit: Limit = 50
) -> CountedPageOf[TaskShown]:
    """List a device's tasks, newest first."""
    return counted(await services.ota.tasks.of_device(actor, key, cursor=cursor, limit=limit), TaskShown)


@router.post("/ota/packages/{id}/cancel-tasks")
async def cancel_tasks(package_id: PackageId, wanted: TasksToCancel, actor: Operator, services: Called) -> Canceled:
    """Cancel the live tasks of single devices. Nothing is sent to them; one under way may still finish."""
    canceled = await services.ota.tasks.cancel(actor, package_id, wanted.device_names, wanted.job_id)
    return Canceled(canceled=canceled)
