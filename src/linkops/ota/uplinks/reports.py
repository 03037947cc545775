"""What a device says about updates, as the hub hands it over."""

import msgspec


class ReportedProgress(msgspec.Struct, frozen=True, gc=False):
    """How far a device is with a module: 0 to 100 percent, or a failure from -1 to -4."""

    device_id: int
    product_id: int
    module: str
    step: int
    description: str
    at: int


class ReportedVersion(msgspec.Struct, frozen=True, gc=False):
    """Which version of a module a device runs."""

    device_id: int
    product_id: int
    module: str
    version: str
    at: int


class Pull(msgspec.Struct, frozen=True, gc=False):
    """A device asks whether there is an update of a module."""

    device_id: int
    module: str
    at: int
