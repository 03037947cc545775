"""Connections whose sockets another loop owns keep to the same limits as those of the hub's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from linkops.certificates import CertificateFiles
from linkops.clock import SystemClock
from linkops.db import Database
from linkops.devices.model import NewDevice
from linkops.hub.relay import HIGH_WATER_BYTES
from linkops.mqtt.decode import client_decoder
from linkops.mqtt.encode import encode
from linkops.mqtt.packets import ConnAck, Packet, PubAck, Publish
from tests.support.hub import HubDoor, open_hub, reached
from tests.support.mqtt import connect_of

WITHIN_S = 20.0
ENDED_WITHIN_S = 10.0


class Wire:
    """A client on the test's loop; what it sends is counted when the hub comes back for more.

    Attributes:
        taken: how often the hub asked for something to read.
        reads: while this is not set, the client takes nothing.
    """

    def __init__(self, door: HubDoor) -> None:
        self.taken = 0
        self.reads = asyncio.Event()
        self.reads.set()
        self._decoder = client_decoder(4)
        self._to_hub: asyncio.Queue[bytes] = asyncio.Queue()
        self._to_client: asyncio.Queue[Packet] = asyncio.Queue()
        self.carried = asyncio.create_task(door.hub.carry("198.51.100.7", self._received, self._send))

    def say(self, *packets: Packet) -> None:
        for packet in packets:
            self._to_hub.put_nowait(encode(packet, 4))

    def hang_up(self) -> None:
        self._to_hub.put_nowait(b"")

    async def hear(self) -> Packet:
        return await asyncio.wait_for(self._to_client.get(), WITHIN_S)

    async def _received(self) -> bytes:
        self.taken += 1
        return await self._to_hub.get()

    async def _send(self, data: bytes) -> None:
        await self.reads.wait()
        for packet in self._decoder.feed(data):
            self._to_client.put_nowait(packet)


@asynccontextmanager
async def online(door: HubDoor, device: NewDevice) -> AsyncIterator[Wire]:
    """Yield a client that is logged in."""
    wire = Wire(door)
    wire.say(connect_of(device))
    assert await wire.hear() == ConnAck(0)
    yield wire
    wire.hang_up()
    await asyncio.wait_for(wire.carried, WITHIN_S)
    await reached(lambda: door.hub.counts.connections == 0)


def report(device: NewDevice, number: int) -> Publish:
    topic = f"/ota/device/inform/{device.key.product_key}/{device.key.device_name}"
    return Publish(topic, b'{"params":{"version":"%d"}}' % number, 1, number)


async def test_reports_are_stored_and_acknowledged_in_order(door: HubDoor) -> None:
    device = await door.device()
    async with online(door, device) as wire:
        wire.say(*(report(device, number) for number in range(1, 51)))
        assert [await wire.hear() for _ in range(50)] == [PubAck(number) for number in range(1, 51)]
        assert await door.value("SELECT version FROM module_version") == "50"


async def test_whoever_sends_too_much_is_read_no_more(sqlite_db: Database, certificates: CertificateFiles) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, messages_per_second=10) as door:
        device = await door.device()
        async with online(door, device) as wire:
            asked = wire.taken
            wire.say(*(report(device, number) for number in range(1, 41)))
            assert await wire.hear() == PubAck(1)
            assert wire.taken - asked <= 25
            for number in range(2, 41):
                assert await wire.hear() == PubAck(number)


async def test_a_client_that_reads_nothing_is_sent_no_more_until_it_does(door: HubDoor) -> None:
    device = await door.device()
    topic = f"/sys/{device.key.product_key}/{device.key.device_name}/thing/service/property/set"
    async with online(door, device) as wire:
        wire.reads.clear()
        outcomes = [await door.deliver(device, topic, bytes(10_000)) for _ in range(20)]
        assert 5 <= sum(outcomes) <= HIGH_WATER_BYTES // 10_000 + 2
        wire.reads.set()
        for _ in range(sum(outcomes)):
            assert isinstance(await wire.hear(), Publish)
        await reached_again(door, device, topic)


async def reached_again(door: HubDoor, device: NewDevice, topic: str) -> None:
    """Wait until the device is sent messages again."""
    async with asyncio.timeout(WITHIN_S):
        while not await door.deliver(device, topic):  # noqa: ASYNC110 - what is waited for lives in another thread
            await asyncio.sleep(0.01)


async def test_a_client_that_reads_nothing_cannot_hold_up_the_end(door: HubDoor) -> None:
    device = await door.device()
    topic = f"/sys/{device.key.product_key}/{device.key.device_name}/thing/service/property/set"
    async with online(door, device) as wire:
        wire.reads.clear()
        await door.deliver(device, topic, bytes(1_000))
        await door.bus.kick([device.id], "kicked")
        await asyncio.wait_for(wire.carried, ENDED_WITHIN_S)


async def test_whoever_says_nothing_is_not_waited_for(sqlite_db: Database, certificates: CertificateFiles) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, connect_timeout_s=0.1) as door:
        await asyncio.wait_for(Wire(door).carried, ENDED_WITHIN_S)
        assert door.hub.counts.closed["connect_timeout"] == 1


async def test_there_are_no_more_than_there_may_be(sqlite_db: Database, certificates: CertificateFiles) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, max_connections=1) as door:
        first = Wire(door)
        await reached(lambda: door.hub.counts.connections == 1)
        await asyncio.wait_for(Wire(door).carried, WITHIN_S)
        assert door.hub.counts.refused["too_many_connections"] == 1
        first.hang_up()
        await first.carried


async def test_a_hub_that_stops_says_goodbye(door: HubDoor) -> None:
    device = await door.device()
    wire = Wire(door)
    wire.say(connect_of(device))
    assert await wire.hear() == ConnAck(0)
    await door.stop()
    await asyncio.wait_for(wire.carried, WITHIN_S)


async def test_a_fault_of_the_sockets_side_ends_the_connection_and_is_told(door: HubDoor) -> None:
    async def broken() -> bytes:
        raise ValueError("broken")

    async def nothing(_data: bytes) -> None:
        pass

    with pytest.raises(ValueError, match="broken"):
        await door.hub.carry("198.51.100.7", broken, nothing)
    await reached(lambda: door.hub.counts.connections == 0)
