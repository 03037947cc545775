"""Custom topics of products with rules: held to when devices publish, when they subscribe, and at every delivery."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from linkops.bus import Broadcast
from linkops.devices.model import NewDevice, Product
from linkops.devices.topics.model import VENDOR_RULES, Access, TopicRule
from linkops.events.actor import SYSTEM
from linkops.events.interest import Interest
from linkops.events.kinds import DEVICE_MESSAGE
from linkops.mqtt.packets import PingReq, PingResp, PubAck, Publish
from linkops.mqtt.reasons import Reason
from tests.support.hub import HubDoor
from tests.support.mqtt import MqttClient

PUBLISH, SUBSCRIBE, BOTH = Access


class Lamp(NamedTuple):
    """A device that is online, of a product with the vendor's rules."""

    door: HubDoor
    product: Product
    device: NewDevice
    client: MqttClient

    def topic(self, path: str) -> str:
        return "/".join(("", *self.device.key, "user", path))

    async def may(self, *rules: TopicRule) -> None:
        await self.door.services.api.topics.replace(SYSTEM, self.product.product_key, rules)

    async def hears(self, path: str) -> bool:
        if not await self.door.deliver(self.device, self.topic(path), b"x"):
            return False
        assert await self.client.next() == Publish(self.topic(path), b"x")
        return True


@pytest.fixture
async def lamp(door: HubDoor, version: int) -> AsyncIterator[Lamp]:
    product = await door.products.create(SYSTEM, "Lamps")
    device = await door.device(product)
    async with await door.online(device, version) as client:
        lamp = Lamp(door, product, device, client)
        await lamp.may(*VENDOR_RULES)
        yield lamp


async def test_the_vendors_rules(lamp: Lamp) -> None:
    denied = Reason.NOT_AUTHORIZED if lamp.client.version == 5 else 0
    answers = {
        path: (await lamp.client.publish(lamp.topic(path), b"x", number)).reason
        for number, path in enumerate(("update", "error", "get", "other", "update/more"), 1)
    }
    assert answers == {"update": 0, "error": 0, "get": 0, "other": denied, "update/more": denied}
    assert lamp.door.hub.counts.denied["publish"] == 2

    refused = Reason.NOT_AUTHORIZED if lamp.client.version == 5 else 0x80
    wanted = ("get", "update", "#", "+", "get/#")
    assert await lamp.client.subscribe(*map(lamp.topic, wanted)) == bytes((1, *[refused] * 4))
    assert await lamp.hears("get")
    assert not await lamp.hears("update")


async def test_a_change_is_felt_by_who_is_connected(lamp: Lamp) -> None:
    await lamp.client.subscribe(lamp.topic("get"))
    assert await lamp.hears("get")
    await lamp.may(TopicRule("cmd/#", SUBSCRIBE))
    assert not await lamp.hears("get")
    assert await lamp.client.subscribe(lamp.topic("cmd/+")) == b"\x01"
    assert await lamp.hears("cmd/reboot")
    await lamp.may()
    assert await lamp.hears("get")
    assert await lamp.client.subscribe(lamp.topic("#")) == b"\x01"
    assert await lamp.hears("any/thing")


async def test_rules_of_a_product_leave_the_others_alone(lamp: Lamp) -> None:
    other = await lamp.door.device()
    async with await lamp.door.online(other) as client:
        topic = "/".join(("", *other.key, "user", "any"))
        assert await client.publish(topic, b"x") == PubAck(1)
        assert await client.subscribe(topic) == b"\x01"


async def test_a_subscription_outlives_the_right_to_it_but_is_not_served(door: HubDoor) -> None:
    """CVE-2021-34434: a session that lasts is looked at again when it comes back, and at every delivery."""
    product = await door.products.create(SYSTEM, "Lamps")
    device = await door.device(product)
    topic = "/".join(("", *device.key, "user", "get"))
    async with await door.online(device, clean_start=False) as client:
        await client.subscribe(topic)
    await door.until("SELECT online FROM device", 0)
    assert await door.kept(device, topic, b"secret")
    await door.services.api.topics.replace(SYSTEM, product.product_key, [TopicRule("other", BOTH)])
    async with await door.online(device, clean_start=False) as client:
        await door.until("SELECT count(*) FROM stored_downlink", 0)
        assert not await door.deliver(device, topic, b"secret")
        await client.send(PingReq())
        assert await client.next() == PingResp()


async def test_a_broadcast_reaches_who_subscribed(door: HubDoor) -> None:
    product = await door.products.create(SYSTEM, "Lamps")
    hears, deaf, foreign = await door.device(product), await door.device(product), await door.device()
    topic = f"/broadcast/{product.product_key}/news"
    async with await door.online(hears) as one, await door.online(deaf), await door.online(foreign) as other:
        await one.subscribe(f"/broadcast/{product.product_key}/+")
        await other.subscribe(f"/broadcast/{foreign.key.product_key}/news")
        assert await door.bus.broadcast(Broadcast(product.id, topic, b"hello", 0)) == 1
        assert await one.next() == Publish(topic, b"hello")
        await other.send(PingReq())
        assert await other.next() == PingResp()


async def test_messages_are_events_only_while_somebody_wants_them(door: HubDoor) -> None:
    device = await door.device()
    topic = "/".join(("", *device.key, "user", "update/deep"))
    interest: Interest = door.services.hub.incoming.interest
    async with await door.online(device) as client:
        await client.publish(topic, b"nobody listens")
        interest.replace([DEVICE_MESSAGE])
        for payload in (b"hello", b"\xff\0", b"x" * 40_000):
            await client.publish(topic, payload)
        interest.replace([])
        await client.publish(topic, b"nobody listens")
    rows = await door.db.read(lambda tx: tx.all("SELECT body FROM event WHERE kind = 'device.message' ORDER BY id"))
    who = f'{{"product_key":"{device.key.product_key}","device_name":"{device.key.device_name}","path":"update/deep",'
    assert [body for (body,) in rows] == [
        who + '"content":"hello","encoding":"text","sizeBytes":5}',
        who + '"content":"/wA=","encoding":"base64","sizeBytes":2}',
        who + '"sizeBytes":40000}',
    ]
