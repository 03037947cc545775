"""Steering a job while it runs: pause, resume, approve, edit, and the rules that hold for a product's jobs."""

from collections.abc import Awaitable, Callable

import msgspec

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_product
from linkops.errors import Conflict, Forbidden, Invalid
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.ota.aborting import Counts
from linkops.ota.access import require_job
from linkops.ota.creating.store import ProductRule, product_rule, set_product_rule
from linkops.ota.job_tags import check_job_tags
from linkops.ota.jobs.store import counts_by_kind
from linkops.ota.model import FailureKind, Hold, Job, JobStatus, Selection
from linkops.ota.stages import offers_until_end_of
from linkops.ota.states.announcing import announce_jobs
from linkops.ota.steering import store
from linkops.ota.steering.store import Steered
from linkops.ota.strategy import Abort, Growth, Strategy, Window
from linkops.ota.strategy_check import check_abort, check_pace, check_timeout, check_windows
from linkops.ota.targeting import check_versions
from linkops.ota.windows import span


class JobChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be another while a job runs; what is `UNSET` stays.

    Attributes:
        rate_per_minute: of a job with a constant rate, or without a limit.
        growth: of a job with a growing rate.
        timeout_s: of a dynamic job, for devices that are selected from now on.
        source_versions: the same.
    """

    rate_per_minute: int | msgspec.UnsetType | None = msgspec.UNSET
    growth: Growth | msgspec.UnsetType = msgspec.UNSET
    tags: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    timeout_s: int | msgspec.UnsetType | None = msgspec.UNSET
    source_versions: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    windows: tuple[Window, ...] | msgspec.UnsetType = msgspec.UNSET
    abort: tuple[Abort, ...] | msgspec.UnsetType = msgspec.UNSET


class Steering:
    """What operators of a product do about its running jobs."""

    def __init__(
        self, db: Database, clock: Clock, on_started: Callable[[], None], settled: Callable[[], Awaitable[None]]
    ) -> None:
        """``on_started`` is called when a job begins; ``settled`` returns when no push is on its way any more."""
        self._db = db
        self._clock = clock
        self._on_started = on_started
        self._settled = settled

    async def pause(self, actor: Actor, job_id: int) -> Job:
        """Push nothing once this has returned; devices that are updating go on. Pausing twice changes nothing.

        Raises:
            Conflict: the job has ended, or waits for something else.
        """
        job = await self._db.write(_pause, actor, job_id, self._clock.now())
        await self._settled()
        return job

    async def resume(self, actor: Actor, job_id: int) -> Job:
        """Let a job go on that was paused, or that waits after a stage.

        Raises:
            Conflict: nothing holds it, or it waits for approval.
        """
        return await self._db.write(_resume, actor, job_id, self._clock.now())

    async def approve(self, actor: Actor, job_id: int, *, override: bool = False) -> Job:
        """Let a job begin that somebody else has created.

        With ``override``, the product's only administrator approves a job of their own; the audit trail says so.

        Raises:
            Forbidden: the actor created it.
            Conflict: it waits for no approval.
        """
        job = await self._db.write(_approve, actor, job_id, self._clock.now(), override=override)
        self._on_started()
        return job

    async def edit(self, actor: Actor, job_id: int, change: JobChange) -> Job:
        """Change what is given.

        Raises:
            Invalid: a field, or one that cannot change for this kind of job.
            Conflict: the job has ended.
        """
        return await self._db.write(_edit, actor, job_id, change, self._clock.now())

    async def rule(self, actor: Actor, product_key: str) -> ProductRule:
        """Return what holds for all jobs of a product."""

        def read(tx: Tx) -> ProductRule:
            return product_rule(tx, require_product(tx, actor, Role.VIEWER, product_key).id)

        return await self._db.read(read)

    async def set_rule(self, actor: Actor, product_key: str, rule: ProductRule) -> ProductRule:
        """Replace what holds for all jobs of a product; windows hold for running jobs at once. Takes an administrator.

        Raises:
            Invalid: a window.
        """
        check_windows(rule.windows)
        return await self._db.write(_set_rule, actor, product_key, rule, self._clock.now())


def _running(tx: Tx, actor: Actor, job_id: int) -> Steered:
    require_job(tx, actor, Role.OPERATOR, job_id)
    job = store.lock(tx, job_id)
    if job.ended_at is not None or job.status not in {JobStatus.PLANNED, JobStatus.IN_PROGRESS}:
        raise Conflict("job.ended", job_id=job_id, status=job.status)
    return job


def _pause(tx: Tx, actor: Actor, job_id: int, now: int) -> Job:
    job = _running(tx, actor, job_id)
    if job.hold not in {Hold.NONE, Hold.PAUSED}:
        raise Conflict("job.held", job_id=job_id, hold=job.hold)
    if job.hold is Hold.NONE:
        store.set_hold(tx, job_id, Hold.NONE, Hold.PAUSED, now)
        _audit(tx, actor, "job.pause", job, now)
    return require_job(tx, actor, Role.OPERATOR, job_id)


def _resume(tx: Tx, actor: Actor, job_id: int, now: int) -> Job:
    job = _running(tx, actor, job_id)
    if job.hold in {Hold.NONE, Hold.APPROVAL}:
        raise Conflict("job.not_held", job_id=job_id, hold=job.hold)
    store.set_hold(tx, job_id, job.hold, Hold.NONE, now)
    if job.hold in {Hold.STAGE, Hold.GATE}:
        begin_stage(tx, job, job.stage + 1, offerable(counts_by_kind(tx, job_id)), now)
    _audit(tx, actor, "job.resume", job, now, held=job.hold)
    return require_job(tx, actor, Role.OPERATOR, job_id)


def offerable(counts: Counts) -> int:
    """Return how many devices of a job are offered the update sooner or later: all but those with a conflict."""
    return sum(tasks for (_, kind), tasks in counts.items() if kind is not FailureKind.CONFLICT)


def begin_stage(tx: Tx, job: Steered, number: int, total: int, now: int) -> None:
    """Let a job offer the update to the devices of stage ``number``; after the last stage, to all that are left."""
    stages = job.strategy.stages
    if number >= len(stages):
        store.set_stage(tx, job.job_id, number, None, now)
        return
    left = offers_until_end_of(stages, number, total) - job.offered
    store.set_stage(tx, job.job_id, number, max(0, left), now)


def _approve(tx: Tx, actor: Actor, job_id: int, now: int, *, override: bool) -> Job:
    job = _running(tx, actor, job_id)
    if job.hold is not Hold.APPROVAL:
        raise Conflict("job.not_held", job_id=job_id, hold=job.hold)
    own = actor.name == job.created_by
    if own and not (override and actor.may(Role.ADMIN, job.product_id) and _is_alone(tx, job.product_id)):
        raise Forbidden("job.own_approval", job_id=job_id)
    store.approve(tx, job_id, actor.name, now)
    if job.strategy.start_at is None:
        store.begin(tx, job_id, now)
        announce_jobs(tx, [job_id], JobStatus.IN_PROGRESS, now)
    _audit(tx, actor, "job.approve", job, now, override=own)
    return require_job(tx, actor, Role.OPERATOR, job_id)


def _is_alone(tx: Tx, product_id: int) -> bool:
    return store.administrators(tx, product_id) <= 1


def _edit(tx: Tx, actor: Actor, job_id: int, change: JobChange, now: int) -> Job:
    steered = _running(tx, actor, job_id)
    job = require_job(tx, actor, Role.OPERATOR, job_id)
    strategy = _changed(job, change)
    tags = job.tags if change.tags is msgspec.UNSET else change.tags
    versions = job.source_versions if change.source_versions is msgspec.UNSET else change.source_versions
    check_job_tags(tags)
    check_versions(job.selection, tuple(versions), job.version)
    rate = job.rate_per_minute if strategy.growth is not None else strategy.rate_per_minute
    store.edit(tx, job_id, strategy, tags, versions, rate, now)
    if change.windows is not msgspec.UNSET:
        windows = strategy.windows or product_rule(tx, job.product_id).windows
        store.set_window(tx, job_id, span(windows, now))
    _audit(tx, actor, "job.edit", steered, now, **msgspec.to_builtins(change))
    return require_job(tx, actor, Role.OPERATOR, job_id)


def _changed(job: Job, change: JobChange) -> Strategy:
    asked = {name: getattr(change, name) for name in ("rate_per_minute", "growth", "timeout_s", "windows", "abort")}
    given = {name: value for name, value in asked.items() if value is not msgspec.UNSET}
    if ("growth" if job.strategy.growth is None else "rate_per_minute") in given:
        raise Invalid("job.rate_type", field="growth" if "growth" in given else "rate_per_minute")
    if job.selection is not Selection.DYNAMIC and "timeout_s" in given:
        raise Invalid("job.dynamic_only", field="timeout_s")
    if change.source_versions is not msgspec.UNSET and not (job.selection is Selection.DYNAMIC and job.source_versions):
        raise Invalid("job.dynamic_only", field="source_versions")
    if change.source_versions == ():
        raise Invalid("job.dynamic_needs_versions", field="source_versions")
    strategy = msgspec.structs.replace(job.strategy, **given)
    check_pace(strategy.rate_per_minute, strategy.growth)
    check_timeout(strategy.timeout_s)
    check_windows(strategy.windows)
    check_abort(strategy.abort)
    return strategy


def _set_rule(tx: Tx, actor: Actor, product_key: str, rule: ProductRule, now: int) -> ProductRule:
    product = require_product(tx, actor, Role.ADMIN, product_key)
    set_product_rule(tx, product.id, rule, now)
    for job_id, windows in store.windows_of_product(tx, product.id):
        store.set_window(tx, job_id, span(windows, now))
    details = msgspec.to_builtins(rule)
    record_audit(tx, actor, now, "product.ota_rule", f"product:{product_key}", product_id=product.id, **details)
    return rule


def _audit(tx: Tx, actor: Actor, action: str, job: Steered, now: int, **details: object) -> None:
    record_audit(tx, actor, now, action, f"job:{job.job_id}", product_id=job.product_id, **details)
