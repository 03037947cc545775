"""Which device runs what, as lists show it."""

from typing import NamedTuple


class DeviceRunning(NamedTuple):
    """A device that reported a version of the module that was asked about."""

    device_id: int
    device_name: str
    version: str
    reported_at: int
