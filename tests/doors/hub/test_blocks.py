"""A device downloads its update by blocks, and nobody else's."""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import msgspec
import pytest
from fastcrc import crc16

from linkops.certificates import CertificateFiles
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.devices.model import NewDevice
from linkops.events.actor import SYSTEM
from linkops.mqtt.packets import PubAck, Publish, UnsubAck, Unsubscribe
from linkops.ota.model import TaskStatus
from tests.support.hub import HubDoor, open_hub
from tests.support.mqtt import MqttClient
from tests.support.ota import ALL_LIVE, Fleet

IMAGE = os.urandom(3_000)
FORGOTTEN_MS = 30_000
"""What a device may read is looked up again after this at the latest."""


class Reply(NamedTuple):
    """What came on the reply topic; the trailer was checked."""

    code: int
    id: Any
    data: dict[str, Any]
    block: bytes


class Reader:
    """A device that reads blocks of one stream."""

    def __init__(self, client: MqttClient, device: NewDevice, stream_id: object) -> None:
        self.client = client
        self.topic = f"/sys/{device.key.product_key}/{device.key.device_name}/thing/file/download"
        self.stream_id = stream_id

    def request(self, offset: int, size: int = 1_024, *, file_id: int = 1, message_id: object = "7") -> bytes:
        info = {"streamId": self.stream_id, "fileId": file_id}
        params = {"fileToken": "default", "fileInfo": info, "fileBlock": {"size": size, "offset": offset}}
        return msgspec.json.encode({"id": message_id, "version": "1.0", "params": params})

    async def ask(self, payload: bytes) -> Reply:
        await self.client.send(Publish(self.topic, payload))
        return await self.reply()

    async def block(self, offset: int, size: int = 1_024, **asked: Any) -> Reply:
        return await self.ask(self.request(offset, size, **asked))

    async def reply(self, qos: int = 0) -> Reply:
        packet = await self.client.next()
        assert isinstance(packet, Publish)
        assert (packet.topic, packet.qos) == (self.topic + "_reply", qos)
        return read_reply(packet.payload)


def read_reply(payload: bytes) -> Reply:
    length = int.from_bytes(payload[:2], "big")
    head, block = msgspec.json.decode(payload[2 : 2 + length]), payload[2 + length : -2]
    assert payload[-2:] == crc16.arc(block).to_bytes(2, "little")
    return Reply(head["code"], head["id"], head["data"], block)


class Site:
    """A rollout over two devices, and the hub that they dial."""

    def __init__(self, door: HubDoor, fleet: Fleet) -> None:
        self.door = door
        self.fleet = fleet

    async def roll_out(self, image: bytes = IMAGE) -> tuple[NewDevice, NewDevice]:
        first, second = await self.fleet.start(2)
        self.job = await self.fleet.job(await self.fleet.package(image=image))
        return first, second

    async def stream_of(self, device: NewDevice) -> int:
        return (await self.fleet.task(device, self.job)).id


@pytest.fixture
async def site(
    sqlite_db: Database, clock: FixedClock, certificates: CertificateFiles, tmp_path: Path
) -> AsyncIterator[Site]:
    fleet = Fleet(sqlite_db, clock, tmp_path)
    async with open_hub(sqlite_db, clock, certificates, fleet.blobs) as door:
        yield Site(door, fleet)


async def test_a_whole_file_with_a_short_last_block(site: Site) -> None:
    device, _ = await site.roll_out()
    async with await site.door.online(device) as client:
        reader = Reader(client, device, await site.stream_of(device))
        replies = [await reader.block(offset) for offset in (0, 1_024, 2_048)]
    assert b"".join(reply.block for reply in replies) == IMAGE
    assert replies[2].data == {"fileToken": "default", "bSize": 952, "bOffset": 2_048, "fileLength": 3_000}
    assert {(reply.code, reply.id) for reply in replies} == {(200, "7")}


async def test_any_block_comes_again_when_it_is_asked_for_again(site: Site) -> None:
    device, _ = await site.roll_out()
    async with await site.door.online(device) as client:
        reader = Reader(client, device, await site.stream_of(device))
        for offset in (2_048, 300, 300, 0, 2_999):
            reply = await reader.block(offset, 512, message_id=offset)
            assert (reply.id, reply.block) == (offset, IMAGE[offset : offset + 512])


async def test_the_c_sdks_json_and_numbers_as_texts(site: Site) -> None:
    device, _ = await site.roll_out()
    stream_id = await site.stream_of(device)
    async with await site.door.online(device) as client:
        reader = Reader(client, device, str(stream_id))
        trailing_comma = (
            b'{"id":"1","version":"1.0","params":{"fileToken":"default","fileInfo":{"streamId":%d,"fileId":1,},'
            b'"fileBlock":{"size":256,"offset":0}}}' % stream_id
        )
        assert (await reader.ask(trailing_comma)).block == IMAGE[:256]
        assert (await reader.block(0)).block == IMAGE[:1_024]


@pytest.mark.parametrize(
    ("offset", "size", "file_id", "code"),
    [
        (0, 0, 1, 400),
        (0, 255, 1, 400),
        (0, 131_073, 1, 400),
        (3_000, 256, 1, 416),
        (16_777_217, 256, 1, 416),
        (0, 256, 2, 404),
        (0, 131_072, 1, 200),
        (2_999, 1, 1, 200),
    ],
)
async def test_sizes_and_offsets(site: Site, offset: int, size: int, file_id: int, code: int) -> None:
    device, _ = await site.roll_out()
    async with await site.door.online(device) as client:
        reader = Reader(client, device, await site.stream_of(device))
        for _ in range(2):  # once with nothing in memory, once with everything
            reply = await reader.block(offset, size, file_id=file_id)
            assert (reply.code, reply.id) == (code, "7")
            assert reply.block == (IMAGE[offset : offset + size] if code == 200 else b"")


async def test_what_cannot_be_read_is_answered(site: Site) -> None:
    device, _ = await site.roll_out()
    async with await site.door.online(device) as client:
        assert await Reader(client, device, 1).ask(b'{"id":"7","params":{}}') == Reply(400, "", {}, b"")


async def test_another_devices_stream_is_answered_like_one_that_never_was(site: Site) -> None:
    device, other = await site.roll_out()
    stream_id = await site.stream_of(device)
    async with await site.door.online(device) as owner, await site.door.online(other) as client:
        assert (await Reader(owner, device, stream_id).block(0)).code == 200
        foreign = await Reader(client, other, stream_id).block(0)
        unknown = await Reader(client, other, 99_999).block(0)
    assert foreign == unknown == Reply(404, "7", {}, b"")


async def test_another_devices_topic_is_closed(site: Site) -> None:
    device, other = await site.roll_out()
    async with await site.door.online(other) as client:
        reader = Reader(client, device, await site.stream_of(device))
        await client.publish(reader.topic, reader.request(0))
        assert (await Reader(client, other, 99_999).block(0)).code == 404


async def test_a_canceled_task_is_not_read_any_more(site: Site, clock: FixedClock) -> None:
    device, _ = await site.roll_out()
    async with await site.door.online(device) as client:
        reader = Reader(client, device, await site.stream_of(device))
        assert (await reader.block(0)).code == 200
        await site.fleet.ota.jobs.cancel(SYSTEM, site.job.id, ALL_LIVE)
        await site.fleet.tick()
        assert (await site.fleet.task(device, site.job)).status is TaskStatus.CANCELED
        clock.advance(FORGOTTEN_MS)
        assert await reader.block(1_024) == Reply(404, "7", {}, b"")


async def test_a_task_that_was_canceled_before_is_not_read_at_all(site: Site) -> None:
    device, _ = await site.roll_out()
    await site.fleet.ota.jobs.cancel(SYSTEM, site.job.id, ALL_LIVE)
    await site.fleet.tick()
    async with await site.door.online(device) as client:
        assert (await Reader(client, device, await site.stream_of(device)).block(0)).code == 404


async def test_a_file_that_is_gone_is_answered(site: Site) -> None:
    device, _ = await site.roll_out()
    await site.fleet.blobs.delete(await site.door.value("SELECT blob_key FROM ota_file"))
    async with await site.door.online(device) as client:
        assert (await Reader(client, device, await site.stream_of(device)).block(0)).code == 404


async def test_a_file_over_16_mib_is_not_read_by_blocks(site: Site) -> None:
    device, _ = await site.roll_out(bytes(16 * 2**20 + 1))
    async with await site.door.online(device) as client:
        assert (await Reader(client, device, await site.stream_of(device)).block(0)).code == 404


async def test_the_quality_of_the_reply_is_the_requests(site: Site) -> None:
    device, _ = await site.roll_out()
    async with await site.door.online(device) as client:
        reader = Reader(client, device, await site.stream_of(device))
        await client.publish(reader.topic, reader.request(0))
        assert (await reader.reply(qos=1)).block == IMAGE[:1_024]


async def test_no_reply_to_a_device_that_unsubscribed(site: Site) -> None:
    device, _ = await site.roll_out()
    async with await site.door.online(device) as client:
        reader = Reader(client, device, await site.stream_of(device))
        await client.send(Unsubscribe(3, (reader.topic + "_reply",)))
        assert isinstance(await client.next(), UnsubAck)
        assert isinstance(await client.publish(reader.topic, reader.request(0)), PubAck)
        assert await client.subscribe(reader.topic + "_reply", qos=0) == b"\0"
        assert (await reader.block(1_024)).block == IMAGE[1_024:2_048]


async def test_a_device_that_reads_nothing_takes_no_memory_and_gets_everything_later(
    site: Site, certificates: CertificateFiles
) -> None:
    """Its requests wait: all of their replies are 50 MiB, and sockets hold some of it."""
    image = os.urandom(2**20)
    device, _ = await site.roll_out(image)
    offsets = [number % 8 * 131_072 for number in range(400)]
    async with with_quota(site, certificates, 10_000, 2**30) as door, await door.online(device) as client:
        reader = Reader(client, device, await site.stream_of(device))
        await client.send(*(Publish(reader.topic, reader.request(offset, 131_072)) for offset in offsets))
        for read, offset in enumerate(offsets):
            assert (await reader.reply()).block == image[offset : offset + 131_072]
            assert door.hub.counts.block_bytes - read * 131_072 < 20 * 2**20


async def test_blocks_count_by_their_size_and_not_as_messages(site: Site, certificates: CertificateFiles) -> None:
    device, _ = await site.roll_out()
    async with with_quota(site, certificates, 1, 2**20) as door, await door.online(device) as client:
        reader = Reader(client, device, await site.stream_of(device))
        begun = monotonic()
        for _ in range(20):
            await reader.block(0, 256)
        assert monotonic() - begun < 10  # as messages they would take 18 s


async def test_a_device_reads_no_faster_than_its_quota(site: Site, certificates: CertificateFiles) -> None:
    device, _ = await site.roll_out(bytes(2**20))
    async with with_quota(site, certificates, 100, 2**18) as door, await door.online(device) as client:
        reader = Reader(client, device, await site.stream_of(device))
        begun = monotonic()
        for offset in range(0, 2**20, 2**17):
            assert (await reader.block(offset, 2**17)).code == 200
        assert (
            monotonic() - begun > 1
        )  # of four seconds' worth, two may come at once, and the last block is on the house


def with_quota(
    site: Site, certificates: CertificateFiles, messages_per_second: int, bytes_per_second: int
) -> AbstractAsyncContextManager[HubDoor]:
    """Return a second hub over the same fleet."""
    fleet = site.fleet
    return open_hub(
        fleet.db,
        fleet.clock,
        certificates,
        fleet.blobs,
        messages_per_second=messages_per_second,
        bytes_per_second=bytes_per_second,
    )
