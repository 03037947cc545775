"""Creating jobs: checked against everything that is known, stored at once; `linkops.ota.filling` makes the tasks."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.groups.access import require_group
from linkops.errors import Conflict, Invalid
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.ota.access import require_job, require_package
from linkops.ota.candidates.store import Criteria
from linkops.ota.candidates.survey import Survey, any_candidate, survey
from linkops.ota.creating import checks, store
from linkops.ota.creating.store import Beginning
from linkops.ota.device_lists import store as lists
from linkops.ota.device_lists.service import list_of, require_list
from linkops.ota.model import Hold, Job, JobKind, Package, PackageStatus, Selection
from linkops.ota.packages import store as packages
from linkops.ota.states.announcing import announce_jobs
from linkops.ota.steering.store import begin
from linkops.ota.targeting import NewJob
from linkops.ota.windows import span

_NAMES_SHOWN = 100


class Preview(NamedTuple):
    """Whom a job would update if it was made now, and how long offering it takes at its rate (None: no limit)."""

    survey: Survey
    minutes: int | None


class JobMaker:
    """Creates jobs of the products that an actor operates."""

    def __init__(self, db: Database, clock: Clock, on_created: Callable[[], None]) -> None:
        self._db = db
        self._clock = clock
        self._on_created = on_created

    async def create(self, actor: Actor, new: NewJob) -> Job:
        """Start or plan a job and return it before its tasks are made.

        Raises:
            Invalid, TooLarge: a field, or devices that the product does not have.
            Conflict: no device needs the update, the package is not verified, or has such a job already.
        """
        listed, now = await self._listed(actor, new), self._clock.now()
        if new.selection is Selection.STATIC:
            criteria = await self._db.read(_criteria, actor, listed)
            if not await any_candidate(self._db, criteria, now):
                raise Conflict("ota.no_device_can_upgrade", version=criteria.version)
        job = await self._db.write(_create, actor, listed, now)
        self._on_created()
        return job

    async def preview(self, actor: Actor, new: NewJob) -> Preview:
        """Return whom such a job would update if it was made now; nothing is stored but a list of named devices.

        Raises:
            Invalid, TooLarge, Conflict: as `create`, but that it may be for nobody.
        """
        listed = await self._listed(actor, new)
        criteria = await self._db.read(_criteria, actor, listed)
        found = await survey(self._db, criteria, new.strategy, self._clock.now())
        return Preview(found, checks.minutes_to_offer(new, found.devices - found.busy))

    async def clone(self, actor: Actor, job_id: int, package_id: int | None = None) -> Job:
        """Make a job like another one, for the same devices as far as they need it, that begins at once.

        Args:
            actor: an operator of the product.
            job_id: the job that is copied.
            package_id: another package of the product; None: the same.

        Raises:
            Conflict: it is a verification, or no device needs the update.
        """
        return await self.create(actor, await self.copy_of(actor, job_id, package_id))

    async def copy_of(self, actor: Actor, job_id: int, package_id: int | None = None) -> NewJob:
        """Return what `clone` would ask for, for whoever wants to change it first.

        Raises:
            NotFound: the job or the package.
            Invalid: the package is of another product.
            Conflict: it is a verification.
        """
        return await self._db.read(_copy, actor, job_id, package_id)

    async def _listed(self, actor: Actor, new: NewJob) -> NewJob:
        """Return the job with its named devices as a list."""
        now = self._clock.now()
        package = await self._db.read(require_package, actor, Role.OPERATOR, new.package_id)
        checks.check_new(new, package.version, now)
        if not new.device_names:
            return new
        list_id, unknown = await self._db.write(list_of, actor, package.product_id, new.device_names, now)
        if unknown:
            shown = unknown[:_NAMES_SHOWN]
            raise Invalid("job.devices_unknown", field="device_names", names=shown, count=len(unknown))
        return msgspec.structs.replace(new, device_list_id=list_id)


def _copy(tx: Tx, actor: Actor, job_id: int, package_id: int | None) -> NewJob:
    job = require_job(tx, actor, Role.OPERATOR, job_id)
    if job.kind is JobKind.VERIFY:
        raise Conflict("job.clone_verification", job_id=job_id)
    package = require_package(tx, actor, Role.OPERATOR, package_id or job.package_id)
    if package.product_id != job.product_id:
        raise Invalid("job.clone_other_product", field="package_id")
    return NewJob(
        package_id=package.id,
        selection=job.selection,
        targets=job.targets,
        device_list_id=store.device_list_of(tx, job_id),
        scope=job.scope,
        source_versions=tuple(job.source_versions),
        strategy=msgspec.structs.replace(job.strategy, start_at=None, finish_at=None),
        tags=job.tags,
    )


def _criteria(tx: Tx, actor: Actor, new: NewJob) -> Criteria:
    package = require_package(tx, actor, Role.OPERATOR, new.package_id)
    _check_references(tx, actor, new, package)
    return Criteria(
        package.product_id,
        package.module,
        package.version,
        new.targets,
        new.scope,
        checks.source_versions(new, package),
        new.device_list_id,
        store.last_device(tx, package.product_id),
    )


def _check_references(tx: Tx, actor: Actor, new: NewJob, package: Package) -> None:
    checks.check_package(new, package)
    if new.scope.group_id is not None:
        group = require_group(tx, actor, Role.VIEWER, new.scope.group_id)
        if group.product_id not in {None, package.product_id}:
            raise Invalid("job.group_other_product", field="group_id")
    if new.device_list_id is not None:
        found = require_list(tx, actor, new.device_list_id)
        if found.product_id != package.product_id or not found.devices:
            raise Invalid("device_list.not_for_product", field="device_list_id")


def _create(tx: Tx, actor: Actor, new: NewJob, now: int) -> Job:
    packages.lock(tx, new.package_id)
    package = require_package(tx, actor, Role.OPERATOR, new.package_id)
    _check_references(tx, actor, new, package)
    _check_others(tx, new, package)
    beginning = _beginning(tx, new, package, now)
    job_id = store.add(tx, new, package, beginning, actor.name, now)
    if new.device_list_id is not None:
        lists.keep(tx, new.device_list_id)
    if new.kind is JobKind.VERIFY:
        packages.set_status(tx, package.id, PackageStatus.VERIFYING, now)
    if new.strategy.start_at is None:
        begin(tx, job_id, now)
    job = require_job(tx, actor, Role.OPERATOR, job_id)
    record_audit(tx, actor, now, "job.create", f"job:{job_id}", product_id=package.product_id, **_asked(new))
    announce_jobs(tx, [job_id], job.status, now)
    return job


def _check_others(tx: Tx, new: NewJob, package: Package) -> None:
    if new.selection is Selection.DYNAMIC:
        running = store.running_dynamic(tx, package.id)
        if running is not None:
            raise Conflict("job.dynamic_exists", job_id=running)
        _check_same_group(tx, new, package)
    if new.kind is JobKind.VERIFY:
        running = store.running_verification(tx, package.id)
        if running is not None:
            raise Conflict("package.verifying", job_id=running)


def _check_same_group(tx: Tx, new: NewJob, package: Package) -> None:
    """Dynamic jobs over one group must agree on what a device does with several updates."""
    for other in store.running_over_groups(tx, package.product_id):
        same = (other.strategy.overwrite, other.strategy.multi_module)
        if other.group_id == new.scope.group_id and same != (new.strategy.overwrite, new.strategy.multi_module):
            raise Conflict("job.group_disagrees", job_id=other.job_id)


def _beginning(tx: Tx, new: NewJob, package: Package, now: int) -> Beginning:
    rule = store.product_rule(tx, package.product_id)
    needs_approval = new.kind is JobKind.UPGRADE and (new.strategy.approval or rule.needs_approval)
    window = span(new.strategy.windows or rule.windows, now)
    hold = Hold.APPROVAL if needs_approval else Hold.NONE
    return Beginning(hold, window, checks.source_versions(new, package))


def _asked(new: NewJob) -> dict[str, object]:
    asked = msgspec.to_builtins(new)
    asked |= {"device_names": len(new.device_names) or None, "strategy": msgspec.to_builtins(new.strategy)}
    return {name: value for name, value in asked.items() if value not in (None, [], {}, "")}
