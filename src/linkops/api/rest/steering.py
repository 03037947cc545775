"""What running jobs are told, and what holds for all jobs of a product."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Admin, Operator, Viewer
from linkops.api.idempotency import OnceOnly
from linkops.api.rest.jobs import JobId, JobShown, Number, Tags, Versions, shown
from linkops.api.rest.packages import PackageId
from linkops.api.rest.products import ProductKey
from linkops.api.rest.strategies import Aborts, GrowthShown, Windows
from linkops.api.services import Called
from linkops.ota.creating.store import ProductRule
from linkops.ota.model import JobKind, Targets
from linkops.ota.steering.service import JobChange
from linkops.ota.strategy import DownloadProtocol, Strategy
from linkops.ota.targeting import MAX_VERIFIED_DEVICES, NewJob

router = APIRouter(prefix="/api/v1", tags=["jobs"])
Word = Annotated[str, Field(max_length=64)]


_NULLABLE = {"rate_per_minute", "timeout_s"}


class JobEdit(BaseModel):
    """What is to be another; what is absent, or null where null means nothing else, stays."""

    model_config = ConfigDict(extra="forbid")

    rate_per_minute: int | None = Field(None, description="Null: as fast as it goes.")
    growth: GrowthShown | None = None
    tags: Tags | None = None
    timeout_s: int | None = Field(None, description="Of dynamic jobs, for devices that are selected from now on.")
    source_versions: Versions | None = Field(None, description="Of dynamic jobs, for devices from now on.")
    windows: Windows | None = None
    abort: Aborts | None = None

    def change(self) -> JobChange:
        """Return what was given."""
        given = self.model_dump(exclude_unset=True)
        return msgspec.convert({n: v for n, v in given.items() if v is not None or n in _NULLABLE}, JobChange)


class Approval(BaseModel):
    """How a job is approved."""

    override: bool = Field(default=False, description="One's own job, for a product's only administrator.")


class Verification(BaseModel):
    """Which devices try a package out."""

    model_config = ConfigDict(extra="forbid")

    device_names: tuple[Word, ...] = Field(min_length=1, max_length=MAX_VERIFIED_DEVICES)
    timeout_s: int | None = None
    need_push: bool = True
    need_confirm: bool = False
    download: DownloadProtocol = DownloadProtocol.HTTPS
    tags: Tags = Field(default_factory=dict)


class Copy(BaseModel):
    """What a copy of a job has that the original had not."""

    package_id: Number | None = Field(None, description="Another package of the same product; null: the same.")


class RuleShown(BaseModel):
    """What holds for all jobs of a product."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    windows: Windows = Field((), description="Of jobs that have none of their own.")
    needs_approval: bool = Field(default=False, description="Somebody else than the creator lets each job start.")


@router.patch("/ota/jobs/{id}")
async def edit_job(job_id: JobId, edit: JobEdit, actor: Operator, services: Called) -> JobShown:
    """Change a running job: its rate, tags, windows and limits; of dynamic jobs also versions and time-out."""
    return shown(await services.ota.steering.edit(actor, job_id, edit.change()))


@router.post("/ota/jobs/{id}/pause")
async def pause_job(job_id: JobId, actor: Operator, services: Called) -> JobShown:
    """Offer nothing new from now on; devices that are updating go on."""
    return shown(await services.ota.steering.pause(actor, job_id))


@router.post("/ota/jobs/{id}/resume")
async def resume_job(job_id: JobId, actor: Operator, services: Called) -> JobShown:
    """Let a job go on that was paused, or that waits after a stage."""
    return shown(await services.ota.steering.resume(actor, job_id))


@router.post("/ota/jobs/{id}/approve")
async def approve_job(job_id: JobId, approval: Approval, actor: Operator, services: Called) -> JobShown:
    """Let a job start that somebody else has created."""
    return shown(await services.ota.steering.approve(actor, job_id, override=approval.override))


@router.post("/ota/jobs/{id}/clone", status_code=201, response_model=JobShown)
async def clone_job(job_id: JobId, copy: Copy, actor: Operator, services: Called, once: OnceOnly) -> Response:
    """Make a job like this one, that starts at once: for the same devices as far as they still need it."""

    async def create() -> JobShown:
        return shown(await services.ota.maker.clone(actor, job_id, copy.package_id))

    return await once(actor, create)


@router.post("/ota/packages/{id}/verify", status_code=201, response_model=JobShown)
async def verify_package(
    package_id: PackageId, asked: Verification, actor: Operator, services: Called, once: OnceOnly
) -> Response:
    """Try a package out on a few devices; it is verified once all of them have succeeded."""
    strategy = Strategy(
        timeout_s=asked.timeout_s, need_push=asked.need_push, need_confirm=asked.need_confirm, download=asked.download
    )
    new = NewJob(
        package_id=package_id,
        kind=JobKind.VERIFY,
        targets=Targets.SPECIFIC,
        device_names=asked.device_names,
        strategy=strategy,
        tags=asked.tags,
    )

    async def create() -> JobShown:
        return shown(await services.ota.maker.create(actor, new))

    return await once(actor, create)


@router.get("/products/{product_key}/ota-rule")
async def get_ota_rule(product_key: ProductKey, actor: Viewer, services: Called) -> RuleShown:
    """Show what holds for all jobs of a product."""
    return RuleShown.model_validate(await services.ota.steering.rule(actor, product_key))


@router.put("/products/{product_key}/ota-rule")
async def set_ota_rule(product_key: ProductKey, rule: RuleShown, actor: Admin, services: Called) -> RuleShown:
    """Replace what holds for all jobs of a product; windows hold for running jobs at once."""
    wanted = msgspec.convert(rule.model_dump(), ProductRule)
    return RuleShown.model_validate(await services.ota.steering.set_rule(actor, product_key, wanted))
