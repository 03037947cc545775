"""May this actor touch that package or job? What it may not see does not exist for it."""

from linkops.db import Tx
from linkops.errors import NotFound
from linkops.events.actor import Actor, Role
from linkops.ota.jobs import store as jobs
from linkops.ota.model import Job, Package
from linkops.ota.packages import store as packages


def require_package(tx: Tx, actor: Actor, role: Role, package_id: int) -> Package:
    """Return a package for whose product ``actor`` has ``role``; inside a write it stays until the unit ends.

    Raises:
        NotFound: there is none, or the actor may not even look at it.
        Forbidden: it may look, but no more.
    """
    package = packages.by_id(tx, package_id)
    if package is None or not actor.may(Role.VIEWER, package.product_id):
        raise NotFound("package.not_found", package_id=package_id)
    actor.require(role, package.product_id)
    return package


def require_job(tx: Tx, actor: Actor, role: Role, job_id: int) -> Job:
    """Return a job for whose product ``actor`` has ``role``.

    Raises:
        NotFound: there is none, or the actor may not even look at it.
        Forbidden: it may look, but no more.
    """
    job = jobs.by_id(tx, job_id)
    if job is None or not actor.may(Role.VIEWER, job.product_id):
        raise NotFound("job.not_found", job_id=job_id)
    actor.require(role, job.product_id)
    return job
