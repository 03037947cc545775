"""Who may not be connected any more is cut off at once."""

import asyncio
from collections.abc import Sequence

import pytest

from linkops.devices.model import NewDevice
from linkops.events.actor import SYSTEM
from tests.support.devices import DeviceServices
from tests.support.hubs import NoHub


class Hub(NoHub):
    """Remembers whom it was asked to cut off."""

    def __init__(self) -> None:
        self.kicked: list[tuple[list[int], str]] = []

    def kick(self, device_ids: Sequence[int], reason: str) -> None:
        self.kicked.append((list(device_ids), reason))


@pytest.fixture
async def device(services: DeviceServices) -> NewDevice:
    return await services.device(await services.product())


async def test_disabled_deleted_and_reset(services: DeviceServices, device: NewDevice) -> None:
    hub = Hub()
    services.bus.attach(hub, asyncio.get_running_loop())
    await services.devices.set_enabled(SYSTEM, [device.key], enabled=False)
    await services.devices.set_enabled(SYSTEM, [device.key], enabled=True)
    await services.devices.reset_secret(SYSTEM, device.key)
    await services.devices.set_nickname(SYSTEM, device.key, "Hall east")
    await services.devices.delete(SYSTEM, [device.key])
    assert hub.kicked == [([device.id], "disabled"), ([device.id], "secret reset"), ([device.id], "deleted")]
