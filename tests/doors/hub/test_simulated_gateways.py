"""Updates of sub-devices over MQTT alone, whatever happens to their gateway."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from linkops.certificates import CertificateFiles
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.devices.model import NewDevice, NodeType
from linkops.events.actor import SYSTEM
from linkops.mqtt.packets import Publish
from linkops.ota.model import Job, TaskStatus
from linkops.ota.strategy import DownloadProtocol
from linkops.simulator import DeviceIdentity, Pace
from linkops.simulator import Fleet as SimulatedFleet
from linkops.simulator.link import ServerAddress
from tests.support.diary import Diary
from tests.support.gateways import GatewayClient, bind
from tests.support.hub import HubDoor, open_hub
from tests.support.ota import Fleet

pytestmark = pytest.mark.long

IMAGE = os.urandom(3_000)
PACE = Pace(progress_percent=100, block_bytes=3_000, restart_s=0.01, reconnect_s=0.01, reconnect_at_most_s=0.5)
DONE_WITHIN_S = 120.0
SLOT_MS, STEP_MS = 60_000, 50


class Site:
    """Gateways with sub-devices, and a rollout to these; time goes on as the test says."""

    def __init__(self, door: HubDoor, fleet: Fleet, clock: FixedClock) -> None:
        self.door = door
        self.fleet = fleet
        self.clock = clock
        self.diary = Diary()
        self.identities: list[DeviceIdentity] = []

    async def gateway(self) -> NewDevice:
        product = await self.door.products.create(
            SYSTEM, f"Gateways {len(self.identities)}", node_type=NodeType.GATEWAY
        )
        gateway = await self.door.device(product)
        self.identities.append(_identity(gateway))
        return gateway

    async def meters(self, gateway: NewDevice, count: int) -> list[NewDevice]:
        services = self.fleet.services
        if not hasattr(self.fleet, "product"):
            self.fleet.product = await services.products.create(SYSTEM, "Meters", node_type=NodeType.SUBDEVICE)
        made = await services.devices.create_many(SYSTEM, self.fleet.product.product_key, count)
        await bind(self.door.db, gateway, made)
        self.identities += [_identity(meter, str(gateway.key)) for meter in made]
        return made

    @asynccontextmanager
    async def alive(self) -> AsyncIterator[SimulatedFleet]:
        """Switch everything on, and wait until it is online."""
        address = ServerAddress(*self.door.addresses.mqtt)
        fleet = SimulatedFleet(address, self.identities, pace=PACE, observer=self.diary)
        for gateway in fleet.gateways.values():
            gateway.adds = False  # the topology is there already
        async with fleet as running:
            await running.settled()
            self.clock.advance(SLOT_MS)
            yield running

    async def roll_out(self) -> Job:
        """Begin to update all."""
        return await self.fleet.job(await self.fleet.package(image=IMAGE), download=DownloadProtocol.MQTT)

    async def until(self, reached: Callable[[], bool]) -> None:
        """Let time pass about as fast as it does, and what is due happen, until something is so."""
        async with asyncio.timeout(DONE_WITHIN_S):
            while not reached():
                self.clock.advance(STEP_MS)
                await self.fleet.tick()
                await asyncio.sleep(STEP_MS / 1_000)

    def succeeded(self) -> int:
        """Return how many sub-devices have installed the update, as they say themselves."""
        return sum(outcomes[-1] == "succeeded" for outcomes in self.diary.outcomes.values())

    async def assert_all_updated(self, job: Job, meters: Sequence[NewDevice]) -> None:
        await self.until(lambda: self.succeeded() == len(meters))
        await self.door.until("SELECT count(*) FROM ota_task WHERE status = 'SUCCEEDED'", len(meters))
        assert await self.fleet.counts(job) == {TaskStatus.SUCCEEDED: len(meters)}

    def offers(self) -> set[int]:
        """Return how often sub-devices were pushed to."""
        return {len(offers) for offers in self.diary.offers.values()}


def _identity(device: NewDevice, gateway: str = "") -> DeviceIdentity:
    return DeviceIdentity(device.key.product_key, device.key.device_name, device.secret, gateway=gateway)


@asynccontextmanager
async def site_of(
    db: Database, clock: FixedClock, certificates: CertificateFiles, folder: Path, **settings: int
) -> AsyncIterator[Site]:
    fleet = Fleet(db, clock, folder)
    # The clock stands still while sub-devices come back.
    given = {"sub_logins_per_second": 10**6, "messages_per_second": 10_000, **settings}
    async with open_hub(db, clock, certificates, fleet.blobs, **given) as door:
        fleet.services.bus = door.bus
        fleet.restart()
        yield Site(door, fleet, clock)


@pytest.fixture
async def site(
    sqlite_db: Database, clock: FixedClock, certificates: CertificateFiles, tmp_path: Path
) -> AsyncIterator[Site]:
    async with site_of(sqlite_db, clock, certificates, tmp_path) as opened:
        yield opened


async def test_two_thousand_behind_one_gateway(site: Site) -> None:
    meters = await site.meters(await site.gateway(), 2_000)
    async with site.alive():
        job = await site.roll_out()
        await site.assert_all_updated(job, meters)
    assert site.offers() == {1}


async def test_what_finds_no_room_comes_in_a_later_slot(
    sqlite_db: Database, clock: FixedClock, certificates: CertificateFiles, tmp_path: Path
) -> None:
    async with site_of(sqlite_db, clock, certificates, tmp_path, gateway_share=1) as site:
        meters = await site.meters(await site.gateway(), 300)
        async with site.alive():
            job = await site.roll_out()
            await site.fleet.tick()
            await site.until(lambda: site.succeeded() == 200)
            assert len(site.diary.offers) == 200
            clock.advance(SLOT_MS)
            await site.assert_all_updated(job, meters)
        assert site.offers() == {1}


async def test_a_gateway_that_is_away_for_a_while(site: Site) -> None:
    gateway = await site.gateway()
    meters = await site.meters(gateway, 60)
    async with site.alive() as running:
        job = await site.roll_out()
        await site.until(lambda: len(site.diary.offers) > 0)
        for _ in range(3):
            running.gateways[str(gateway.key)].drop()
            await running.settled()
        site.clock.advance(SLOT_MS)
        await site.assert_all_updated(job, meters)
    assert site.offers() <= {1, 2}


async def test_sub_devices_that_move_midway(site: Site) -> None:
    old, new = await site.gateway(), await site.gateway()
    meters = await site.meters(old, 40)
    (other,) = await site.meters(new, 1)
    async with site.alive() as running:
        job = await site.roll_out()
        await site.until(lambda: len(site.diary.offers) > 0)
        await bind(site.door.db, new, meters[::2])
        await site.door.bus.kick([meter.id for meter in meters[::2]], "moved to another gateway")
        moved = {meter.key.device_name for meter in meters[::2]}
        for device in running.devices:
            if device.identity.device_name in moved:
                device.gateway = running.gateways[str(new.key)]
        site.clock.advance(SLOT_MS)
        await site.assert_all_updated(job, [*meters, other])
    assert site.offers() <= {1, 2}


async def test_a_gateway_pulls_for_its_own_sub_devices_and_no_others(site: Site) -> None:
    gateway, other = await site.gateway(), await site.gateway()
    (meter,) = await site.meters(gateway, 1)
    (foreign,) = await site.meters(other, 1)
    job = await site.roll_out()
    async with await site.door.online(gateway) as client:
        carrier = GatewayClient(gateway, client)
        await carrier.log_in(meter)
        for device, code in ((meter, 200), (foreign, 520)):
            topic = f"/sys/{device.key.product_key}/{device.key.device_name}/thing/ota/firmware/get"
            await client.send(Publish(topic, b'{"id":"9","params":{}}'))
            if code != 200:
                assert (await carrier.error())[0] == code
                continue
            answer = msgspec.json.decode((await carrier.hear(f"{topic}_reply")).payload)
            assert (answer["id"], answer["code"], answer["data"]["version"]) == ("9", 200, "2.0")
    assert await site.fleet.counts(job) == {TaskStatus.NOTIFIED: 1, TaskStatus.QUEUED: 1}
