"""What things are: modules, packages, jobs and tasks, as services return them. Times are Unix milliseconds."""

from enum import StrEnum

import msgspec

from linkops.ota.strategy import Strategy

DEFAULT_MODULE = "default"
"""The whole firmware of a device: a module that every product has."""


class TaskStatus(StrEnum):
    """Where one device stands in a job."""

    CONFIRM = "CONFIRM"
    QUEUED = "QUEUED"
    NOTIFIED = "NOTIFIED"
    IN_PROGRESS = "IN_PROGRESS"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


LIVE = (TaskStatus.CONFIRM, TaskStatus.QUEUED, TaskStatus.NOTIFIED, TaskStatus.IN_PROGRESS)
"""The statuses of a task that has not ended."""
WAITING = (TaskStatus.CONFIRM, TaskStatus.QUEUED)
"""The statuses of a task that its device was not told of."""


class JobStatus(StrEnum):
    """Where a job stands. A canceled job whose notified devices may finish has no ``ended_at`` until they have."""

    PLANNED = "PLANNED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


class JobKind(StrEnum):
    """What a job is for."""

    UPGRADE = "UPGRADE"
    VERIFY = "VERIFY"


class Selection(StrEnum):
    """Whether devices are selected once, or whenever one comes to match."""

    STATIC = "STATIC"
    DYNAMIC = "DYNAMIC"


class Hold(StrEnum):
    """Why a job that is not over offers nothing new; ``NONE`` if nothing holds it."""

    NONE = ""
    APPROVAL = "approval"
    PAUSED = "paused"
    STAGE = "stage"
    GATE = "gate"


class FailureKind(StrEnum):
    """Why a task failed; ``NONE`` of a task that did not."""

    NONE = ""
    CONFLICT = "conflict"
    UPDATE = "update"
    DOWNLOAD = "download"
    VERIFY = "verify"
    FLASH = "flash"
    TIMEOUT = "timeout"
    WRONG_VERSION = "wrong_version"


class Targets(StrEnum):
    """Which devices of the product a job is for, before they are filtered by version."""

    ALL = "ALL"
    SPECIFIC = "SPECIFIC"
    GRAY = "GRAY"
    GROUP = "GROUP"
    REGION = "REGION"


class Region(msgspec.Struct, frozen=True, omit_defaults=True):
    """Devices whose tags say that they are there; ``city`` '': anywhere in the province."""

    province: str
    city: str = ""


class Scope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What targets are, further.

    Attributes:
        percent: of GRAY targets, with at most three decimals.
        group_id: of GROUP targets.
        regions: of REGION targets.
    """

    percent: float | None = None
    group_id: int | None = None
    regions: tuple[Region, ...] = ()


class SignMethod(StrEnum):
    """Which digest a push calls the signature of a file."""

    SHA256 = "SHA256"
    MD5 = "MD5"


class PackageKind(StrEnum):
    """Whether a package replaces what a device runs, or only brings one version of it to another."""

    FULL = "full"
    DIFF = "diff"


class PackageStatus(StrEnum):
    """Whether a package was tried on a few devices before it may go to many."""

    NOT_REQUIRED = "not_required"
    UNVERIFIED = "unverified"
    VERIFYING = "verifying"
    VERIFIED = "verified"
    FAILED = "failed"


class Module(msgspec.Struct, frozen=True):
    """An independently versioned part of a product's devices; both times are 0 for the default one."""

    name: str
    alias: str
    description: str
    created_at: int
    updated_at: int


class Upload(msgspec.Struct, frozen=True):
    """A file that is stored and waits to become part of a package; digests in lower-case hexadecimal."""

    id: str
    file_name: str
    size_bytes: int
    md5: str
    sha256: str
    created_at: int


class PackageFile(msgspec.Struct, frozen=True):
    """One file of a package.

    Attributes:
        digestsign: the publisher's signature in base64 (docs/protocol/ota.md#signatures); '' if it is not signed.
        signed_by: fingerprint of the key that signed it.
    """

    id: int
    file_name: str
    size_bytes: int
    md5: str
    sha256: str
    digestsign: str = ""
    signed_by: str = ""


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """What devices download: files that bring a module to ``version``.

    Attributes:
        source_version: of a diff: the only version that it can be applied to; '' of a whole package.
        required_versions: devices must run one of these to be offered it; empty: any.
        patch_format: of a diff that LinkOps made, as in "detools/sequential/heatshrink"; else ''.
        whole_size_bytes: of the image that such a diff yields; else None.
        whole_sha256: of that image; else ''.
        files: 1 to 20.
    """

    id: int
    product_id: int
    product_key: str
    module: str
    name: str
    kind: PackageKind
    source_version: str
    version: str
    sign_method: SignMethod
    status: PackageStatus
    required_versions: list[str]
    description: str
    custom_info: str
    patch_format: str
    whole_size_bytes: int | None
    whole_sha256: str
    created_by: str
    created_at: int
    updated_at: int
    files: list[PackageFile]

    @property
    def size_bytes(self) -> int:
        """Return how much a device downloads."""
        return sum(file.size_bytes for file in self.files)

    @property
    def saved_percent(self) -> float | None:
        """Return how much less a device downloads than the whole image; None unless LinkOps made the diff."""
        return None if self.whole_size_bytes is None else saved_percent(self.whole_size_bytes, self.size_bytes)


def saved_percent(whole_size_bytes: int, size_bytes: int) -> float:
    """Return by how many percent ``size_bytes`` is smaller, with one decimal; negative if it is larger."""
    return round(100 - 100 * size_bytes / whole_size_bytes, 1)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One rollout of a package.

    Attributes:
        package_id: of a package that may be gone; its name, module and version are kept here.
        source_versions: only devices on one of them; empty: on any.
        strategy: as it was asked for, with what was edited since.
        rate_per_minute: offers a minute now; None: as fast as it goes.
        started_at: when devices were selected; None: not yet.
        filled_at: when the last task was made; None while devices are still being selected.
        ended_at: when the last task ended.
        window_opens_at: of the maintenance window: nothing is pushed before; 0: nothing holds it back.
        window_closes_at: nothing is pushed from then on; None: no window.
        stage: number of the stage that is being rolled out, from 0; None: there are no stages, or none has begun.
        offered: tasks that were offered at least once.
        counts: tasks by status; every status is there.
    """

    id: int
    product_id: int
    product_key: str
    package_id: int
    package_name: str
    module: str
    version: str
    kind: JobKind
    selection: Selection
    targets: Targets
    scope: Scope
    status: JobStatus
    hold: Hold
    stop_reason: str
    source_versions: list[str]
    strategy: Strategy
    tags: dict[str, str]
    rate_per_minute: int | None
    approved_by: str
    created_by: str
    created_at: int
    updated_at: int
    started_at: int | None
    filled_at: int | None
    ended_at: int | None
    window_opens_at: int
    window_closes_at: int | None
    stage: int | None
    offered: int
    counts: dict[TaskStatus, int]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One device's part of a job.

    Attributes:
        device_name: '' when the device is deleted.
        source_version: what the device ran when the task was made; '' if it never said.
        step: last progress in percent since the last offer; None: none.
        attempt: how often the update was offered to the device.
        retries: how often it was offered again because the device had failed.
        retry_at: when it is offered again next; None: the device did not fail.
        notified_at: of the first offer.
        progress_at: of the first progress ever.
    """

    id: int
    job_id: int
    device_id: int
    device_name: str
    package_name: str
    module: str
    source_version: str
    version: str
    status: TaskStatus
    step: int | None
    description: str
    failure_kind: FailureKind
    attempt: int
    retries: int
    retry_at: int | None
    created_at: int
    updated_at: int
    notified_at: int | None
    progress_at: int | None
    timeout_at: int | None
    ended_at: int | None


class TaskChange(msgspec.Struct, frozen=True):
    """Something that happened to a task after it was made; ``attempt`` as it was then."""

    at: int
    status: TaskStatus
    attempt: int
    reason: str


class Failure(msgspec.Struct, frozen=True, array_like=True):
    """A task that failed, as an overview shows it; ``ended_at`` in Unix milliseconds."""

    task_id: int
    job_id: int
    product_key: str
    device_name: str
    package_name: str
    version: str
    module: str
    failure_kind: FailureKind
    description: str
    ended_at: int


class JobSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How a job goes.

    Attributes:
        counts: tasks by status; every status is there.
        failures: failed tasks by kind; only kinds that occurred.
        offers_last_minute: pushes and answered pulls of the last 60 s.
        time_left_s: an estimate; None when nothing can be said yet, 0 when nothing is left.
    """

    counts: dict[TaskStatus, int]
    failures: dict[FailureKind, int]
    offers_last_minute: int
    rate_per_minute: int | None
    time_left_s: int | None


class PacePoint(msgspec.Struct, frozen=True):
    """How many offers a job made in the 60 s before ``at``."""

    at: int
    offers: int


class JobCourse(msgspec.Struct, frozen=True):
    """A job, how it goes, and how fast it was in the last minutes, the oldest point first."""

    job: Job
    summary: JobSummary
    pace: list[PacePoint]


class Download(msgspec.Struct, frozen=True):
    """What a valid link opens."""

    device_id: int
    blob_key: str
    file_name: str
    size_bytes: int
    md5: str
    sha256: str
