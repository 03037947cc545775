"""What became of pushes of configuration, and which devices do not have what they should."""

from collections.abc import AsyncIterator
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Viewer
from linkops.api.paging import CountedPageOf, Cursor, Limit, PageOf, Place, Shown, counted
from linkops.api.rest.config_push_shown import ResultShown, Word
from linkops.api.rest.config_pushes import PushId
from linkops.api.rest.device import Key
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.remote_config.pushes.lists.service import ResultFilter
from linkops.remote_config.pushes.model import FailureKind, Result, ResultStatus
from linkops.remote_config.states.drift.model import Standing
from linkops.texts.spreadsheets import CSV_ANSWER, Cells, download

router = APIRouter(prefix="/api/v1", tags=["remote configuration"])
_HEADING = tuple(ResultShown.model_fields)
_cells = attrgetter(*_HEADING)


class ResultsAsked(BaseModel):
    """Which results; absent: all."""

    model_config = ConfigDict(extra="forbid")

    status: ResultStatus | None = None
    failure_kind: FailureKind | None = None

    def filter(self) -> ResultFilter:
        """Return what is asked for."""
        return ResultFilter(status=self.status, failure_kind=self.failure_kind)


class ResultsPageAsked(ResultsAsked):
    """Which results, as devices were registered; with `device_name_prefix` in the order of device names."""

    device_name_prefix: Word | None = None
    cursor: Place | None = None
    limit: int = Field(50, ge=1, le=200)


class DriftShown(Shown):
    """A device, and how it stands to the configuration that it should have."""

    device_name: str
    standing: Standing
    wanted_config_id: str = Field(description="Empty: no document applies.")
    wanted_sha256: str
    known_sha256: str = Field(description="Of what it is known to have; empty: nothing is.")
    evidence: str = Field(description="`acknowledged` or `downloaded`; empty: nothing is known.")
    known_at: int | None
    refused_at: int | None
    sent_at: int | None = Field(description="When it was last given a link.")


class DriftSummaryShown(Shown):
    """The devices of a product by how they stand."""

    version: int = Field(description="Of the product's document; 0: it has none.")
    devices: int
    counts: dict[Standing, int]


@router.get("/configuration/pushes/{id}/results")
async def list_results(
    push_id: PushId, actor: Viewer, services: Called, asked: Annotated[ResultsPageAsked, Query()]
) -> CountedPageOf[ResultShown]:
    """List what became of a push, device by device."""
    results, cursor, limit, prefix = (
        services.config_delivery.results,
        asked.cursor,
        asked.limit,
        asked.device_name_prefix,
    )
    if prefix is None:
        page = await results.of_push(actor, push_id, asked.filter(), cursor=cursor, limit=limit)
    else:
        page = await results.by_device_name(actor, push_id, asked.filter(), prefix=prefix, cursor=cursor, limit=limit)
    return counted(page, ResultShown)


@router.get("/configuration/pushes/{id}/results.csv", response_class=Response, responses=CSV_ANSWER)
async def download_results(
    push_id: PushId, actor: Viewer, services: Called, asked: Annotated[ResultsAsked, Query()]
) -> Response:
    """Download what became of a push as comma-separated values.

    Columns are the members of a result. Text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    parts = services.config_delivery.results.all_of_push(actor, push_id, asked.filter())
    return await download(f"push-{push_id}-results.csv", _HEADING, _rows(parts))


async def _rows(parts: AsyncIterator[list[Result]]) -> AsyncIterator[list[Cells]]:
    async for results in parts:
        yield [_cells(result) for result in results]


@router.get("/products/{product_key}/devices/{device_name}/configuration/results")
async def list_results_of_device(
    key: Key, actor: Viewer, services: Called, cursor: Cursor = None, limit: Limit = 50
) -> CountedPageOf[ResultShown]:
    """List what became of all pushes to a device, the newest first."""
    page = await services.config_delivery.results.of_device(actor, key, cursor=cursor, limit=limit)
    return counted(page, ResultShown)


@router.get("/products/{product_key}/devices/{device_name}/configuration/drift")
async def get_drift_of_device(key: Key, actor: Viewer, services: Called) -> DriftShown:
    """Show which configuration a device has, and which it should have."""
    return DriftShown.model_validate(await services.config_delivery.drift.of_device(actor, key))


@router.get("/products/{product_key}/configuration/drift/summary")
async def get_drift_summary(product_key: ProductKey, actor: Viewer, services: Called) -> DriftSummaryShown:
    """Count a product's devices by how they stand to their configuration."""
    return DriftSummaryShown.model_validate(await services.config_delivery.drift.summary(actor, product_key))


@router.get("/products/{product_key}/configuration/drift")
async def list_drift(
    product_key: ProductKey,
    actor: Viewer,
    services: Called,
    standing: Standing | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOf[DriftShown]:
    """List devices that do not have the configuration that they should; a short page may have others behind it."""
    drift = services.config_delivery.drift
    page = await drift.page(actor, product_key, standing=standing, cursor=cursor, limit=limit)
    return PageOf(items=[DriftShown.model_validate(device) for device in page.items], next=page.next)
