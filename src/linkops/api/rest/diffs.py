"""Differential packages that are being made."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.idempotency import OnceOnly
from linkops.api.paging import CountedPageOf, Cursor, Limit, Shown, counted
from linkops.api.services import Called
from linkops.ota.diffs.model import Compression, DiffStatus, NewDiff, Stage

router = APIRouter(prefix="/api/v1/ota/diffs", tags=["packages"])
DiffId = Annotated[int, Path(alias="id", ge=1, le=2**62)]
PackageId = Annotated[int, Field(ge=1, le=2**62)]


class DiffShown(Shown):
    """How far a differential package is."""

    id: int
    product_key: str
    module: str
    from_package_id: int
    to_package_id: int
    source_version: str
    version: str
    name: str = Field(description="Of the package to be.")
    compression: Compression
    status: DiffStatus
    stage: Stage
    progress: int = Field(description="Percent.")
    failure_code: str = Field(description="Why there will be no package; empty unless it failed.")
    package_id: int | None = Field(description="Of the package that was made.")
    whole_size_bytes: int = Field(description="What a device would download otherwise.")
    patch_size_bytes: int | None
    saved_percent: float | None
    created_by: str
    created_at: int
    updated_at: int
    ended_at: int | None


class DiffToMake(BaseModel):
    """A differential package that is to be made."""

    from_package_id: PackageId = Field(description="The whole package that devices run.")
    to_package_id: PackageId = Field(description="The whole package that they are brought to.")
    name: str = Field("", max_length=64, description="Of the package to be; empty: made of name and version.")
    compression: Compression = Field(Compression.HEATSHRINK, description="How the patch is packed.")
    needs_verification: bool = False


@router.get("")
async def list_diffs(
    actor: Viewer,
    services: Called,
    product_key: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CountedPageOf[DiffShown]:
    """List the differential packages that are being made, or were, newest first."""
    page = await services.ota.diffs.page(actor, product_key=product_key, cursor=cursor, limit=limit)
    return counted(page, DiffShown)


@router.post("", status_code=201, response_model=DiffShown)
async def make_diff(new: DiffToMake, actor: Operator, services: Called, once: OnceOnly) -> Response:
    """Let a differential package be made of two whole ones; it is proven by applying it before it is offered."""

    async def create() -> DiffShown:
        return DiffShown.model_validate(await services.ota.diffs.create(actor, NewDiff(**new.model_dump())))

    return await once(actor, create)


@router.get("/{id}")
async def get_diff(diff_id: DiffId, actor: Viewer, services: Called) -> DiffShown:
    """Show how far a differential package is."""
    return DiffShown.model_validate(await services.ota.diffs.get(actor, diff_id))


@router.post("/{id}/cancel")
async def cancel_diff(diff_id: DiffId, actor: Operator, services: Called) -> DiffShown:
    """Let a differential package not be made."""
    return DiffShown.model_validate(await services.ota.diffs.cancel(actor, diff_id))
