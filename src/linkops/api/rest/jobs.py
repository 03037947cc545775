"""Jobs: rollouts of a package."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.idempotency import OnceOnly
from linkops.api.paging import CountedPageOf, Place, Shown, counted_by
from linkops.api.rest.strategies import STRATEGY_FIELDS, StrategyShown
from linkops.api.services import Called
from linkops.ota.job_tags import MAX_TAGS
from linkops.ota.jobs.service import JobFilter
from linkops.ota.model import (
    LIVE,
    FailureKind,
    Hold,
    Job,
    JobKind,
    JobStatus,
    Selection,
    Targets,
    TaskStatus,
)
from linkops.ota.paging import Order
from linkops.ota.targeting import MAX_DEVICE_NAMES, MAX_REGIONS, MAX_SOURCE_VERSIONS, NewJob

router = APIRouter(prefix="/api/v1/ota/jobs", tags=["jobs"])
JobId = Annotated[int, Path(alias="id", ge=1, le=2**62)]
Number = Annotated[int, Field(ge=1, le=2**62)]
Word = Annotated[str, Field(max_length=64)]
Versions = Annotated[tuple[Word, ...], Field(max_length=MAX_SOURCE_VERSIONS[Selection.DYNAMIC])]
Tags = Annotated[dict[str, str], Field(max_length=MAX_TAGS, description="Handed to devices with the update.")]


class RegionShown(BaseModel):
    """Devices whose tags `province` and `city` say that they are there."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    province: Word
    city: Word = Field("", description="Empty: anywhere in the province.")


class ScopeShown(BaseModel):
    """What the targets are, further."""

    percent: float | None = Field(None, description="Of GRAY targets, with up to three decimals.")
    group_id: Number | None = Field(None, description="Of GROUP targets.")
    regions: tuple[RegionShown, ...] = Field((), max_length=MAX_REGIONS, description="Of REGION targets.")


class JobShown(StrategyShown, ScopeShown, Shown):
    """One rollout of a package."""

    id: int
    product_key: str
    package_id: int
    package_name: str
    module: str
    version: str
    kind: JobKind
    selection: Selection
    targets: Targets
    status: JobStatus
    hold: Hold = Field(description="Why it offers nothing new; empty: nothing holds it.")
    stop_reason: str
    source_versions: list[str]
    tags: dict[str, str]
    rate_per_minute: int | None = Field(description="Offers a minute now; null: as fast as it goes.")
    approved_by: str
    created_by: str
    created_at: int
    updated_at: int
    started_at: int | None = Field(description="When devices were selected; null: not yet.")
    filled_at: int | None = Field(description="When the last task was made; null while devices are being selected.")
    ended_at: int | None
    window_opens_at: int = Field(description="Nothing is pushed before.")
    window_closes_at: int | None = Field(description="Nothing is pushed from then on; null: there is no window.")
    stage: int | None = Field(description="The stage that is being rolled out, from 0.")
    offered: int = Field(description="Devices that were offered the update.")
    counts: dict[TaskStatus, int] = Field(description="Tasks by status.")


def shown(job: Job) -> JobShown:
    """Return a job with its strategy and scope beside its own fields."""
    fields = msgspec.structs.asdict(job)
    flat = {**msgspec.structs.asdict(job.strategy), **msgspec.structs.asdict(job.scope), **fields}
    return JobShown.model_validate(flat)


class SummaryShown(Shown):
    """How a job goes."""

    counts: dict[TaskStatus, int]
    failures: dict[FailureKind, int]
    offers_last_minute: int
    rate_per_minute: int | None
    time_left_s: int | None = Field(description="An estimate; null when nothing can be said yet.")


class JobToCreate(StrategyShown, ScopeShown):
    """A rollout that is to be."""

    model_config = ConfigDict(extra="forbid")

    package_id: Number
    selection: Selection = Selection.STATIC
    targets: Targets = Targets.ALL
    device_names: tuple[Word, ...] = Field((), max_length=MAX_DEVICE_NAMES, description="Of SPECIFIC targets only.")
    device_list_id: Number | None = Field(None, description="Of SPECIFIC targets: a list that was uploaded before.")
    source_versions: Versions = Field((), description="Empty: any; dynamic jobs need them, or a group.")
    tags: Tags = Field(default_factory=dict)

    def asked(self, kind: JobKind = JobKind.UPGRADE) -> NewJob:
        """Return what is asked for."""
        given = self.model_dump()
        strategy = {name: given.pop(name) for name in STRATEGY_FIELDS}
        scope = {name: given.pop(name) for name in ScopeShown.model_fields}
        return msgspec.convert({**given, "kind": kind, "strategy": strategy, "scope": scope}, NewJob)


class PreviewShown(BaseModel):
    """Whom a job would update if it was made now."""

    devices: int
    online: int
    busy: int = Field(description="Another update of them is not finished: their tasks would fail at once.")
    versions: dict[str, int] = Field(description="Devices by the version that they run; empty: never reported.")
    minutes: int | None = Field(description="Until all are offered the update at the rate; null: no limit.")


class Cancellation(BaseModel):
    """Which tasks of a job end now, and why."""

    statuses: list[TaskStatus] = Field(default=list(LIVE), max_length=len(LIVE))
    reason: str = Field("", max_length=100)
    stop: bool | None = Field(
        None,
        description="Whether no more devices are selected; null: of dynamic jobs, and with QUEUED tasks of others.",
    )


class JobsAsked(BaseModel):
    """Which jobs; what is absent is left open."""

    model_config = ConfigDict(extra="forbid")

    product_key: Word | None = None
    package_id: int | None = Field(None, ge=1, le=2**62)
    status: JobStatus | None = None
    module: Word | None = None
    package_name: Word | None = Field(None, description="A part of it, in any case.")
    tag_key: Word | None = Field(None, description="Of a tag that the job hands to its devices.")
    tag_value: str | None = Field(None, max_length=1_024)
    order: Order = Order.NEWEST
    cursor: Place | None = None
    limit: int = Field(50, ge=1, le=200)

    def filter(self) -> JobFilter:
        """Return the filter."""
        return JobFilter(**self.model_dump(exclude={"order", "cursor", "limit"}))


@router.get("")
async def list_jobs(actor: Viewer, services: Called, asked: Annotated[JobsAsked, Query()]) -> CountedPageOf[JobShown]:
    """List jobs."""
    page = await services.ota.jobs.page(
        actor, asked.filter(), order=asked.order, cursor=asked.cursor, limit=asked.limit
    )
    return counted_by(page, shown)


@router.post("", status_code=201, response_model=JobShown)
async def create_job(new: JobToCreate, actor: Operator, services: Called, once: OnceOnly) -> Response:
    """Start or plan a rollout. Devices are selected in the background, see `filled_at`."""

    async def create() -> JobShown:
        return shown(await services.ota.maker.create(actor, new.asked()))

    return await once(actor, create)


@router.post("/preview")
async def preview_job(new: JobToCreate, actor: Operator, services: Called) -> PreviewShown:
    """Count whom a job would update if it was made now."""
    preview = await services.ota.maker.preview(actor, new.asked())
    found = preview.survey
    return PreviewShown(
        devices=found.devices,
        online=found.online,
        busy=found.busy,
        versions=dict(found.versions.most_common()),
        minutes=preview.minutes,
    )


@router.get("/{id}")
async def get_job(job_id: JobId, actor: Viewer, services: Called) -> JobShown:
    """Show a job."""
    return shown(await services.ota.jobs.get(actor, job_id))


@router.get("/{id}/summary")
async def summarise_job(job_id: JobId, actor: Viewer, services: Called) -> SummaryShown:
    """Show how a job goes."""
    return SummaryShown.model_validate(await services.ota.jobs.summary(actor, job_id))


@router.post("/{id}/cancel")
async def cancel_job(job_id: JobId, cancellation: Cancellation, actor: Operator, services: Called) -> JobShown:
    """End a job: tasks in these statuses are canceled. Nothing is sent to devices; one under way may still finish."""
    statuses, reason = frozenset(cancellation.statuses), cancellation.reason
    return shown(await services.ota.jobs.cancel(actor, job_id, statuses, reason, stop=cancellation.stop))
