"""Devices that come to their secret or token over MQTT."""

import asyncio
import json
from typing import Any, NamedTuple

import pytest

from linkops.certificates import CertificateFiles
from linkops.clock import SystemClock
from linkops.db import Database
from linkops.devices.bootstrap.service import BootstrapNotices
from linkops.devices.credentials import LoginMethod
from linkops.devices.model import DeviceKey, NewDevice, Product
from linkops.devices.registration.model import Way
from linkops.events.actor import SYSTEM
from linkops.mqtt.encode import encode
from linkops.mqtt.packets import Connect, Disconnect, Publish, Subscribe, Subscription
from tests.support.hub import HubDoor, open_hub, reached
from tests.support.mqtt import MqttClient
from tests.support.registration import connect_by_token, connect_to_register, registration

LISTED, UNLISTED = LoginMethod.REGISTRATION, LoginMethod.REGISTRATION_WITHOUT_LIST


class Line(NamedTuple):
    """A product whose devices may register, and its secret."""

    door: HubDoor
    product: Product
    secret: str

    def key(self, name: str) -> DeviceKey:
        return DeviceKey(self.product.product_key, name)

    async def open(self, version: int = 4) -> MqttClient:
        return await self.door.open(version, tls=self.door.trust())

    async def told(self, connect: Connect, topic: str) -> Any:
        """Return what a device is told that registers."""
        async with await self.open(connect.version) as client:
            assert (await client.login(connect)).reason == 0
            message = await client.next()
            assert isinstance(message, Publish)
            assert message.topic == topic
            assert b'": ' not in message.payload
            await client.send(Disconnect())
            assert await client.until_closed() == []
            return json.loads(message.payload)

    async def answer(self, connect: Connect) -> int:
        async with await self.open(connect.version) as client:
            return (await client.login(connect)).reason


async def line_of(door: HubDoor, *, listed_only: bool = True) -> Line:
    product = await door.products.create(SYSTEM, "Pumps")
    key = product.product_key
    await door.registrations.set_rule(SYSTEM, key, registration=True, listed_only=listed_only)
    return Line(door, product, await door.products.secret(SYSTEM, key))


@pytest.fixture
async def line(door: HubDoor) -> Line:
    return await line_of(door, listed_only=False)


@pytest.fixture
async def device(line: Line) -> NewDevice:
    return await line.door.devices.create(SYSTEM, line.product.product_key, "pump-1")


async def test_a_listed_device_gets_its_secret_and_logs_in_with_it(line: Line, device: NewDevice, version: int) -> None:
    told = await line.told(connect_to_register(device.key, line.secret, version=version), "/ext/register")
    assert list(told) == ["productKey", "deviceName", "deviceSecret"]
    assert DeviceKey(told["productKey"], told["deviceName"]) == device.key
    assert len(told["deviceSecret"]) == 32
    assert (await line.door.answer(device)).reason != 0  # the secret of before is none any more
    assert (await line.door.answer(device, secret=told["deviceSecret"])).reason == 0
    assert await line.answer(connect_to_register(device.key, line.secret)) == 4


FORMS = [
    ("{dn}.{pk}|random=8Ygb7ULYh53B6OA,authType=register,securemode=2,signmethod=hmacsha256|", 60),
    ("{pk}.{dn}|authType=register,random=8Ygb7ULYh53B6OA,signmethod=hmacsha256,securemode=2|", 0),
    ("whatever|securemode=-2,authType=register,random=8Ygb7ULYh53B6OA,signmethod=hmacsha256|", 10),
    ("x|random=8Ygb7ULYh53B6OA,authType=register,securemode=2,signmethod=hmacsha256,instanceId=iot-cn|", 65_535),
]


async def test_every_form_that_is_seen_and_any_keep_alive(line: Line, device: NewDevice) -> None:
    usual = connect_to_register(device.key, line.secret)
    for form, keep_alive_s in FORMS:
        client_id = form.format(pk=device.key.product_key, dn=device.key.device_name)
        connect = Connect(client_id, 4, True, keep_alive_s, usual.username, usual.password)
        assert "deviceSecret" in await line.told(connect, "/ext/register")


async def test_nobody_registers_or_sends_a_token_where_others_read_along(line: Line, device: NewDevice) -> None:
    by_token = connect_by_token(device.key, "x" * 24, "y" * 32)
    for connect in (connect_to_register(device.key, line.secret), by_token):
        async with await line.door.open() as client:
            assert (await client.login(connect)).reason == 2
    assert line.door.hub.counts.refused["tls_required"] == 2


async def test_nor_over_a_websocket_of_which_we_do_not_know_whether_others_read_along(
    line: Line, device: NewDevice
) -> None:
    said = iter([encode(connect_to_register(device.key, line.secret), 4)])
    answered, answers = asyncio.Event(), []

    async def receive() -> bytes:
        for first in said:
            return first
        await answered.wait()
        return b""

    async def send(answer: bytes) -> None:
        answers.append(answer)
        answered.set()

    async with asyncio.timeout(120):
        await line.door.hub.carry("10.0.0.1", receive, send)
    assert answers == [b"\x20\x02\x00\x02"]


@pytest.mark.parametrize("method", [LISTED, UNLISTED])
async def test_what_is_refused(line: Line, device: NewDevice, method: LoginMethod) -> None:
    assert await line.answer(connect_to_register(device.key, "0" * 16, method)) == 4
    assert await line.answer(connect_to_register(DeviceKey("nosuchkey", "pump-1"), line.secret, method)) == 4
    without_random = connect_to_register(device.key, line.secret, method, extension="signmethod=hmacsha256")
    assert await line.answer(without_random) == 2
    await line.door.registrations.set_rule(SYSTEM, device.key.product_key, registration=False, listed_only=False)
    assert await line.answer(connect_to_register(device.key, line.secret, method)) == 4
    assert line.door.hub.counts.refused["registration_off"] == 1


async def test_a_name_that_nobody_listed(line: Line) -> None:
    key = line.key("newcomer-7")
    assert await line.answer(connect_to_register(key, line.secret, LISTED)) == 4
    told = await line.told(connect_to_register(key, line.secret, UNLISTED), "/ext/regnwl")
    assert list(told) == ["clientId", "productKey", "deviceName", "deviceToken"]
    connect = connect_by_token(key, told["clientId"], told["deviceToken"])
    async with await line.open() as client:
        assert (await client.login(connect)).reason == 0
        assert await line.door.value("SELECT online FROM device WHERE device_name = 'newcomer-7'") == 1
        topic = f"/sys/{key.product_key}/{key.device_name}/thing/event/property/post"
        await client.publish(topic, b'{"id":"1","params":{}}')
    for wrong in (
        connect_by_token(key, told["clientId"], told["deviceToken"].lower() + "x"),
        connect_by_token(key, "another-client", told["deviceToken"]),
        connect_by_token(line.key("newcomer-8"), told["clientId"], told["deviceToken"]),
    ):
        assert await line.answer(wrong) == 4


async def test_with_a_list_a_name_that_nobody_listed_is_refused(door: HubDoor) -> None:
    line = await line_of(door)
    assert await line.answer(connect_to_register(line.key("newcomer-7"), line.secret, UNLISTED)) == 4
    assert await door.value("SELECT count(*) FROM device") == 0


async def test_a_registering_connection_is_no_session_of_the_device(line: Line, device: NewDevice) -> None:
    async with await line.open() as client:
        topic = f"/{device.key.product_key}/{device.key.device_name}/user/update"
        early = Subscribe(7, (Subscription(f"/{device.key.product_key}/{device.key.device_name}/user/get", 1),))
        await client.send(connect_to_register(device.key, line.secret), early, Publish(topic, b"hello", 1, 3))
        await client.next()
        assert isinstance(await client.next(), Publish)
        await client.send(Publish(topic, b"hello again", 1, 4))
        assert not await line.door.deliver(device, topic.replace("update", "get"))
        assert await line.door.value("SELECT online FROM device WHERE id = :id", id=device.id) == 0
        assert await client.until_closed() == []  # the server closes it
    assert line.door.hub.counts.uplinks == 0
    assert line.door.hub.counts.closed["registered"] == 1


async def test_their_number_is_bounded(sqlite_db: Database, certificates: CertificateFiles) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, registering_connections=1) as door:
        line = await line_of(door, listed_only=False)
        first, second = (connect_to_register(line.key(f"pump-{n}"), line.secret, UNLISTED) for n in (1, 2))
        async with await line.open() as client:
            assert (await client.login(first)).reason == 0
            assert await line.answer(second) == 3
        await reached(lambda: door.hub.counts.connections == 0)
        assert await line.answer(second) == 0


async def test_after_a_reset_whoever_was_connected_is_cut_off(line: Line, device: NewDevice) -> None:
    async with await line.door.online(device) as old:
        assert await line.answer(connect_to_register(device.key, line.secret)) == 4
        await asyncio.sleep(0.002)  # the permission is of a later millisecond than the login
        assert await line.door.registrations.let_register_again(SYSTEM, [device.key]) == 1
        told = await line.told(connect_to_register(device.key, line.secret), "/ext/register")
        assert await old.until_closed() == []
    assert (await line.door.answer(device)).reason == 4
    renewed = NewDevice(device.id, device.key, told["deviceSecret"])
    assert (await line.door.answer(renewed)).reason == 0
    assert await line.answer(connect_to_register(device.key, line.secret)) == 4  # it has logged in: over


async def test_wrong_tries_throttle_that_address_and_device_only(line: Line, device: NewDevice) -> None:
    for _ in range(5):
        assert await line.answer(connect_to_register(device.key, "0" * 16)) == 4
    assert await line.answer(connect_to_register(device.key, line.secret)) == 3
    assert await line.answer(connect_to_register(line.key("pump-2"), line.secret, UNLISTED)) == 0
    elsewhere = await line.door.registrations.register(registration(device.key, line.secret, Way.LISTED, "192.0.2.7"))
    assert getattr(elsewhere, "device_id", None) == device.id


async def test_a_device_is_told_to_ask_again_where_to_connect(line: Line, device: NewDevice) -> None:
    notices = BootstrapNotices(line.door.db, SystemClock(), line.door.bus)
    async with await line.door.online(device) as client:
        await notices.send(SYSTEM, device.key)
        told = await client.next()
    assert isinstance(told, Publish)
    assert told.topic == f"/sys/{device.key.product_key}/{device.key.device_name}/thing/bootstrap/notify"
    notice = json.loads(told.payload)
    assert list(notice) == ["id", "cmd"]
    assert (notice["id"].isdecimal(), notice["cmd"]) == (True, 0)
