"""What a new job may ask for: which devices of the product, and by which of their versions."""

import msgspec

from linkops.errors import Invalid, TooLarge
from linkops.ota.model import JobKind, Region, Scope, Selection, Targets
from linkops.ota.strategy import DynamicMode, Strategy

MAX_SOURCE_VERSIONS = {Selection.STATIC: 20, Selection.DYNAMIC: 50}
MAX_DEVICE_NAMES = 10_000
MAX_VERIFIED_DEVICES = 10
MAX_VERSION_CHARS = 64
MAX_REGIONS = 100
_NO_STRATEGY = Strategy()


class NewJob(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; the attributes are those of `linkops.ota.model.Job`.

    Attributes:
        device_names: of SPECIFIC targets, or else `device_list_id`.
        device_list_id: a list of devices that was uploaded before.
        source_versions: of targets other than SPECIFIC and GROUP; dynamic jobs have them, or a group.
    """

    package_id: int
    kind: JobKind = JobKind.UPGRADE
    selection: Selection = Selection.STATIC
    targets: Targets = Targets.ALL
    device_names: tuple[str, ...] = ()
    device_list_id: int | None = None
    scope: Scope = Scope()
    source_versions: tuple[str, ...] = ()
    strategy: Strategy = _NO_STRATEGY
    tags: dict[str, str] = msgspec.field(default_factory=dict)


def check_targets(new: NewJob, target_version: str) -> None:
    """Do nothing if a job that brings ``target_version`` may be for these devices.

    Raises:
        Invalid: when it may not.
        TooLarge: when it names more than `MAX_DEVICE_NAMES`.
    """
    _check_names(new)
    _check_scope(new)
    check_versions(new.selection, new.source_versions, target_version)
    if new.targets in {Targets.SPECIFIC, Targets.GROUP} and new.source_versions:
        raise Invalid("job.source_versions_not_allowed", field="source_versions")
    if new.selection is Selection.DYNAMIC:
        _check_dynamic(new)


def _check_names(new: NewJob) -> None:
    if new.kind is JobKind.VERIFY and not 0 < len(new.device_names) <= MAX_VERIFIED_DEVICES:
        raise Invalid("job.verified_devices", field="device_names", most=MAX_VERIFIED_DEVICES)
    named = bool(new.device_names) + (new.device_list_id is not None)
    if new.targets is not Targets.SPECIFIC:
        if named:
            raise Invalid("job.names_not_allowed", field="device_names")
        return
    if named != 1:
        raise Invalid("job.names_missing", field="device_names")
    if len(new.device_names) > MAX_DEVICE_NAMES:
        raise TooLarge("job.too_many_names", max_names=MAX_DEVICE_NAMES)
    if len(set(new.device_names)) < len(new.device_names):
        raise Invalid("job.names_repeated", field="device_names")


def _check_scope(new: NewJob) -> None:
    scope = new.scope
    if (scope.percent is not None) is not (new.targets is Targets.GRAY):
        raise Invalid("job.percent_for_gray", field="percent")
    if scope.percent is not None and not _is_percentage(scope.percent):
        raise Invalid("job.percent_invalid", field="percent")
    if (scope.group_id is not None) is not (new.targets is Targets.GROUP):
        raise Invalid("job.group_for_group", field="group_id")
    if bool(scope.regions) is not (new.targets is Targets.REGION):
        raise Invalid("job.regions_for_region", field="regions")
    _check_regions(scope.regions)


def _check_regions(regions: tuple[Region, ...]) -> None:
    if len(regions) > MAX_REGIONS or not all(region.province for region in regions):
        raise Invalid("job.regions_invalid", field="regions", most=MAX_REGIONS)


def _is_percentage(percent: float) -> bool:
    """Return whether this is more than 0 and at most 100, with three decimals at most."""
    return 0 < percent <= 100 and round(percent, 3) == percent


def check_versions(selection: Selection, versions: tuple[str, ...], target_version: str) -> None:
    """Do nothing if devices may be selected by these versions.

    Raises:
        Invalid: when they may not.
    """
    most = MAX_SOURCE_VERSIONS[selection]
    if len(versions) > most or len(set(versions)) < len(versions):
        raise Invalid("job.source_versions_invalid", field="source_versions", most=most)
    if any(not 0 < len(version) <= MAX_VERSION_CHARS for version in versions):
        raise Invalid("job.source_versions_invalid", field="source_versions", most=most)
    if target_version in versions:
        raise Invalid("job.source_is_target", field="source_versions", version=target_version)


def _check_dynamic(new: NewJob) -> None:
    if new.targets not in {Targets.ALL, Targets.GROUP}:
        raise Invalid("job.dynamic_targets", field="targets")
    if new.targets is Targets.ALL and not new.source_versions:
        raise Invalid("job.dynamic_needs_versions", field="source_versions")
    strategy = new.strategy
    if new.targets is Targets.GROUP and strategy.dynamic_mode is DynamicMode.NEW_REPORTS:
        raise Invalid("job.group_new_reports", field="dynamic_mode")
    if strategy.start_at is not None or strategy.finish_at is not None or strategy.stages:
        raise Invalid("job.dynamic_schedule", field="strategy")
