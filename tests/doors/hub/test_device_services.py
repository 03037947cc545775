"""The time, and tags of devices, over the wire."""

import json
from typing import Any

import pytest

from linkops.clock import SystemClock
from linkops.devices.model import NewDevice
from linkops.devices.tags.model import Origin, Tag
from linkops.events.actor import SYSTEM
from linkops.mqtt.packets import PingReq, PingResp, PubAck, Publish
from tests.support.hub import HubDoor
from tests.support.mqtt import MqttClient


def tags_topic(device: NewDevice, verb: str = "update") -> str:
    return f"/sys/{device.key.product_key}/{device.key.device_name}/thing/deviceinfo/{verb}"


async def answered(client: MqttClient, topic: str, payload: bytes) -> dict[str, Any]:
    """Return the answer to a message; it is compact."""
    await client.publish(topic, payload)
    heard = await client.next()
    assert isinstance(heard, Publish)
    assert heard.topic == f"{topic}_reply"
    await client.send(PubAck(heard.packet_id))
    told: dict[str, Any] = json.loads(heard.payload)
    assert heard.payload == json.dumps(told, separators=(",", ":")).encode()
    return told


async def tags(door: HubDoor, device: NewDevice) -> dict[str, Tag]:
    return await door.services.api.tags.of(SYSTEM, device.key)


async def silent(client: MqttClient) -> None:
    """Check that nothing waits to be heard."""
    await client.send(PingReq())
    assert await client.next() == PingResp()


async def test_the_time_without_a_subscription(door: HubDoor, version: int) -> None:
    device = await door.device()
    topic = f"/ext/ntp/{device.key.product_key}/{device.key.device_name}"
    async with await door.online(device, version, extension="securemode=3,signmethod=hmacsha1") as client:
        before = SystemClock().now()
        await client.send(Publish(f"{topic}/request", b'{"deviceSendTime":"1571724098000"}'))
        heard = await client.next()
        assert isinstance(heard, Publish)
        assert (heard.topic, heard.qos) == (f"{topic}/response", 0)
        told = json.loads(heard.payload)
        assert told.pop("deviceSendTime") == "1571724098000"
        assert before <= int(told["serverRecvTime"]) <= int(told["serverSendTime"]) <= SystemClock().now()
        await client.send(Publish(f"{topic}/request", b"what time is it?"))
        await silent(client)
    assert door.hub.counts.denied["malformed"] == 1


async def test_tags_are_set_and_deleted(door: HubDoor, version: int) -> None:
    device = await door.device()
    async with await door.online(device, version) as client:
        sent = (
            b'{"id":"1|exp-topic|x","version":"1.0","params":[{"attrKey":"room","attrValue":"7"},'
            b'{"attrKey":"SYS_SDK_LANGUAGE","attrValue":"NodeJS","domain":"SYSTEM"}],"method":"thing.deviceinfo.update"}'
        )
        assert await answered(client, tags_topic(device), sent) == {
            "id": "1|exp-topic|x",
            "code": 200,
            "data": {},
            "message": "success",
            "method": "thing.deviceinfo.update",
            "version": "1.0",
        }
        assert await tags(door, device) == {
            "SYS_SDK_LANGUAGE": Tag("NodeJS", Origin.SYSTEM),
            "room": Tag("7", Origin.DEVICE),
        }
        told = await answered(client, tags_topic(device, "delete"), b'{"id":2,"params":[{"attrKey":"room"}]}')
        assert (told["id"], told["code"], told["method"]) == (2, 200, "thing.deviceinfo.delete")
        assert await tags(door, device) == {"SYS_SDK_LANGUAGE": Tag("NodeJS", Origin.SYSTEM)}


@pytest.mark.parametrize(
    ("payload", "message_id"),
    [
        (b"", ""),
        (b"[]", ""),
        (b'{"id":"1"}', "1"),
        (b'{"id":"1","params":{}}', "1"),
        (b'{"id":7,"params":[{"attrKey":"k"}]}', 7),
        (b'{"id":"1","params":[{"attrKey":"good","attrValue":"v"},{"attrKey":"b d","attrValue":"v"}]}', "1"),
        (b'{"id":"1","params":[{"attrKey":"k","attrValue":"%s"}]}' % (b"v" * 129), "1"),
        (b'{"id":"1","params":[%s]}' % b",".join(b'{"attrKey":"k%d","attrValue":"v"}' % n for n in range(101)), "1"),
    ],
)
async def test_what_cannot_be_read_is_answered_and_changes_nothing(
    door: HubDoor, payload: bytes, message_id: str | int
) -> None:
    device = await door.device()
    async with await door.online(device) as client:
        told = await answered(client, tags_topic(device), payload)
        assert (told["id"], told["code"], told["data"]) == (message_id, 460, {})
        assert told["message"] not in {"", "success"}
        assert await tags(door, device) == {}


async def test_who_wants_no_reply_gets_none(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device) as client:
        for params in (b'[{"attrKey":"room","attrValue":"7"}]', b"7"):
            await client.publish(tags_topic(device), b'{"id":"1","sys":{"ack":0},"params":%s}' % params)
        await silent(client)
        assert list(await tags(door, device)) == ["room"]


async def test_an_operators_tag_stays_and_the_device_hears_so(door: HubDoor) -> None:
    device = await door.device()
    await door.devices.change_tags(SYSTEM, [device.key], {"site": "berlin"})
    async with await door.online(device) as client:
        sent = b'{"id":"1","params":[{"attrKey":"site","attrValue":"x"},{"attrKey":"room","attrValue":7}]}'
        told = await answered(client, tags_topic(device), sent)
        assert (told["code"], told["data"]) == (200, {"kept": ["site"]})
        assert await door.devices.tags(SYSTEM, device.key) == {"room": "7", "site": "berlin"}


async def test_more_tags_than_a_device_may_have(door: HubDoor) -> None:
    device = await door.device()
    entries = b",".join(b'{"attrKey":"k%d","attrValue":"v"}' % number for number in range(100))
    async with await door.online(device) as client:
        assert (await answered(client, tags_topic(device), b'{"id":"1","params":[%s]}' % entries))["code"] == 200
        more = b'{"id":"2","params":[{"attrKey":"more","attrValue":"v"}]}'
        told = await answered(client, tags_topic(device), more)
        assert (told["code"], "100" in told["message"]) == (460, True)
        assert len(await tags(door, device)) == 100


async def test_channels_that_nobody_serves_are_taken_without_a_word(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device) as client:
        topic = f"/sys/{device.key.product_key}/{device.key.device_name}/thing/event/tamper/post"
        assert await client.publish(topic, b'{"id":"1","params":{}}') == PubAck(1)
        await silent(client)
