"""Gateways that want secrets for their sub-devices."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest

from linkops.alink.iot_ids import write_iot_id
from linkops.devices.model import DeviceKey, NewDevice, NodeType
from linkops.events.actor import SYSTEM
from linkops.mqtt.packets import PubAck, Publish
from tests.support.hub import HubDoor
from tests.support.registration import RANDOM, sign


class House(NamedTuple):
    """A gateway, and sub-devices that have never logged in."""

    door: HubDoor
    gateway: NewDevice
    subs: Sequence[NewDevice]
    product_secret: str

    async def ask(self, name: str, params: Any, who: NewDevice | None = None, payload: bytes | None = None) -> Any:
        """Return the answer to a request of the gateway, or of another device."""
        device = who or self.gateway
        topic = f"/sys/{device.key.product_key}/{device.key.device_name}/thing/{name}"
        async with await self.door.online(device) as client:
            body = payload or json.dumps({"id": "7", "version": "1.0", "params": params}).encode()
            await client.send(Publish(topic, body, 1, 3))
            while not isinstance(answer := await client.next(), Publish):
                assert isinstance(answer, PubAck)
        assert answer.topic == f"{topic}_reply"
        assert b'": ' not in answer.payload
        return json.loads(answer.payload)

    async def bind(self, sub: NewDevice, gateway: NewDevice) -> None:
        """Hang a sub-device on a gateway."""
        await self.door.db.write(
            lambda tx: tx.run("INSERT INTO topology VALUES (:sub, :gateway, 1)", sub=sub.id, gateway=gateway.id)
        )

    async def register(self, *subs: NewDevice) -> Any:
        return await self.ask("sub/register", [spelled(sub.key) for sub in subs])


@pytest.fixture
async def house(door: HubDoor) -> House:
    gateways = await door.products.create(SYSTEM, "Gateways", node_type=NodeType.GATEWAY)
    sensors = await door.products.create(SYSTEM, "Sensors", node_type=NodeType.SUBDEVICE)
    await door.registrations.set_rule(SYSTEM, sensors.product_key, registration=True, listed_only=True)
    subs = [await door.devices.create(SYSTEM, sensors.product_key, f"sensor-{n}") for n in range(2)]
    secret = await door.products.secret(SYSTEM, sensors.product_key)
    return House(door, await door.device(gateways), subs, secret)


def spelled(key: DeviceKey) -> dict[str, str]:
    return {"productKey": key.product_key, "deviceName": key.device_name}


def proxied(sub: NewDevice, secret: str, **changes: Any) -> dict[str, Any]:
    signed = {"random": RANDOM, "signMethod": "hmacSha256", "sign": sign(sub.key, secret)}
    return {**spelled(sub.key), **signed, **changes}


async def test_sub_devices_get_their_secrets(house: House) -> None:
    answer = await house.register(*house.subs)
    assert (answer["id"], answer["code"]) == ("7", 200)
    assert [list(each) for each in answer["data"]] == [["iotId", "productKey", "deviceName", "deviceSecret"]] * 2
    assert [each["iotId"] for each in answer["data"]] == [write_iot_id(sub.id) for sub in house.subs]
    for each, sub in zip(answer["data"], house.subs, strict=True):
        assert each["deviceSecret"] != sub.secret
        assert (await house.door.answer(sub, secret=each["deviceSecret"])).reason == 0
    assert (await house.register(*house.subs))["code"] == 6289  # they have logged in: never handed out again


async def test_all_or_none(house: House) -> None:
    first, second = house.subs
    await house.door.devices.set_enabled(SYSTEM, [second.key], enabled=False)
    answer = await house.register(first, second)
    assert (answer["code"], answer["data"]) == (6204, {})
    assert (await house.door.answer(first)).reason == 0  # its secret is still the one of before


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ([], 460),
        ("{}", 460),
        ({"productKey": "x", "deviceName": "y"}, 460),
        ([{"productKey": "x", "deviceName": "no/name"}], 460),
        ([{"productKey": "x"}], 460),
        ([{"productKey": "nosuchkey", "deviceName": f"sensor-{n}"} for n in range(31)], 460),
        ([{"productKey": "nosuchkey", "deviceName": "sensor-1"}], 5005),
    ],
)
async def test_what_is_refused(house: House, params: Any, code: int) -> None:
    assert (await house.ask("sub/register", params))["code"] == code


async def test_more_of_what_is_refused(house: House) -> None:
    sub, key = house.subs[0], house.subs[0].key
    nobody = NewDevice(0, DeviceKey(key.product_key, "nobody-1"), "")
    assert (await house.register(nobody))["code"] == 6100
    plain = await house.door.device()
    assert (await house.ask("sub/register", [spelled(key)], plain))["code"] == 6203
    assert (await house.register(plain))["code"] == 6288
    assert (await house.ask("sub/register", None, payload=b"{not json"))["code"] == 460
    other = await house.door.device(await house.door.products.get(SYSTEM, house.gateway.key.product_key))
    await house.bind(sub, other)
    assert (await house.register(sub))["code"] == 6619
    await house.door.registrations.set_rule(SYSTEM, key.product_key, registration=False, listed_only=True)
    assert (await house.register(sub))["code"] == 6288


async def test_sub_devices_that_prove_their_product(house: House) -> None:
    first, second = house.subs
    nobody = NewDevice(0, DeviceKey(first.key.product_key, "nobody-1"), "")
    wanted = [
        proxied(first, house.product_secret),
        proxied(second, "guess"),
        proxied(nobody, house.product_secret),
        proxied(nobody._replace(key=DeviceKey("nosuchkey", "sensor-1")), house.product_secret),
        proxied(nobody._replace(key=DeviceKey("nosuchkey", "sensor-2")), "x", signMethod="hmacsha512"),
        proxied(nobody._replace(key=DeviceKey("nosuchkey", "no/name")), "x"),
    ]
    answer = await house.ask("proxy/provisioning/product_register", {"proxieds": wanted})
    assert answer["code"] == 200
    (success,) = answer["data"]["successes"]
    assert (await house.door.answer(first, secret=success["deviceSecret"])).reason == 0
    failures = {each["deviceName"]: each["code"] for each in answer["data"]["failures"]}
    assert failures == {"sensor-1": 6250, "nobody-1": 6100, "sensor-2": 6292, "no/name": 460} | {
        second.key.device_name: failures[second.key.device_name]
    }
    codes = [each["code"] for each in answer["data"]["failures"] if each["productKey"] == second.key.product_key]
    assert sorted(codes) == [6100, 6600]
    assert all(each["errorMessage"] for each in answer["data"]["failures"])


@pytest.mark.parametrize("params", [{}, {"proxieds": []}, {"proxieds": [{"productKey": "a"}]}, [], None])
async def test_proxied_nonsense(house: House, params: Any) -> None:
    assert (await house.ask("proxy/provisioning/product_register", params))["code"] == 460


async def test_no_reply_where_none_is_wanted(house: House) -> None:
    device = house.gateway
    topic = f"/sys/{device.key.product_key}/{device.key.device_name}/thing/sub/register"
    body = {"id": "7", "params": [spelled(house.subs[0].key)], "sys": {"ack": 0}}
    async with await house.door.online(device) as client:
        await client.publish(topic, json.dumps(body).encode())
        await client.publish(topic, b'{"id":"8","sys":{"ack":0}}', 2)
    assert (await house.door.answer(house.subs[0])).reason != 0


async def test_parting_with_sub_devices(house: House) -> None:
    mine, theirs = house.subs
    other = await house.door.device(await house.door.products.get(SYSTEM, house.gateway.key.product_key))
    for sub, gateway in ((mine, house.gateway), (theirs, other)):
        await house.bind(sub, gateway)
    both = [spelled(sub.key) for sub in house.subs]
    assert (await house.ask("sub/unregister", both))["code"] == 6401
    stranger = {"productKey": "nosuchkey", "deviceName": "sensor-1"}
    assert (await house.ask("sub/unregister", [stranger, *both]))["code"] == 6100
    assert await house.door.value("SELECT count(*) FROM topology") == 2
    answer = await house.ask("sub/unregister", both[:1])
    assert (answer["code"], answer["data"]) == (200, {})
    assert await house.door.value("SELECT sub_id FROM topology") == theirs.id
    told = await house.door.value("SELECT body FROM event WHERE kind = 'gateway.topology_changed'")
    assert '"action":"delete"' in told
    assert await house.door.value("SELECT count(*) FROM device") == 4  # nothing but the bond is gone
    assert (await house.ask("sub/unregister", both[:1]))["code"] == 6401  # once more
    assert (await house.ask("sub/unregister", both[:1], await house.door.device()))["code"] == 6203
