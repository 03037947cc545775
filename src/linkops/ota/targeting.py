"""What a new job may ask for: which devices, how fast, and for how long each may take."""

import msgspec

from linkops.errors import Invalid, TooLarge
from linkops.ota.model import Targets

MAX_SOURCE_VERSIONS = 10
MAX_DEVICE_NAMES = 10_000
MAX_VERSION_CHARS = 64
RATES = range(10, 10_001)
TIMEOUTS_S = range(60, 86_401)


class NewJob(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; the attributes are those of `linkops.ota.model.Job`.

    Attributes:
        device_names: of SPECIFIC targets only.
        source_versions: of ALL targets only.
    """

    package_id: int
    targets: Targets = Targets.ALL
    device_names: tuple[str, ...] = ()
    source_versions: tuple[str, ...] = ()
    rate_per_minute: int | None = None
    timeout_s: int | None = None
    need_push: bool = True


def check(new: NewJob, target_version: str) -> None:
    """Do nothing if a job for ``target_version`` may look like this.

    Raises:
        Invalid: when it may not.
        TooLarge: when it names more than `MAX_DEVICE_NAMES`.
    """
    if new.targets is Targets.SPECIFIC:
        _check_names(new)
    elif new.device_names:
        raise Invalid("job.names_not_allowed", field="device_names")
    _check_versions(new.source_versions, target_version)
    if new.rate_per_minute is not None and new.rate_per_minute not in RATES:
        raise Invalid("job.rate_invalid", field="rate_per_minute", least=RATES[0], most=RATES[-1])
    if new.timeout_s is not None and new.timeout_s not in TIMEOUTS_S:
        raise Invalid("job.timeout_invalid", field="timeout_s", least=TIMEOUTS_S[0], most=TIMEOUTS_S[-1])


def _check_names(new: NewJob) -> None:
    if new.source_versions:
        raise Invalid("job.source_versions_not_allowed", field="source_versions")
    if not new.device_names:
        raise Invalid("job.names_missing", field="device_names")
    if len(new.device_names) > MAX_DEVICE_NAMES:
        raise TooLarge("job.too_many_names", max_names=MAX_DEVICE_NAMES)
    if len(set(new.device_names)) < len(new.device_names):
        raise Invalid("job.names_repeated", field="device_names")


def _check_versions(versions: tuple[str, ...], target_version: str) -> None:
    if len(versions) > MAX_SOURCE_VERSIONS or len(set(versions)) < len(versions):
        raise Invalid("job.source_versions_invalid", field="source_versions", most=MAX_SOURCE_VERSIONS)
    if any(not 0 < len(version) <= MAX_VERSION_CHARS for version in versions):
        raise Invalid("job.source_versions_invalid", field="source_versions", most=MAX_SOURCE_VERSIONS)
    if target_version in versions:
        raise Invalid("job.source_is_target", field="source_versions", version=target_version)
