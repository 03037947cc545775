"""What things are: modules, packages, jobs and tasks, as services return them. Times are Unix milliseconds."""

from enum import StrEnum

import msgspec

DEFAULT_MODULE = "default"
"""The whole firmware of a device: a module that every product has."""


class TaskStatus(StrEnum):
    """Where one device stands in a job."""

    QUEUED = "QUEUED"
    NOTIFIED = "NOTIFIED"
    IN_PROGRESS = "IN_PROGRESS"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


LIVE = (TaskStatus.QUEUED, TaskStatus.NOTIFIED, TaskStatus.IN_PROGRESS)
"""The statuses of a task that may still change."""


class JobStatus(StrEnum):
    """Where a job stands. A canceled job whose notified devices may finish has no ``ended_at`` until they have."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


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


class SignMethod(StrEnum):
    """Which digest a push calls the signature of a file."""

    SHA256 = "SHA256"
    MD5 = "MD5"


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
    """One file of a package."""

    id: int
    file_name: str
    size_bytes: int
    md5: str
    sha256: str


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """What devices download: files that bring a module to ``version``."""

    id: int
    product_id: int
    product_key: str
    module: str
    name: str
    version: str
    sign_method: SignMethod
    description: str
    custom_info: str
    created_by: str
    created_at: int
    updated_at: int
    files: list[PackageFile]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One rollout of a package.

    Attributes:
        package_id: of a package that may be gone; its name, module and version are kept here.
        source_versions: only devices on one of them; empty: on any.
        rate_per_minute: offers a minute; None: as fast as it goes.
        timeout_s: from a device's first progress report; None: never.
        need_push: False: devices get it only by asking.
        filled_at: when the last task was made; None while devices are still being selected.
        ended_at: when the last task ended.
        counts: tasks by status; every status is there.
    """

    id: int
    product_id: int
    product_key: str
    package_id: int
    package_name: str
    module: str
    version: str
    targets: Targets
    status: JobStatus
    stop_reason: str
    source_versions: list[str]
    rate_per_minute: int | None
    timeout_s: int | None
    need_push: bool
    created_by: str
    created_at: int
    updated_at: int
    started_at: int
    filled_at: int | None
    ended_at: int | None
    counts: dict[TaskStatus, int]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One device's part of a job.

    Attributes:
        device_name: '' when the device is deleted.
        source_version: what the device ran when the task was made; '' if it never said.
        step: last progress in percent since the last offer; None: none.
        attempt: how often the update was offered to the device.
        notified_at: of the first offer.
        progress_at: of the first progress ever.
        failures: see `FailureKind`.
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
    created_at: int
    updated_at: int
    notified_at: int | None
    progress_at: int | None
    timeout_at: int | None
    ended_at: int | None


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


class Download(msgspec.Struct, frozen=True):
    """What a valid link opens."""

    device_id: int
    blob_key: str
    file_name: str
    size_bytes: int
    md5: str
    sha256: str
