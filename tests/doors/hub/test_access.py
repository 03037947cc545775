"""A device reaches its own topics and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from linkops.devices.model import NewDevice
from linkops.events.actor import SYSTEM
from linkops.mqtt.packets import Disconnect, PingReq, PingResp, PubAck, Publish, Unsubscribe
from linkops.mqtt.reasons import Reason
from tests.support.hub import HubDoor
from tests.support.mqtt import MqttClient

FILTERS_OF_OTHERS = [
    "#",
    "+/+",
    "/#",
    "/+/+/user/#",
    "$SYS/#",
    "/sys/#",
    "/sys/+/+/thing/event/property/post_reply",
    "/sys/{pk}/+/thing/service/property/set",
    "/sys/{pk}/#",
    "/ota/device/#",
    "/ota/device/upgrade/{pk}/+",
    "/ota/device/upgrade/{pk}/{other}",
    "/ext/rrpc/+/{pk}/{other}/user/get",
    "/ext/#",
    "/{pk}/{other}/user/get",
    "/+/{dn}/user/get",
    "/{pk}/+/user/get",
    "/shadow/get/+/+",
    "/broadcast/+/all",
    "$share/group/#",
    "$share/group/{pk}/{other}/user/get",
    "$share/group//{pk}/{other}/user/get",
    "$share/group//sys/+/+/thing/service/property/set",
    "/sys/{pk}/{dn}/thing/#/x",
    "$share/+/x",
]
OWN_FILTERS = [
    "/{pk}/{dn}/user/get",
    "/{pk}/{dn}/user/#",
    "/sys/{pk}/{dn}/thing/event/+/post_reply",
    "/sys/{pk}/{dn}/rrpc/request/+",
    "/sys/{pk}/{dn}/secure_tunnel/notify",
    "/ext/rrpc/+/{pk}/{dn}/user/get",
    "/ext/session/{pk}/{dn}/combine/login_reply",
    "/ota/device/upgrade/{pk}/{dn}",
    "/ota/device/request/{pk}/{dn}",
    "/shadow/get/{pk}/{dn}",
    "/broadcast/{pk}/all",
    "$share/group//{pk}/{dn}/user/get",
]
TOPICS_OF_OTHERS = [
    "/ota/device/inform/{pk}/{other}",
    "/ota/device/progress/{pk}/{other}",
    "/sys/{pk}/{other}/thing/ota/firmware/get",
    "/{pk}/{other}/user/get",
    "/ext/session/{pk}/{other}/combine/login",
    "/sys/{pk}/{other}/thing/service/property/set",
    "/ota/device/upgrade/{pk}/{other}",
    # Its own, but only the server publishes there.
    "/ota/device/upgrade/{pk}/{dn}",
    "/sys/{pk}/{dn}/thing/service/property/set",
    "/sys/{pk}/{dn}/thing/ota/firmware/get_reply",
    "$SYS/broker",
    "nonsense",
    "/",
    "/broadcast/{pk}/all",
]


@dataclass
class Pair:
    """Two devices of one product, both online."""

    door: HubDoor
    own: NewDevice
    other: NewDevice
    client: MqttClient
    victim: MqttClient

    def named(self, pattern: str) -> str:
        """Return a topic or filter with the names in it."""
        names = {"pk": self.own.key.product_key, "dn": self.own.key.device_name, "other": self.other.key.device_name}
        return pattern.format(**names)


@pytest.fixture
async def pair(door: HubDoor, version: int) -> AsyncIterator[Pair]:
    product = await door.products.create(SYSTEM, "Neighbours")
    own, other = await door.device(product), await door.device(product)
    async with await door.online(own, version) as client, await door.online(other, version) as victim:
        await victim.subscribe(f"/{other.key.product_key}/{other.key.device_name}/user/#")
        yield Pair(door, own, other, client, victim)


async def test_subscribing_to_what_is_not_its_own_is_denied_and_the_connection_stays(pair: Pair) -> None:
    denied = Reason.NOT_AUTHORIZED if pair.client.version == 5 else 0x80
    answers = await pair.client.subscribe(*map(pair.named, FILTERS_OF_OTHERS))
    assert dict(zip(FILTERS_OF_OTHERS, answers, strict=True)) == dict.fromkeys(FILTERS_OF_OTHERS, denied)
    pk, other = pair.other.key
    for topic in (f"/{pk}/{other}/user/get", f"/sys/{pk}/{other}/thing/service/property/set"):
        assert await pair.door.deliver(pair.other, topic, b"secret")
        assert await pair.victim.next() == Publish(topic, b"secret")
    await pair.client.send(PingReq())
    assert await pair.client.next() == PingResp()


async def test_subscribing_to_its_own(pair: Pair) -> None:
    answers = await pair.client.subscribe(*map(pair.named, OWN_FILTERS))
    assert dict(zip(OWN_FILTERS, answers, strict=True)) == dict.fromkeys(OWN_FILTERS, 1)


async def test_publishing_to_what_is_not_its_own_is_dropped(pair: Pair) -> None:
    denied = Reason.NOT_AUTHORIZED if pair.client.version == 5 else 0
    for number, topic in enumerate(map(pair.named, TOPICS_OF_OTHERS), 1):
        assert await pair.client.publish(topic, b'{"params":{"version":"6.6.6"}}', number) == PubAck(number, denied)
    assert pair.door.hub.counts.denied["publish"] == len(TOPICS_OF_OTHERS)
    assert await pair.door.value("SELECT count(*) FROM module_version") == 0
    await pair.victim.send(PingReq())
    assert await pair.victim.next() == PingResp()


async def test_a_message_to_be_retained_reaches_nobody(pair: Pair) -> None:
    await pair.client.send(Publish(pair.named("/{pk}/{other}/user/get"), b"x", 1, 1, retain=True))
    heard = await pair.client.next()
    assert heard == (Disconnect(Reason.RETAIN_NOT_SUPPORTED) if pair.client.version == 5 else PubAck(1))
    await pair.victim.send(PingReq())
    assert await pair.victim.next() == PingResp()


async def test_both_halves_of_qos_2_end_the_connection(pair: Pair) -> None:
    await pair.client.send(Publish(pair.named("/{pk}/{dn}/user/x"), b"x", 2, 1))
    heard = await pair.client.until_closed()
    assert heard == ([Disconnect(Reason.QOS_NOT_SUPPORTED)] if pair.client.version == 5 else [])
    await pair.victim.send_bytes(b"\x62\x02\x00\x01")
    heard = await pair.victim.until_closed()
    assert heard == ([Disconnect(Reason.PROTOCOL_ERROR)] if pair.victim.version == 5 else [])


async def test_what_was_denied_once_is_not_delivered_after_the_other_has_gone(pair: Pair) -> None:
    """A subscription must not outlive the right to it (CVE-2021-34434): there is none to begin with."""
    await pair.client.subscribe(pair.named("/{pk}/{other}/user/get"))
    await pair.client.send(Unsubscribe(8, (pair.named("/{pk}/{other}/user/get"),)))
    await pair.client.next()
    assert not await pair.door.deliver(pair.own, pair.named("/{pk}/{dn}/user/get"))
