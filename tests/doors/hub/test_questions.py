"""RRPC: a device is asked while somebody waits."""

import asyncio
from contextlib import suppress

import pytest

from linkops.bus import Answered, Outcome
from linkops.devices.model import NewDevice
from linkops.devices.topics.model import Access, TopicRule
from linkops.errors import Conflict, Invalid, Refused, TooLarge, TooMany
from linkops.events.actor import SYSTEM
from linkops.hub.questions import MOST_OF_DEVICE
from linkops.mqtt.packets import PingReq, PingResp, Publish, Unsubscribe
from tests.support.hub import HubDoor
from tests.support.mqtt import MqttClient

PATIENT_S, HASTY_S = 8, 1
UNDERSTANDS = "securemode=3,signmethod=hmacsha256,_ss=1,ext=3"


def asked(door: HubDoor, device: NewDevice, timeout_s: float = PATIENT_S, **options: str) -> "asyncio.Task[Answered]":
    """Begin to ask a device, as REST does: on another loop than the hub's."""
    question = door.services.api.questions.ask(SYSTEM, device.key, b"how are you?", timeout_s=timeout_s, **options)
    return asyncio.create_task(question)


async def heard(client: MqttClient) -> Publish:
    message = await client.next()
    assert isinstance(message, Publish)
    return message


async def alive(client: MqttClient) -> None:
    """Wait until the server has worked on everything that the client sent."""
    await client.send(PingReq())
    assert await client.next() == PingResp()


def answer_topic(question: Publish) -> str:
    return question.topic.replace("/rrpc/request/", "/rrpc/response/")


async def test_a_device_answers(door: HubDoor, version: int) -> None:
    device = await door.device()
    async with await door.online(device, version) as client:
        asking = asked(door, device)
        question = await heard(client)
        prefix = f"/sys/{device.key.product_key}/{device.key.device_name}/rrpc/request/"
        assert question.topic.startswith(prefix)
        assert question.topic.removeprefix(prefix).isdecimal()
        assert question.payload == b"how are you?"
        await client.send(Publish(answer_topic(question), b"fine\xff"))
        assert await asking == Answered(Outcome.ANSWERED, b"fine\xff")


async def test_questions_are_told_apart(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device) as client:
        first = asked(door, device)
        one = await heard(client)
        second = asked(door, device)
        two = await heard(client)
        assert one.topic != two.topic
        await client.publish(answer_topic(two), b"2")
        await client.publish(answer_topic(one), b"1")
        assert [(await first).payload, (await second).payload] == [b"1", b"2"]


async def test_on_a_custom_topic_for_who_understands_and_subscribed(door: HubDoor, version: int) -> None:
    product = await door.products.create(SYSTEM, "Pumps")
    await door.services.api.topics.replace(SYSTEM, product.product_key, [TopicRule("+", Access.SUBSCRIBE)])
    device = await door.device(product)
    custom = f"/{device.key.product_key}/{device.key.device_name}/user/get"
    async with await door.online(device, version, extension=UNDERSTANDS) as client:
        assert await asked(door, device, path="get") == Answered(Outcome.NOT_SUBSCRIBED)
        assert await client.subscribe(f"/ext/rrpc/+{custom}") == b"\x01"
        asking = asked(door, device, path="get")
        question = await heard(client)
        assert question.topic.startswith("/ext/rrpc/")
        assert question.topic.endswith(custom)
        await client.send(Publish(question.topic, b"fine"))
        assert await asking == Answered(Outcome.ANSWERED, b"fine")
        assert await asked(door, device, path="other") == Answered(Outcome.NOT_SUBSCRIBED)


async def test_who_does_not_understand_custom_topics_is_not_asked_there(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device, extension="securemode=3,signmethod=hmacsha256,ext=2") as client:
        await client.subscribe(f"/ext/rrpc/+/{device.key.product_key}/{device.key.device_name}/user/get")
        assert await asked(door, device, path="get") == Answered(Outcome.NOT_SUBSCRIBED)


async def test_who_is_away_or_wants_no_questions(door: HubDoor) -> None:
    device = await door.device()
    assert await asked(door, device) == Answered(Outcome.OFFLINE)
    async with await door.online(device) as client:
        topic = f"/sys/{device.key.product_key}/{device.key.device_name}/rrpc/request/+"
        await client.send(Unsubscribe(1, (topic,)))
        await client.next()
        assert await asked(door, device) == Answered(Outcome.NOT_SUBSCRIBED)


async def test_late_repeated_and_foreign_answers_are_dropped(door: HubDoor) -> None:
    product = await door.products.create(SYSTEM, "Pumps")
    device, other = await door.device(product), await door.device(product)
    async with await door.online(device) as client, await door.online(other) as stranger:
        asking = asked(door, device, HASTY_S)
        question = await heard(client)
        message_id = question.topic.rpartition("/")[2]
        # Of another device, on that one's own topic and on this one's; and of this one, under another name.
        own = f"/sys/{other.key.product_key}/{other.key.device_name}/rrpc/response/{message_id}"
        await stranger.publish(own, b"I am it")
        await stranger.publish(answer_topic(question), b"I am it")
        await client.publish(answer_topic(question) + "0", b"another")
        assert await asking == Answered(Outcome.TIMEOUT)
        await client.publish(answer_topic(question), b"late")

        asking = asked(door, device)
        question = await heard(client)
        await client.publish(answer_topic(question), b"first")
        await client.publish(answer_topic(question), b"second")
        assert (await asking).payload == b"first"
        await alive(client)


async def test_so_many_at_once_and_no_more(door: HubDoor) -> None:
    device, other = await door.device(), await door.device()
    async with await door.online(device) as client, await door.online(other) as second:
        asking = [asked(door, device) for _ in range(MOST_OF_DEVICE)]
        questions = [await heard(client) for _ in asking]
        with pytest.raises(TooMany):
            await asked(door, device)
        elsewhere = asked(door, other)
        await second.publish(answer_topic(await heard(second)), b"me too")
        assert (await elsewhere).payload == b"me too"
        for question in questions:
            await client.send(Publish(answer_topic(question), b"fine"))
        assert {(await each).outcome for each in asking} == {Outcome.ANSWERED}
        asking = [asked(door, device)]
        await client.send(Publish(answer_topic(await heard(client)), b"again"))
        assert (await asking[0]).payload == b"again"


async def test_who_gives_up_makes_room(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device) as client:
        for _ in range(2 * MOST_OF_DEVICE):
            asking = asked(door, device)
            await heard(client)
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking
        asking = asked(door, device)
        await client.publish(answer_topic(await heard(client)), b"still here")
        assert (await asking).payload == b"still here"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Invalid, {"timeout_s": 0}),
        (Invalid, {"timeout_s": 8.5}),
        (Invalid, {"timeout_s": 5, "path": "get/+"}),
        (Invalid, {"timeout_s": 5, "path": ""}),
        (Conflict, {"timeout_s": 5, "path": "secret"}),
        (TooLarge, {"timeout_s": 5, "payload": bytes(131_073)}),
    ],
)
async def test_what_is_refused_leaves_no_trace(door: HubDoor, kind: type[Refused], options: dict[str, object]) -> None:
    product = await door.products.create(SYSTEM, "Pumps")
    device = await door.device(product)
    await door.services.api.topics.replace(SYSTEM, product.product_key, [TopicRule("get", Access.BOTH)])
    with pytest.raises(kind):
        await door.services.api.questions.ask(SYSTEM, device.key, **{"payload": b"", **options})  # type: ignore[arg-type]  # any
    assert await door.value("SELECT count(*) FROM audit WHERE action = 'device.ask'") == 0
