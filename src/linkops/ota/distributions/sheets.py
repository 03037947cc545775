"""Statistics as rows of files, the same for every door: a heading, and the cells below it a part at a time."""

from collections.abc import AsyncIterator

from linkops.devices.paging import MAX_PAGE
from linkops.events.actor import Actor
from linkops.ota.distributions.model import Ended, OutcomeFilter, OutcomeOrder
from linkops.ota.distributions.service import Statistics
from linkops.ota.distributions.shares import percent
from linkops.texts.spreadsheets import Cells

_ENDED = ("succeeded", "failed", "canceled", "unfinished", "success_rate", "failure_rate")
VERSIONS = ("version", "devices", "share")
OUTCOMES = ("source_version", "total", "share", *_ENDED)
FAILURES = ("failure_kind", "tasks", "share")
ROLLOUTS = ("job_id", "package", "version", "created_at", "total", *_ENDED)

Rows = AsyncIterator[list[Cells]]


async def version_rows(statistics: Statistics, actor: Actor, product_key: str, module: str) -> Rows:
    """Yield what the devices of a product run."""
    cursor: str | None = None
    while True:
        found = await statistics.versions(actor, product_key, module, cursor=cursor, limit=MAX_PAGE)
        yield [(version, devices, percent(share)) for version, devices, share in found.table.items]
        cursor = found.table.next
        if cursor is None:
            return


async def outcome_rows(statistics: Statistics, actor: Actor, wanted: OutcomeFilter, order: OutcomeOrder) -> Rows:
    """Yield how updates from each version ended."""
    cursor: str | None = None
    while True:
        found = await statistics.outcomes(actor, wanted, order=order, cursor=cursor, limit=MAX_PAGE)
        yield [(row.source_version, row.total, percent(row.share), *_ended(row)) for row in found.table.items]
        cursor = found.table.next
        if cursor is None:
            return


async def failure_rows(statistics: Statistics, actor: Actor, wanted: OutcomeFilter) -> Rows:
    """Yield why updates failed."""
    found = await statistics.outcomes(actor, wanted, limit=1)
    yield [(kind.value, tasks, percent(share)) for kind, tasks, share in found.failures]


async def rollout_rows(statistics: Statistics, actor: Actor, wanted: OutcomeFilter) -> Rows:
    """Yield how each rollout went, the newest first."""
    cursor: str | None = None
    while True:
        found = await statistics.rollouts(actor, wanted, cursor=cursor, limit=MAX_PAGE)
        yield [
            (row.job_id, row.package_name, row.version, row.created_at, row.total, *_ended(row)) for row in found.items
        ]
        cursor = found.next
        if cursor is None:
            return


def _ended(row: Ended) -> tuple[object, ...]:
    counts = (row.succeeded, row.failed, row.canceled, row.unfinished)
    return (*counts, percent(row.success_rate), percent(row.failure_rate))
