"""Simulated devices update themselves over MQTT alone, as firmware with the C SDK does."""

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from linkops.alink.firmware import Firmware, write_firmware_push
from linkops.certificates import CertificateFiles
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.devices.model import NewDevice
from linkops.events.actor import SYSTEM
from linkops.ota.model import Job, Task, TaskStatus
from linkops.simulator import DeviceIdentity, Mix, Pace
from linkops.simulator import Fleet as SimulatedFleet
from linkops.simulator.link import ServerAddress
from tests.support.diary import Diary
from tests.support.hub import HubDoor, open_hub, reached
from tests.support.ota import ALL_LIVE, Fleet

IMAGE = os.urandom(10_000)
PACE = Pace(block_bytes=512, block_timeout_s=0.2, restart_s=0.05, reconnect_s=0.05)


class Site:
    """One device with a task, and the hub that it dials."""

    def __init__(self, door: HubDoor, fleet: Fleet) -> None:
        self.door = door
        self.fleet = fleet

    async def roll_out(self) -> tuple[NewDevice, Job]:
        (device,) = await self.fleet.start(1)
        await self.fleet.version(device, "1.0.0")  # so that the task knows what a device comes back with midway
        return device, await self.fleet.job(await self.fleet.package(image=IMAGE))

    async def update(self, behaviour: str, *, digest_of: bytes = IMAGE, canceled: bool = False) -> tuple[str, Task]:
        """Push to the device and return what became of it, as it says and as the server does."""
        device, job = await self.roll_out()
        task = await self.fleet.task(device, job)
        if canceled:
            await self.fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE)
            await self.fleet.tick()
        diary = Diary()
        identity = DeviceIdentity(device.key.product_key, device.key.device_name, device.secret)
        address = ServerAddress(*self.door.addresses.mqtt)
        simulated = SimulatedFleet(address, [identity], mix=Mix.parse(behaviour), pace=PACE, observer=diary)
        async with simulated as running:
            await running.settled()
            topic = f"/ota/device/upgrade/{device.key.product_key}/{device.key.device_name}"
            assert await self.door.deliver(device, topic, push(task.id, digest_of))
            await reached(lambda: bool(diary.outcomes[device.key.device_name]))
        return diary.outcomes[device.key.device_name][0], await self.fleet.task(device, job)


def push(stream_id: int, digest_of: bytes) -> bytes:
    digest = hashlib.md5(digest_of, usedforsecurity=False).hexdigest()
    firmware = Firmware(
        size=len(IMAGE),
        version="2.0",
        d_protocol="mqtt",
        stream_id=stream_id,
        stream_file_id=1,
        md5=digest,
        sign=digest,
        sign_method="Md5",
    )
    return write_firmware_push(firmware, 1)


@pytest.fixture
async def site(
    sqlite_db: Database, clock: FixedClock, certificates: CertificateFiles, tmp_path: Path
) -> AsyncIterator[Site]:
    fleet = Fleet(sqlite_db, clock, tmp_path)
    async with open_hub(sqlite_db, clock, certificates, fleet.blobs) as door:
        yield Site(door, fleet)


@pytest.mark.parametrize("behaviour", ["succeed", "lossy", "disconnect"])
async def test_a_device_installs_what_it_read_by_blocks(site: Site, behaviour: str) -> None:
    outcome, task = await site.update(behaviour)
    assert outcome == "succeeded"
    assert task.status is TaskStatus.SUCCEEDED


@pytest.mark.parametrize("behaviour", ["corrupt", "fail:-3"])
async def test_a_device_that_verifies_wrongly_says_so(site: Site, behaviour: str) -> None:
    outcome, task = await site.update(behaviour)
    assert outcome == "failed:-3"
    assert task.status is TaskStatus.FAILED


async def test_a_file_with_another_digest_is_not_installed(site: Site) -> None:
    outcome, _ = await site.update("succeed", digest_of=b"something else")
    assert outcome == "failed:-3"


async def test_a_device_whose_blocks_are_refused_reports_a_failed_download(site: Site) -> None:
    outcome, task = await site.update("succeed", canceled=True)
    assert outcome == "failed:-2"
    assert task.status is TaskStatus.CANCELED


def test_an_offer_over_mqtt_has_no_url() -> None:
    assert "url" not in msgspec.json.decode(push(1, IMAGE))["data"]
