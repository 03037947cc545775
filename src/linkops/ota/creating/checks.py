"""What a new job is checked against, without looking at the database."""

from linkops.errors import Conflict, Invalid
from linkops.ota.growth import minutes_to_notify
from linkops.ota.job_tags import check_job_tags
from linkops.ota.model import JobKind, Package, PackageKind, PackageStatus, Selection
from linkops.ota.strategy import DownloadProtocol
from linkops.ota.strategy_check import check_strategy
from linkops.ota.targeting import NewJob, check_targets

MAX_MQTT_BYTES = 16 * 2**20
_UNVERIFIED = (PackageStatus.UNVERIFIED, PackageStatus.VERIFYING, PackageStatus.FAILED)
_VERIFIABLE = (PackageStatus.UNVERIFIED, PackageStatus.FAILED)


def check_new(new: NewJob, target_version: str, now: int) -> None:
    """Do nothing if a job may look like this.

    Raises:
        Invalid, TooLarge: when it may not; names the field.
    """
    check_targets(new, target_version)
    check_strategy(new.strategy, now)
    check_job_tags(new.tags)
    if new.kind is JobKind.VERIFY:
        _check_verification(new)


def _check_verification(new: NewJob) -> None:
    """A verification is a small static job without any of the ways to spread a rollout."""
    strategy = new.strategy
    spreads = (strategy.overwrite, strategy.retry, strategy.growth, strategy.start_at, strategy.stages, strategy.abort)
    if new.selection is Selection.DYNAMIC or any(spreads):
        raise Invalid("job.verification_strategy", field="strategy")


def check_package(new: NewJob, package: Package) -> None:
    """Do nothing if a package may be offered by such a job.

    Raises:
        Invalid: the download protocol, or the source versions of a differential package.
        Conflict: the package is not verified, or need not be.
    """
    if new.strategy.download is DownloadProtocol.MQTT and not _fits_mqtt(package):
        raise Invalid("job.download_mqtt", field="download", max_bytes=MAX_MQTT_BYTES)
    if new.kind is JobKind.VERIFY and package.status not in _VERIFIABLE:
        raise Conflict("package.not_verifiable", package_id=package.id, status=package.status)
    if new.kind is JobKind.UPGRADE and package.status in _UNVERIFIED:
        raise Conflict("package.not_verified", package_id=package.id, status=package.status)
    if not source_versions(new, package) and (new.source_versions or package.required_versions):
        raise Invalid("job.source_versions_mismatch", field="source_versions")
    if package.kind is PackageKind.DIFF and set(new.source_versions) - {package.source_version}:
        raise Invalid("job.source_versions_mismatch", field="source_versions")


def _fits_mqtt(package: Package) -> bool:
    return len(package.files) == 1 and package.files[0].size_bytes <= MAX_MQTT_BYTES


def source_versions(new: NewJob, package: Package) -> tuple[str, ...]:
    """Return the versions that a device may run to get this update from this job; empty: any."""
    allowed = (package.source_version,) if package.kind is PackageKind.DIFF else tuple(package.required_versions)
    if not allowed or not new.source_versions:
        return allowed or new.source_versions
    return tuple(version for version in new.source_versions if version in allowed)


def minutes_to_offer(new: NewJob, devices: int) -> int | None:
    """Return how many minutes it takes to offer the update to so many devices; None without a limit."""
    growth, rate = new.strategy.growth, new.strategy.rate_per_minute
    if growth is None:
        return None if rate is None else -(-devices // rate)
    return minutes_to_notify(growth, devices)
