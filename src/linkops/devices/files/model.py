"""What an uploaded file is, and what can be asked of the list of them."""

from enum import StrEnum

import msgspec

from linkops.devices.model import DeviceKey

MAX_FILE_BYTES = 16 * 2**20
"""Of one file over MQTT, whatever the quotas are."""


class DeviceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A complete file.

    Attributes:
        crc64: CRC-64/XZ, 16 hexadecimal digits in lower case.
        checked: whether the device had told the check sum before, and it was this one.
        blob_key: where its bytes are; never shown.
        created_at: when it was complete.
    """

    id: int
    product_id: int
    key: DeviceKey
    file_name: str
    size_bytes: int
    crc64: str
    sha256: str
    checked: bool
    blob_key: str
    created_at: int


class FileOrder(StrEnum):
    """By what a list is sorted."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    LARGEST = "largest"


class FileFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which files; None: whatever.

    Attributes:
        device_name: of the product ``product_key``.
        name_prefix: of the file's name.
        since: Unix milliseconds, inclusive.
        until: Unix milliseconds, exclusive.
    """

    product_key: str | None = None
    device_name: str | None = None
    name_prefix: str = ""
    since: int | None = None
    until: int | None = None


class Quotas(msgspec.Struct, frozen=True):
    """What devices may keep here; unfinished uploads count as what is reserved for them.

    Attributes:
        max_files: of one device.
        max_bytes: of one device.
        max_bytes_in_all: of all devices together.
    """

    max_files: int
    max_bytes: int
    max_bytes_in_all: int


class Held(msgspec.Struct, frozen=True):
    """What counts against the quotas when a device wants to upload; what its upload replaces does not.

    Attributes:
        files: of the device.
        bytes: of the device.
        bytes_in_all: of all devices.
    """

    files: int
    bytes: int
    bytes_in_all: int
