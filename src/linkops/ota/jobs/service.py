"""Jobs: look at, cancel."""

from collections.abc import Awaitable, Callable, Collection

import msgspec

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_product
from linkops.devices.paging import MAX_TOTAL, Page, check_limit
from linkops.events.actor import Actor, Role
from linkops.ota import statistics
from linkops.ota.access import require_job
from linkops.ota.jobs import canceling, store
from linkops.ota.model import Job, JobCourse, JobStatus, JobSummary, TaskStatus
from linkops.ota.paging import Order, edge_of, page_by_age

_JOBS_PER_TICK = 20


class JobFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs; None leaves a field open.

    Attributes:
        package_name: a part of the package's name, in any case.
        tag_key: a tag that the job hands to its devices.
        tag_value: of that tag; None: any.
    """

    product_key: str | None = None
    package_id: int | None = None
    status: JobStatus | None = None
    module: str | None = None
    package_name: str | None = None
    tag_key: str | None = None
    tag_value: str | None = None


class Jobs:
    """The jobs of the products that an actor may see; what it may not see is `NotFound`.

    Looking takes a viewer of the product, everything else an operator.
    """

    def __init__(self, db: Database, clock: Clock, settled: Callable[[], Awaitable[None]]) -> None:
        """``settled`` returns when no push is on its way any more."""
        self._db = db
        self._clock = clock
        self._settled = settled

    async def get(self, actor: Actor, job_id: int) -> Job:
        """Return a job with its tasks counted by status."""
        return await self._db.read(require_job, actor, Role.VIEWER, job_id)

    async def page(
        self,
        actor: Actor,
        wanted: JobFilter,
        *,
        order: Order = Order.NEWEST,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Job]:
        """Return the jobs that ``wanted`` describes, ``limit`` at a time.

        Raises:
            Invalid: limit or cursor.
        """
        check_limit(limit)
        edge = edge_of(order, cursor)

        def read(tx: Tx) -> Page[Job]:
            question = _question(tx, actor, wanted)
            some = store.newest if order is Order.NEWEST else store.oldest
            rows = some(tx, question, edge, limit + 1)
            return page_by_age(order, limit, rows, store.count(tx, question, MAX_TOTAL + 1))

        return await self._db.read(read)

    async def summary(self, actor: Actor, job_id: int) -> JobSummary:
        """Return how a job goes."""

        def read(tx: Tx) -> JobSummary:
            return statistics.job_summary(tx, require_job(tx, actor, Role.VIEWER, job_id), self._clock.now())

        return await self._db.read(read)

    async def course(self, actor: Actor, job_id: int) -> JobCourse:
        """Return a job, how it goes, and how fast it was lately: what somebody who watches it looks at again."""

        def read(tx: Tx) -> JobCourse:
            job, now = require_job(tx, actor, Role.VIEWER, job_id), self._clock.now()
            return JobCourse(job, statistics.job_summary(tx, job, now), statistics.job_pace(tx, job, now))

        return await self._db.read(read)

    async def cancel(
        self,
        actor: Actor,
        job_id: int,
        statuses: Collection[TaskStatus],
        reason: str = "",
        *,
        stop: bool | None = None,
    ) -> Job:
        """Cancel the tasks that are in ``statuses`` and return the job when that is done.

        With ``stop``, no more devices are selected, either; None: a dynamic job is stopped, a static one if its QUEUED
        tasks are canceled. Other tasks go on to their end.

        Raises:
            Invalid: a status of tasks that have ended, or the reason.
            Conflict: the job has ended.
        """
        canceling.check(statuses, reason, stop=stop)
        await self._db.write(canceling.begin, actor, job_id, statuses, reason, self._clock.now(), stop=stop)
        await self._settled()
        while await self._db.write(canceling.cancel_chunk, job_id, self._clock.now()):
            pass
        return await self.get(actor, job_id)

    async def go_on_canceling(self) -> bool:
        """Cancel a bounded number of tasks that a restart left to cancel and return whether there are more (a tick)."""
        more = False
        for job_id in await self._db.read(store.canceling, _JOBS_PER_TICK):
            more = await self._db.write(canceling.cancel_chunk, job_id, self._clock.now()) or more
        return more


def _question(tx: Tx, actor: Actor, wanted: JobFilter) -> store.Question:
    products = actor.visible_products()
    if wanted.product_key is not None:
        products = [require_product(tx, actor, Role.VIEWER, wanted.product_key).id]
    name, key = wanted.package_name or "", wanted.tag_key or ""
    return store.Question(products, wanted.package_id, wanted.status, name, key, wanted.tag_value, wanted.module)
