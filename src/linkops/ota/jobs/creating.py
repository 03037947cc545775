"""Creating a job: it is checked and stored at once, its tasks are made afterwards (`linkops.ota.filling`)."""

from collections.abc import Sequence

from linkops.db import Database, Tx
from linkops.errors import Conflict, Invalid
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit, record_events
from linkops.ota import targeting, wire
from linkops.ota.access import require_job, require_package
from linkops.ota.jobs import store
from linkops.ota.model import Job, JobStatus, Package, Targets
from linkops.ota.packages import store as packages
from linkops.ota.targeting import NewJob

_NAMES_PER_READ = 1_000
_NAMES_SHOWN = 100


async def create(db: Database, actor: Actor, new: NewJob, now: int) -> Job:
    """Create a job; see `linkops.ota.jobs.service.Jobs.create`."""
    package = await db.read(require_package, actor, Role.OPERATOR, new.package_id)
    targeting.check(new, package.version)
    device_ids = await _resolve(db, package, new.device_names)
    if not await db.read(_any_to_update, package, new, device_ids):
        raise Conflict("ota.no_device_can_upgrade", version=package.version)
    return await db.write(_create, actor, new, device_ids, now)


async def _resolve(db: Database, package: Package, names: Sequence[str]) -> list[int]:
    ids: dict[str, int] = {}
    for start in range(0, len(names), _NAMES_PER_READ):
        ids |= await db.read(store.resolve, package.product_id, names[start : start + _NAMES_PER_READ])
    unknown = [name for name in names if name not in ids]
    if unknown:
        shown = unknown[:_NAMES_SHOWN]
        raise Invalid("job.devices_unknown", field="device_names", names=shown, count=len(unknown))
    return list(ids.values())


def _any_to_update(tx: Tx, package: Package, new: NewJob, device_ids: Sequence[int]) -> bool:
    if new.targets is Targets.SPECIFIC:
        return store.any_of_these_behind(tx, package, device_ids)
    if new.source_versions:
        return store.any_on_source(tx, package, new.source_versions)
    return store.any_behind(tx, package)


def _create(tx: Tx, actor: Actor, new: NewJob, device_ids: Sequence[int], now: int) -> Job:
    packages.lock(tx, new.package_id)
    package = require_package(tx, actor, Role.OPERATOR, new.package_id)
    job_id = store.add(tx, new, package, actor.name, now)
    if device_ids:
        store.add_targets(tx, job_id, device_ids)
    asked = {name: value for name, value in _asked(new).items() if value is not None}
    record_audit(tx, actor, now, "job.create", f"job:{job_id}", product_id=package.product_id, **asked)
    record_events(tx, [wire.job_changed(job_id, package.product_id, JobStatus.IN_PROGRESS, now)])
    return require_job(tx, actor, Role.OPERATOR, job_id)


def _asked(new: NewJob) -> dict[str, object]:
    return {
        "package_id": new.package_id,
        "targets": new.targets,
        "devices": len(new.device_names) or None,
        "source_versions": new.source_versions or None,
        "rate_per_minute": new.rate_per_minute,
        "timeout_s": new.timeout_s,
        "need_push": new.need_push,
    }
