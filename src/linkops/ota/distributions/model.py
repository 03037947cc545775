"""What charts are drawn from. Shares and rates are fractions from 0 to 1; the largest part stands first."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from linkops.devices.paging import Page
from linkops.ota.model import FailureKind


class Share(NamedTuple):
    """A version and the devices that run it; the share is of those that have reported the module."""

    version: str
    devices: int
    share: float


class Others(NamedTuple):
    """All versions that have no bar of their own, put together."""

    versions: int
    devices: int
    share: float


class VersionDistribution(msgspec.Struct, frozen=True, kw_only=True):
    """What the devices of a product run of one module.

    Attributes:
        devices: that have reported the module.
        versions: how many different ones they run.
        top: the versions that most devices run.
        others: the rest; None if there is none.
        table: every version, in pages.
    """

    devices: int
    versions: int
    top: list[Share]
    others: Others | None
    table: Page[Share]


class OutcomeOrder(StrEnum):
    """By which count source versions are sorted, the largest first; equals by version."""

    TOTAL = "total"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class OutcomeFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks of which jobs; None leaves a field open."""

    product_key: str | None = None
    module: str | None = None
    package_id: int | None = None
    job_id: int | None = None


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How some tasks ended.

    Attributes:
        total: tasks, whatever became of them.
        unfinished: that may still end any way.
        success_rate: of those that succeeded or failed; None while none has. Canceled ones count for neither.
        failure_rate: what is left of 1.
    """

    total: int
    succeeded: int
    failed: int
    canceled: int
    unfinished: int
    success_rate: float | None
    failure_rate: float | None


class SourceOutcome(Ended, frozen=True, kw_only=True):
    """How updates from one version ended.

    Attributes:
        source_version: '' of devices that had never reported one.
        share: of all tasks.
    """

    source_version: str
    share: float


class RolloutOutcome(Ended, frozen=True, kw_only=True):
    """How one rollout went, or goes."""

    job_id: int
    package_name: str
    version: str
    created_at: int


class FailureShare(NamedTuple):
    """Why tasks failed; the share is of those that failed."""

    failure_kind: FailureKind
    tasks: int
    share: float


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """How updates ended.

    Attributes:
        ended: of all tasks together.
        failures: why, the most frequent reason first.
        source_versions: how many different ones the devices came from.
        table: every source version, in pages.
    """

    ended: Ended
    failures: list[FailureShare]
    source_versions: int
    table: Page[SourceOutcome]
