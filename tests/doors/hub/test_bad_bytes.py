"""Sockets that send rubbish, too much, too slowly or nothing: closed, counted, and nobody else notices."""

import asyncio
import random

import pytest

from linkops.certificates import CertificateFiles
from linkops.clock import SystemClock
from linkops.db import Database
from linkops.events.actor import SYSTEM
from linkops.mqtt.decode import MAX_PACKET_BYTES
from linkops.mqtt.encode import encode
from linkops.mqtt.packets import Disconnect, Publish
from linkops.mqtt.reasons import Reason
from tests.support.hub import HubDoor, open_hub, reached
from tests.support.mqtt import connect_of

SEED = 7


def inform(device_key: tuple[str, str]) -> str:
    return "/ota/device/inform/{}/{}".format(*device_key)


async def test_rubbish_ends_its_connection_and_leaves_no_traceback(
    door: HubDoor, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    rubbish = random.Random(SEED)
    device = await door.device()
    async with await door.online(device) as good:
        for size in (1, 2, 5, 14, 100, 3_000):
            async with await door.open() as bad:
                # Any first byte but 0x16, which would be TLS, and 0x10, which would be a CONNECT to wait for.
                await bad.send_bytes(bytes([0x30]) + rubbish.randbytes(size))
                assert [packet for packet in await bad.until_closed() if not isinstance(packet, Disconnect)] == []
        assert (await good.publish(inform(device.key), b'{"id":1,"params":{"version":"1.0.0"}}')).reason == 0
    await reached(lambda: sum(door.hub.counts.closed.values()) >= 6)
    seen = capfd.readouterr()
    assert "Traceback" not in seen.out + seen.err + caplog.text


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[" * 1_000 + b"]" * 1_000,
        b'{"id":1,"params":{"version":NaN}}',
        b'{"id":1,"params":{"version":1e400}}',
        b'{"id":99999999999999999999,"params":{"version":99999999999999999999}}',
        b'{"id":1,"params":[]}',
        b'[{"id":1}]',
        b'{"id":1,"params":{"version":"\xff\xfe"}}',
        b'{"id":1,"params":{"version":""}}',
        b'{"id":1,"params":{"version":"' + b"9" * 65 + b'"}}',
    ],
)
async def test_a_report_that_cannot_be_read_is_acknowledged_and_changes_nothing(door: HubDoor, payload: bytes) -> None:
    device = await door.device()
    async with await door.online(device) as client:
        assert (await client.publish(inform(device.key), payload)).packet_id == 1
        assert await door.value("SELECT count(*) FROM module_version") == 0
        # The connection lives on, and the next report counts.
        await client.publish(inform(device.key), b'{"id":1,"params":{"version":"1.0.0"}}', 2)
        assert await door.value("SELECT version FROM module_version") == "1.0.0"


@pytest.mark.parametrize(("over", "lives"), [(0, True), (1, False)])
async def test_the_size_limit_is_exact(door: HubDoor, version: int, over: int, lives: bool) -> None:  # noqa: FBT001
    device = await door.device()
    async with await door.online(device, version) as client:
        empty = Publish(f"/{device.key.product_key}/{device.key.device_name}/user/update", b"", 1, 1)
        # Three bytes of remaining length where an empty message has one.
        room = MAX_PACKET_BYTES - len(encode(empty, version)) - 2
        await client.send(Publish(empty.topic, b"x" * (room + over), 1, 1))
        if lives:
            await client.next()
            return
        said = await client.until_closed()
        assert [each.reason for each in said if isinstance(each, Disconnect)] == (
            [Reason.PACKET_TOO_LARGE] if version == 5 else []
        )


async def test_the_size_limit_is_the_setting_and_told_in_mqtt_5(
    sqlite_db: Database, certificates: CertificateFiles
) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, max_packet_bytes=2_000) as door:
        device = await door.device()
        async with await door.open(5) as client:
            answer = await client.login(connect_of(device, 5))
            assert answer.properties.maximum_packet_bytes == 2_000
            await client.publish(inform(device.key), bytes(1_800))
            await client.send(Publish(inform(device.key), bytes(2_000), 1, 2))
            assert await client.until_closed() == [Disconnect(Reason.PACKET_TOO_LARGE)]


async def test_who_does_not_finish_its_connect_in_time_is_closed(
    sqlite_db: Database, certificates: CertificateFiles
) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, connect_timeout_s=1.0) as door:
        hello = encode(connect_of(await door.device()), 4)
        async with await door.open() as slow:
            await slow.send_bytes(hello[:-1])
            assert await slow.until_closed() == []
        assert door.hub.counts.closed["connect_timeout"] == 1


async def test_sockets_that_say_nothing_count_against_the_limit(
    sqlite_db: Database, certificates: CertificateFiles
) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, max_connections=3) as door:
        silent = [await door.open() for _ in range(3)]
        await reached(lambda: door.hub.sockets == 3)
        async with await door.open() as late:
            assert await late.until_closed() == []
        assert door.hub.counts.refused["too_many_connections"] == 1
        for each in silent:
            await each.__aexit__(None, None, None)
        await reached(lambda: door.hub.sockets == 0)
        async with await door.online(await door.device()):
            assert door.hub.sockets == 1


async def test_a_flood_is_slowed_down_and_loses_nothing(sqlite_db: Database, certificates: CertificateFiles) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, messages_per_second=20) as door:
        device = await door.device()
        other = await door.device()
        async with await door.online(device) as flooding, await door.online(other) as calm:
            await flooding.send(*(_version(device.key, n) for n in range(1, 101)))
            # While the flood waits for its quota, another device is answered.
            await calm.publish(inform(other.key), b'{"id":1,"params":{"version":"1.0.0"}}')
            acknowledged = [await flooding.next() for _ in range(100)]
        assert len(acknowledged) == 100
        newest = "SELECT version FROM module_version WHERE device_id = :id"
        assert await door.value(newest, id=device.id) == "1.0.100"


def _version(key: tuple[str, str], number: int) -> Publish:
    return Publish(inform(key), b'{"id":1,"params":{"version":"1.0.%d"}}' % number, 1, number)


async def test_a_report_three_times_and_late_changes_nothing_more(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device) as client:
        for packet_id in (1, 2, 3):
            await client.publish(inform(device.key), b'{"id":1,"params":{"version":"2.0.0"}}', packet_id)
    assert await door.value("SELECT count(*) FROM event WHERE kind = 'ota.version_changed'") == 1


async def test_a_hundred_devices_report_a_new_module_at_once(door: HubDoor) -> None:
    product = await door.products.create(SYSTEM, "All at once")
    devices = [await door.device(product) for _ in range(100)]

    async def first_contact(number: int) -> None:
        device = devices[number]
        async with await door.online(device) as client:
            await client.publish(inform(device.key), b'{"id":1,"params":{"version":"1.0.0","module":"radio"}}')

    await asyncio.gather(*(first_contact(number) for number in range(100)))
    assert await door.value("SELECT count(*) FROM module_version WHERE module = 'radio'") == 100
