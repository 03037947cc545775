"""What things are: a differential package that is being made. Times are Unix milliseconds."""

from enum import StrEnum

import msgspec

from linkops.ota import model

MAX_WAITING = 20
MAX_ATTEMPTS = 3


class Compression(StrEnum):
    """How a patch is packed: both are unpacked by detools in C without allocating memory."""

    HEATSHRINK = "heatshrink"
    CRLE = "crle"

    @property
    def patch_format(self) -> str:
        """Return what devices and people are told about such a patch."""
        return f"detools/sequential/{self}"

    @property
    def max_image_bytes(self) -> int:
        """Return how large an image may be: packing with CRLE takes 15 s for 32 MiB, and hours for 128."""
        return (32 if self is Compression.CRLE else 128) * 2**20


class DiffStatus(StrEnum):
    """Where the making of a differential package stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


class Stage(StrEnum):
    """What is being done; ``NONE`` before and after."""

    NONE = ""
    FETCHING = "fetching"
    COMPARING = "comparing"
    PROVING = "proving"
    STORING = "storing"


class NewDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for.

    Attributes:
        from_package_id: of the whole package that devices run.
        to_package_id: of the whole package that they are brought to.
        name: of the package to be; '': made of the name and the versions.
    """

    from_package_id: int
    to_package_id: int
    name: str = ""
    compression: Compression = Compression.HEATSHRINK
    needs_verification: bool = False


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """A differential package that is being made, or was.

    Attributes:
        name: of the package to be.
        progress: percent.
        attempt: how often it was begun.
        failure_code: why there will be none; '' unless it failed.
        package_id: of the package that was made; None: not yet.
        whole_size_bytes: what a device would download otherwise.
        patch_size_bytes: what it downloads; None: not known yet.
    """

    id: int
    product_id: int
    product_key: str
    module: str
    from_package_id: int
    to_package_id: int
    source_version: str
    version: str
    name: str
    compression: Compression
    needs_verification: bool
    status: DiffStatus
    stage: Stage
    progress: int
    attempt: int
    failure_code: str
    package_id: int | None
    whole_size_bytes: int
    patch_size_bytes: int | None
    account_id: int | None
    created_by: str
    created_at: int
    updated_at: int
    ended_at: int | None

    @property
    def saved_percent(self) -> float | None:
        """Return how much less a device downloads; None while that is not known."""
        if self.patch_size_bytes is None:
            return None
        return model.saved_percent(self.whole_size_bytes, self.patch_size_bytes)
