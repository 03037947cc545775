"""What can be asked of the list of devices."""

from enum import StrEnum

import msgspec

from linkops.devices.model import Device


class Order(StrEnum):
    """By what a list is sorted; devices with no such time come last."""

    NAME = "name"
    NEWEST = "newest"
    OLDEST = "oldest"
    LAST_SEEN = "last_seen"


class DeviceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which devices; None: whatever.

    Attributes:
        product_key: of one product; needed with `module`.
        name_prefix: of the device name.
        tag_value: of the tag ``tag_key``; None: any value.
        version: reported for ``module``; None: any, as long as one was.
    """

    product_key: str | None = None
    name_prefix: str = ""
    online: bool | None = None
    enabled: bool | None = None
    activated: bool | None = None
    tag_key: str | None = None
    tag_value: str | None = None
    module: str | None = None
    version: str | None = None


class DeviceRow(msgspec.Struct, frozen=True):
    """A device as lists show it."""

    device: Device
    tags: dict[str, str]
