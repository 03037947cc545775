"""Statistics: what devices run, and how updates ended. Shares and rates are fractions from 0 to 1."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Viewer
from linkops.api.paging import CountedPageOf, PageOf, Place, Shown, counted
from linkops.api.services import Called
from linkops.devices.paging import MAX_PAGE
from linkops.events.actor import Actor
from linkops.ota.distributions.model import OutcomeFilter, OutcomeOrder, Outcomes, SourceOutcome, VersionDistribution
from linkops.ota.distributions.shares import percent
from linkops.ota.model import DEFAULT_MODULE, FailureKind
from linkops.services import Services
from linkops.texts.spreadsheets import CSV_ANSWER, Cells, download

router = APIRouter(prefix="/api/v1/ota/statistics", tags=["statistics"])
Word = Annotated[str, Field(max_length=128)]
_VERSIONS = ("version", "devices", "share")
_OUTCOMES = (
    "source_version", "total", "share", "succeeded", "failed", "canceled", "unfinished", "success_rate", "failure_rate"
)  # fmt: skip


class ShareShown(Shown):
    """A version and the devices that run it."""

    version: str
    devices: int
    share: float = Field(description="Of the devices that have reported the module.")


class OthersShown(Shown):
    """All versions but the top ones, together."""

    versions: int
    devices: int
    share: float


class VersionsShown(PageOf[ShareShown]):
    """What devices run, the most frequent version first; `items` is the whole table, in pages."""

    devices: int = Field(description="That have reported the module.")
    versions: int = Field(description="How many different ones they run.")
    top: list[ShareShown] = Field(description="The versions that most devices run, five at most.")
    others: OthersShown | None = Field(description="The rest; null if there is none.")

    @classmethod
    def of(cls, found: VersionDistribution) -> "VersionsShown":
        """Return what is shown of a distribution."""
        table = counted(found.table, ShareShown)
        return cls(
            items=table.items,
            next=table.next,
            devices=found.devices,
            versions=found.versions,
            top=[ShareShown.model_validate(share) for share in found.top],
            others=None if found.others is None else OthersShown.model_validate(found.others),
        )


class RunningShown(Shown):
    """A device and the version that it reported."""

    device_name: str
    version: str
    reported_at: int


class EndedShown(Shown):
    """How tasks ended. The rates are of those that succeeded or failed; null while none has."""

    total: int
    succeeded: int
    failed: int
    canceled: int
    unfinished: int
    success_rate: float | None
    failure_rate: float | None


class SourceShown(EndedShown):
    """How updates from one version ended."""

    source_version: str = Field(description="Empty: of devices that had never reported one.")
    share: float = Field(description="Of all tasks.")


class FailureShown(Shown):
    """Why tasks failed."""

    failure_kind: FailureKind
    tasks: int
    share: float = Field(description="Of the tasks that failed.")


class OutcomesShown(EndedShown, PageOf[SourceShown]):
    """How updates ended; `items` is the table by source version, in pages."""

    failures: list[FailureShown] = Field(description="The most frequent reason first.")
    source_versions: int = Field(description="How many different ones the devices came from.")

    @classmethod
    def of(cls, found: Outcomes) -> "OutcomesShown":
        """Return what is shown of outcomes."""
        table = counted(found.table, SourceShown)
        return cls(
            **EndedShown.model_validate(found.ended).model_dump(),
            items=table.items,
            next=table.next,
            failures=[FailureShown.model_validate(share) for share in found.failures],
            source_versions=found.source_versions,
        )


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ModuleAsked(_Strict):
    """Whose versions."""

    product_key: Word
    module: Word = DEFAULT_MODULE


class VersionsAsked(ModuleAsked):
    """Whose versions, and which page of the table."""

    cursor: Place | None = None
    limit: int = Field(50, ge=1, le=MAX_PAGE)


class RunningAsked(VersionsAsked):
    """Which devices."""

    version: Word | None = Field(None, description="Absent: any that was reported.")


class JobsAsked(_Strict):
    """The tasks of which jobs; what is absent is left open."""

    product_key: Word | None = None
    module: Word | None = None
    package_id: int | None = Field(None, ge=1, le=2**62)
    job_id: int | None = Field(None, ge=1, le=2**62)
    order: OutcomeOrder = Field(OutcomeOrder.TOTAL, description="By which count, the largest first.")

    def filter(self) -> OutcomeFilter:
        """Return the filter."""
        return OutcomeFilter(
            product_key=self.product_key, module=self.module, package_id=self.package_id, job_id=self.job_id
        )


class OutcomesAsked(JobsAsked):
    """The tasks of which jobs, and which page of the table."""

    cursor: Place | None = None
    limit: int = Field(50, ge=1, le=MAX_PAGE)


@router.get("/versions")
async def show_versions(actor: Viewer, services: Called, asked: Annotated[VersionsAsked, Query()]) -> VersionsShown:
    """Show how many devices of a product run which version of a module."""
    found = await services.ota.statistics.versions(
        actor, asked.product_key, asked.module, cursor=asked.cursor, limit=asked.limit
    )
    return VersionsShown.of(found)


@router.get("/versions.csv", response_class=Response, responses=CSV_ANSWER)
async def download_versions(actor: Viewer, services: Called, asked: Annotated[ModuleAsked, Query()]) -> Response:
    """Download the table of versions as comma-separated values."""
    return await download("versions.csv", _VERSIONS, _version_rows(services, actor, asked))


@router.get("/versions/devices")
async def list_devices_running(
    actor: Viewer, services: Called, asked: Annotated[RunningAsked, Query()]
) -> CountedPageOf[RunningShown]:
    """List the devices that run a version, or what each device runs, by version."""
    page = await services.ota.statistics.devices(
        actor, asked.product_key, asked.module, asked.version, cursor=asked.cursor, limit=asked.limit
    )
    return counted(page, RunningShown)


@router.get("/outcomes")
async def show_outcomes(actor: Viewer, services: Called, asked: Annotated[OutcomesAsked, Query()]) -> OutcomesShown:
    """Show how updates ended: of one job, or of all of a product, a module or a package."""
    found = await services.ota.statistics.outcomes(
        actor, asked.filter(), order=asked.order, cursor=asked.cursor, limit=asked.limit
    )
    return OutcomesShown.of(found)


@router.get("/outcomes.csv", response_class=Response, responses=CSV_ANSWER)
async def download_outcomes(actor: Viewer, services: Called, asked: Annotated[JobsAsked, Query()]) -> Response:
    """Download the table by source version as comma-separated values."""
    return await download("outcomes.csv", _OUTCOMES, _outcome_rows(services, actor, asked))


async def _version_rows(services: Services, actor: Actor, asked: ModuleAsked) -> AsyncIterator[list[Cells]]:
    cursor: str | None = None
    while True:
        found = await services.ota.statistics.versions(
            actor, asked.product_key, asked.module, cursor=cursor, limit=MAX_PAGE
        )
        yield [(version, devices, percent(share)) for version, devices, share in found.table.items]
        cursor = found.table.next
        if cursor is None:
            return


async def _outcome_rows(services: Services, actor: Actor, asked: JobsAsked) -> AsyncIterator[list[Cells]]:
    cursor: str | None = None
    while True:
        found = await services.ota.statistics.outcomes(
            actor, asked.filter(), order=asked.order, cursor=cursor, limit=MAX_PAGE
        )
        yield [_outcome_cells(row) for row in found.table.items]
        cursor = found.table.next
        if cursor is None:
            return


def _outcome_cells(row: SourceOutcome) -> Cells:
    counts = (row.succeeded, row.failed, row.canceled, row.unfinished)
    rates = (percent(row.success_rate), percent(row.failure_rate))
    return (row.source_version, row.total, percent(row.share), *counts, *rates)
