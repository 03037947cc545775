"""Jobs: rollouts of a package."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.idempotency import OnceOnly
from linkops.api.paging import CountedPageOf, Place, Shown, counted
from linkops.api.services import Called
from linkops.ota.jobs.service import JobFilter
from linkops.ota.model import LIVE, FailureKind, JobStatus, Targets, TaskStatus
from linkops.ota.paging import Order
from linkops.ota.targeting import MAX_DEVICE_NAMES, MAX_SOURCE_VERSIONS, NewJob

router = APIRouter(prefix="/api/v1/ota/jobs", tags=["jobs"])
JobId = Annotated[int, Path(alias="id", ge=1, le=2**62)]
Word = Annotated[str, Field(max_length=64)]


class JobShown(Shown):
    """One rollout of a package."""

    id: int
    product_key: str
    package_id: int
    package_name: str
    module: str
    version: str
    targets: Targets
    status: JobStatus
    stop_reason: str
    source_versions: list[str]
    rate_per_minute: int | None
    timeout_s: int | None
    need_push: bool
    created_by: str
    created_at: int
    updated_at: int
    started_at: int
    filled_at: int | None = Field(description="When the last task was made; null while devices are being selected.")
    ended_at: int | None
    counts: dict[TaskStatus, int] = Field(description="Tasks by status.")


class SummaryShown(Shown):
    """How a job goes."""

    counts: dict[TaskStatus, int]
    failures: dict[FailureKind, int]
    offers_last_minute: int
    rate_per_minute: int | None
    time_left_s: int | None = Field(description="An estimate; null when nothing can be said yet.")


class JobToCreate(BaseModel):
    """A rollout that is to be."""

    package_id: int = Field(ge=1, le=2**62)
    targets: Targets = Targets.ALL
    device_names: tuple[Word, ...] = Field((), max_length=MAX_DEVICE_NAMES, description="Of SPECIFIC targets only.")
    source_versions: tuple[Word, ...] = Field((), max_length=MAX_SOURCE_VERSIONS, description="Empty: any.")
    rate_per_minute: int | None = Field(None, description="Offers a minute; null: as fast as it goes.")
    timeout_s: int | None = Field(None, description="From a device's first progress report; null: never.")
    need_push: bool = Field(default=True, description="False: devices get it only by asking.")


class Cancellation(BaseModel):
    """Which tasks of a job end now, and why."""

    statuses: list[TaskStatus] = Field(default=list(LIVE), max_length=len(LIVE))
    reason: str = Field("", max_length=100)


class JobsAsked(BaseModel):
    """Which jobs; what is absent is left open."""

    model_config = ConfigDict(extra="forbid")

    product_key: Word | None = None
    package_id: int | None = Field(None, ge=1, le=2**62)
    status: JobStatus | None = None
    order: Order = Order.NEWEST
    cursor: Place | None = None
    limit: int = Field(50, ge=1, le=200)


@router.get("")
async def list_jobs(actor: Viewer, services: Called, asked: Annotated[JobsAsked, Query()]) -> CountedPageOf[JobShown]:
    """List jobs."""
    wanted = JobFilter(product_key=asked.product_key, package_id=asked.package_id, status=asked.status)
    page = await services.ota.jobs.page(actor, wanted, order=asked.order, cursor=asked.cursor, limit=asked.limit)
    return counted(page, JobShown)


@router.post("", status_code=201, response_model=JobShown)
async def create_job(new: JobToCreate, actor: Operator, services: Called, once: OnceOnly) -> Response:
    """Start a rollout. Devices are selected in the background, see `filled_at`."""

    async def create() -> JobShown:
        return JobShown.model_validate(await services.ota.jobs.create(actor, NewJob(**new.model_dump())))

    return await once(actor, create)


@router.get("/{id}")
async def get_job(job_id: JobId, actor: Viewer, services: Called) -> JobShown:
    """Show a job."""
    return JobShown.model_validate(await services.ota.jobs.get(actor, job_id))


@router.get("/{id}/summary")
async def summarise_job(job_id: JobId, actor: Viewer, services: Called) -> SummaryShown:
    """Show how a job goes."""
    return SummaryShown.model_validate(await services.ota.jobs.summary(actor, job_id))


@router.post("/{id}/cancel")
async def cancel_job(job_id: JobId, cancellation: Cancellation, actor: Operator, services: Called) -> JobShown:
    """End a job: tasks in these statuses are canceled. Nothing is sent to devices; one under way may still finish."""
    statuses = frozenset(cancellation.statuses)
    return JobShown.model_validate(await services.ota.jobs.cancel(actor, job_id, statuses, cancellation.reason))
