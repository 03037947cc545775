"""Statistics: what devices run, and how updates ended."""

from linkops.db import Database, Tx
from linkops.devices.access import require_product
from linkops.devices.paging import MAX_TOTAL, Page, check_limit, page_of, read_cursor, write_cursor
from linkops.devices.versions import statistics
from linkops.devices.versions.model import DeviceRunning
from linkops.devices.versions.statistics import VersionCount
from linkops.events.actor import Actor, Role
from linkops.ota.access import require_job
from linkops.ota.distributions import counting, store
from linkops.ota.distributions.model import (
    OutcomeFilter,
    OutcomeOrder,
    Outcomes,
    RolloutOutcome,
    Share,
    VersionDistribution,
)
from linkops.ota.distributions.shares import TOP, fraction, others
from linkops.ota.model import DEFAULT_MODULE

_BY_DEVICES = "devices"
_BY_VERSION = "version"
_BY_AGE = "newest"


class Statistics:
    """Figures about the products that an actor may see; looking takes a viewer. They are of the moment."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def versions(
        self,
        actor: Actor,
        product_key: str,
        module: str = DEFAULT_MODULE,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> VersionDistribution:
        """Return what the devices of a product run, the table ``limit`` versions at a time.

        Raises:
            NotFound: the product.
            Invalid: limit or cursor.
        """
        check_limit(limit)
        after = None if cursor is None else VersionCount(*reversed(read_cursor(cursor, _BY_DEVICES, [int, str])))

        def read(tx: Tx) -> VersionDistribution:
            product_id = require_product(tx, actor, Role.VIEWER, product_key).id
            return _distribution(tx, product_id, module, after, limit)

        return await self._db.read(read)

    async def devices(
        self,
        actor: Actor,
        product_key: str,
        module: str = DEFAULT_MODULE,
        version: str | None = None,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[DeviceRunning]:
        """Return the devices that run a version (None: any that they reported), by version, the oldest first.

        Raises:
            NotFound: the product.
            Invalid: limit or cursor.
        """
        check_limit(limit)
        after = ("", 0) if cursor is None else tuple(read_cursor(cursor, _BY_VERSION, [str, int]))

        def read(tx: Tx) -> Page[DeviceRunning]:
            product_id = require_product(tx, actor, Role.VIEWER, product_key).id
            rows = statistics.running(tx, product_id, module, version, (after[0], after[1]), limit + 1)
            last = rows[limit - 1] if len(rows) > limit else None
            beyond = None if last is None else write_cursor(_BY_VERSION, [last.version, last.device_id])
            return page_of(rows, limit, statistics.devices_of(tx, product_id, module, version), beyond)

        return await self._db.read(read)

    async def outcomes(
        self,
        actor: Actor,
        wanted: OutcomeFilter,
        *,
        order: OutcomeOrder = OutcomeOrder.TOTAL,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Outcomes:
        """Return how the tasks of the jobs that ``wanted`` describes ended, ``limit`` source versions at a time.

        Raises:
            NotFound: the product or the job.
            Invalid: limit or cursor.
        """
        check_limit(limit)
        after = (store.MOST_TASKS, "") if cursor is None else tuple(read_cursor(cursor, order, [int, str]))

        def read(tx: Tx) -> Outcomes:
            return _outcomes(tx, _question(tx, actor, wanted), order, (after[0], after[1]), limit)

        return await self._db.read(read)

    async def rollouts(
        self, actor: Actor, wanted: OutcomeFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[RolloutOutcome]:
        """Return how each of the jobs that ``wanted`` describes went, the newest first, ``limit`` at a time.

        Raises:
            NotFound: the product or the job.
            Invalid: limit or cursor.
        """
        check_limit(limit)
        before = store.NEWEST if cursor is None else read_cursor(cursor, _BY_AGE, [int])[0]

        def read(tx: Tx) -> Page[RolloutOutcome]:
            question = _question(tx, actor, wanted)
            rows = [counting.of_rollout(each) for each in store.by_rollout(tx, question, before, limit + 1)]
            beyond = write_cursor(_BY_AGE, [rows[limit - 1].job_id]) if len(rows) > limit else None
            return page_of(rows, limit, store.rollouts(tx, question, MAX_TOTAL + 1), beyond)

        return await self._db.read(read)


def _distribution(tx: Tx, product_id: int, module: str, after: VersionCount | None, limit: int) -> VersionDistribution:
    devices, versions = statistics.totals(tx, product_id, module)
    top = _shares(statistics.versions(tx, product_id, module, None, TOP), devices)
    rows = _shares(statistics.versions(tx, product_id, module, after, limit + 1), devices)
    last = rows[limit - 1] if len(rows) > limit else None
    beyond = None if last is None else write_cursor(_BY_DEVICES, [last.devices, last.version])
    return VersionDistribution(
        devices=devices,
        versions=versions,
        top=top,
        others=others(top, devices, versions),
        table=page_of(rows, limit, versions, beyond),
    )


def _shares(counts: list[VersionCount], devices: int) -> list[Share]:
    return [Share(count.version, count.devices, fraction(count.devices, devices)) for count in counts]


def _outcomes(tx: Tx, question: store.Question, order: OutcomeOrder, after: tuple[int, str], limit: int) -> Outcomes:
    tasks = store.by_status(tx, question)
    ended = counting.ended(tasks)
    found = store.by_source(tx, question, order, after, limit + 1)
    rows = [counting.of_source(each, ended.total) for each in found]
    last = rows[limit - 1] if len(rows) > limit else None
    beyond = None if last is None else write_cursor(order, [getattr(last, order), last.source_version])
    sources = store.sources(tx, question)
    return Outcomes(
        ended=ended,
        failures=counting.failures(tasks),
        source_versions=sources,
        table=page_of(rows, limit, sources, beyond),
    )


def _question(tx: Tx, actor: Actor, wanted: OutcomeFilter) -> store.Question:
    products = actor.visible_products()
    if wanted.product_key is not None:
        products = [require_product(tx, actor, Role.VIEWER, wanted.product_key).id]
    if wanted.job_id is not None:
        require_job(tx, actor, Role.VIEWER, wanted.job_id)
    return store.Question(products, wanted.module, wanted.package_id, wanted.job_id)
