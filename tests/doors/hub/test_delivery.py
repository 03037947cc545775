"""What devices hear: system topics unasked, custom ones after SUBSCRIBE, and later what they missed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from linkops.devices.model import NewDevice
from linkops.mqtt.outbox import MAX_IN_FLIGHT, MAX_WAITING
from linkops.mqtt.packets import Disconnect, PingReq, PingResp, PubAck, Publish, UnsubAck, Unsubscribe
from linkops.mqtt.properties import Properties
from linkops.mqtt.reasons import Reason
from tests.support.hub import HubDoor, reached
from tests.support.mqtt import MqttClient, connect_of

LASTING = {4: Properties(), 5: Properties(session_expiry_s=3_600)}


def custom(device: NewDevice, path: str = "get") -> str:
    return f"/{device.key.product_key}/{device.key.device_name}/user/{path}"


def system(device: NewDevice, name: str = "thing/service/property/set") -> str:
    return f"/sys/{device.key.product_key}/{device.key.device_name}/{name}"


@asynccontextmanager
async def lasting(
    door: HubDoor, device: NewDevice, version: int, *, present: bool, **connect: Any
) -> AsyncIterator[MqttClient]:
    """Yield a connection with a persistent session that the server still knows or not; says goodbye at the end."""
    async with await door.open(version) as client:
        wanted = connect_of(device, version, clean_start=False, properties=LASTING[version], **connect)
        answer = await client.login(wanted)
        assert (answer.reason, answer.session_present) == (0, present)
        yield client
        await leave(door, client)


async def leave(door: HubDoor, client: MqttClient) -> None:
    """Say goodbye, and wait until the server has heard it."""
    with suppress(ConnectionError):
        await client.send(Disconnect())
    await client.until_closed()
    await reached(lambda: door.hub.counts.connections == 0)


async def test_system_topics_need_no_subscribe(door: HubDoor, version: int) -> None:
    device = await door.device()
    names = device.key
    topics = [
        system(device),
        system(device, "thing/ota/firmware/get_reply"),
        system(device, "rrpc/request/77"),
        f"/ota/device/upgrade/{names.product_key}/{names.device_name}",
        f"/shadow/get/{names.product_key}/{names.device_name}",
        f"/ext/error/{names.product_key}/{names.device_name}",
    ]
    async with await door.online(device, version, extension="securemode=3,signmethod=hmacsha1") as client:
        for topic in topics:
            assert await door.deliver(device, topic, b"x", qos=0)
            assert await client.next() == Publish(topic, b"x")


async def test_unsubscribing_stops_a_system_topic_and_subscribing_brings_it_back(door: HubDoor, version: int) -> None:
    device = await door.device()
    wildcard = system(device, "thing/event/+/post_reply")
    topic = system(device, "thing/event/property/post_reply")
    async with await door.online(device, version) as client:
        await client.send(Unsubscribe(3, (wildcard,)))
        assert isinstance(await client.next(), UnsubAck)
        assert not await door.deliver(device, topic)
        assert await door.deliver(device, system(device))
        await client.next()
        assert await client.subscribe(wildcard) == b"\x01"
        assert await door.deliver(device, topic)
        assert await client.next() == Publish(topic, b"{}")


async def test_whoever_wants_no_replies_gets_none(door: HubDoor, version: int) -> None:
    """C SDK 3 says so by an UNSUBSCRIBE."""
    device = await door.device()
    pull, reply = system(device, "thing/ota/firmware/get"), system(device, "thing/ota/firmware/get_reply")
    async with await door.online(device, version) as client:
        await client.publish(pull, b'{"id":"1","params":{}}', 1)
        assert isinstance(await client.next(), Publish)
        await client.send(Unsubscribe(3, (reply,)))
        await client.next()
        await client.publish(pull, b'{"id":"2","params":{}}', 2)
        await client.send(PingReq())
        assert await client.next() == PingResp()


async def test_custom_topics_need_a_subscribe(door: HubDoor, version: int) -> None:
    device = await door.device()
    async with await door.online(device, version) as client:
        assert not await door.deliver(device, custom(device))
        await client.subscribe(custom(device, "+"))
        assert await door.deliver(device, custom(device), b"now")
        assert await client.next() == Publish(custom(device), b"now")
        assert not await door.deliver(device, custom(device, "deeper/down"))
        await client.send(Unsubscribe(3, (custom(device, "+"),)))
        await client.next()
        assert not await door.deliver(device, custom(device))


async def test_the_quality_is_the_publishers(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device) as client:
        await client.subscribe(custom(device), qos=0)
        assert await door.deliver(device, custom(device), b"x", qos=1)
        assert await client.next() == Publish(custom(device), b"x", 1, 1)


async def test_nobody_is_reached_who_is_not_there(door: HubDoor) -> None:
    assert not await door.deliver(await door.device(), "/any")


async def test_a_hundred_filters_and_no_more(door: HubDoor, version: int) -> None:
    device = await door.device()
    async with await door.online(device, version) as client:
        answers = await client.subscribe(*(custom(device, str(number)) for number in range(100)))
        assert answers == b"\x01" * 100
        refused = Reason.QUOTA_EXCEEDED if version == 5 else 0x80
        assert await client.subscribe(custom(device, "one-too-many")) == bytes((refused,))


async def test_a_device_that_never_acknowledges_gets_no_more_than_it_may(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device) as client:
        sent = [await door.deliver(device, system(device), b"%d" % number, qos=1) for number in range(250)]
        assert sent == [True] * (MAX_IN_FLIGHT + MAX_WAITING) + [False] * 50
        heard = [await client.next() for _ in range(MAX_IN_FLIGHT)]
        assert [each.payload for each in heard if isinstance(each, Publish)] == [b"%d" % n for n in range(100)]
        await client.send(PubAck(1))
        assert await client.next() == Publish(system(device), b"100", 1, 101)


async def test_the_receive_maximum_of_an_mqtt_5_client_is_kept(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device, 5, properties=Properties(receive_maximum=1)) as client:
        assert await door.deliver(device, system(device), b"1", qos=1)
        assert await door.deliver(device, system(device), b"2", qos=1)
        assert await client.next() == Publish(system(device), b"1", 1, 1)
        await client.send(PubAck(1))
        assert await client.next() == Publish(system(device), b"2", 1, 2)


async def test_a_packet_larger_than_the_client_takes_is_not_sent(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device, 5, properties=Properties(maximum_packet_bytes=100)):
        assert not await door.deliver(device, system(device), bytes(100))


@pytest.mark.parametrize("mqtt", [4, 5])
async def test_a_persistent_session_keeps_subscriptions_and_what_was_missed(door: HubDoor, mqtt: int) -> None:
    device = await door.device()
    async with lasting(door, device, mqtt, present=False) as client:
        await client.subscribe(custom(device))
    assert await door.kept(device, custom(device), b"while away")
    async with lasting(door, device, mqtt, present=True) as client:
        assert await client.next() == Publish(custom(device), b"while away", 1, 1)
        assert await door.deliver(device, custom(device), b"now")
        assert await client.next() == Publish(custom(device), b"now")


@pytest.mark.parametrize("mqtt", [4, 5])
async def test_what_was_not_acknowledged_comes_again_and_what_was_does_not(door: HubDoor, mqtt: int) -> None:
    device = await door.device()
    async with lasting(door, device, mqtt, present=False) as client:
        await client.subscribe(custom(device))
        assert await door.deliver(device, custom(device), b"seen", qos=1, keep=True)
        assert await door.deliver(device, custom(device), b"lost", qos=1, keep=True)
        assert await client.next() == Publish(custom(device), b"seen", 1, 1)
        await client.send(PubAck(1))
        assert await client.next() == Publish(custom(device), b"lost", 1, 2)
    await door.until("SELECT count(*) FROM stored_downlink", 1)
    async with lasting(door, device, mqtt, present=True) as client:
        again = await client.next()
        assert isinstance(again, Publish)
        assert again.payload == b"lost"
        await client.send(PubAck(again.packet_id))
        await door.until("SELECT count(*) FROM stored_downlink", 0)


async def test_a_clean_start_forgets(door: HubDoor) -> None:
    device = await door.device()
    async with lasting(door, device, 4, present=False) as client:
        await client.subscribe(custom(device))
    assert await door.kept(device, custom(device), b"while away")
    async with await door.online(device):
        assert not await door.deliver(device, custom(device))
    await reached(lambda: door.hub.counts.connections == 0)
    async with lasting(door, device, 4, present=False):
        assert not await door.deliver(device, custom(device))


async def test_an_mqtt_5_client_may_give_its_session_up_when_it_leaves(door: HubDoor) -> None:
    device = await door.device()
    async with lasting(door, device, 5, present=False) as client:
        await client.send(Disconnect(properties=Properties(session_expiry_s=0)))
    async with lasting(door, device, 5, present=False):
        pass


async def test_the_c_sdk_hears_of_no_resumed_session_in_mqtt_5(door: HubDoor) -> None:
    """It refuses a CONNACK whose flags are not zero."""
    device = await door.device()
    extension = "securemode=2,signmethod=hmacsha256,_v=sdk-c-4.1.0"
    for _ in range(2):
        async with lasting(door, device, 5, present=False, extension=extension):
            pass


async def test_a_device_that_reads_nothing_is_sent_no_more(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device):
        outcomes = [await door.deliver(device, system(device), bytes(60_000)) for _ in range(400)]
        assert outcomes[0]
        assert not outcomes[-1]
