"""What the list of devices is asked for when a state is chosen."""

from collections.abc import Callable
from itertools import product

import pytest

from linkops.console.pages.devices.filters import STATES, Asked
from linkops.devices.search.model import DeviceFilter

DEVICES = [
    {"enabled": enabled, "activated": activated, "online": online}
    for enabled, activated, online in product([True, False], repeat=3)
    if (activated and enabled) or not online
]
SHOWN: dict[str, Callable[[dict[str, bool]], bool]] = {
    "": lambda _device: True,
    "online": lambda device: device["online"],
    "offline": lambda device: device["enabled"] and device["activated"] and not device["online"],
    "inactive": lambda device: device["enabled"] and not device["activated"],
    "disabled": lambda device: not device["enabled"],
    "activated": lambda device: device["activated"],
}


def fulfils(device: dict[str, bool], wanted: DeviceFilter) -> bool:
    """Return whether the list would have the device."""
    return all(getattr(wanted, name) in {None, holds} for name, holds in device.items())


@pytest.mark.parametrize("state", STATES)
def test_a_state_asks_for_its_devices(state: str) -> None:
    wanted = Asked.of({"state": state}).filter()
    for device in DEVICES:
        assert fulfils(device, wanted) == SHOWN[state](device), device
