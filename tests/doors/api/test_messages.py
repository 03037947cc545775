"""Messages, questions, tags and topics over HTTP; what a device hears is shown in tests/doors/cli."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from linkops.bus import Answered, Broadcast, Downlink, Outcome, Question
from tests.support.api import Door
from tests.support.hubs import NoHub

PUMPS = "/api/v1/products/pumps"
DEVICE = f"{PUMPS}/devices/pump-1"


class Hub(NoHub):
    """Answers what it is told to, and remembers what came."""

    def __init__(self) -> None:
        self.downlinks: list[Downlink] = []
        self.rules: list[tuple[str, str]] = []
        self.broadcasts: list[Broadcast] = []
        self.questions: list[Question] = []
        self.answer: Answered | None = None
        self.given_up = asyncio.Event()
        self.asked = asyncio.Event()

    def deliver(self, downlinks: Sequence[Downlink]) -> list[bool]:
        self.downlinks += downlinks
        return [downlink.topic.startswith("/pumps/pump-1/") for downlink in downlinks]

    def change_topics(self, product_id: int, rules: Sequence[tuple[str, str]]) -> None:  # noqa: ARG002 - the interface
        self.rules = list(rules)

    async def broadcast(self, broadcast: Broadcast) -> int:
        self.broadcasts.append(broadcast)
        return 7

    async def ask(self, question: Question) -> Answered:
        self.questions.append(question)
        self.asked.set()
        if self.answer is None:
            try:
                await asyncio.Event().wait()
            finally:
                self.given_up.set()
        assert self.answer is not None
        return self.answer


@pytest.fixture
async def hub(door: Door, admin: httpx.AsyncClient) -> Hub:
    """Two pumps and a hub that reaches only the first."""
    await admin.post("/api/v1/products", json={"name": "Pumps", "product_key": "pumps"})
    for name in ("pump-1", "pump-2"):
        await admin.post(f"{PUMPS}/devices", json={"device_name": name})
    hub = Hub()
    door.bus.attach(hub, asyncio.get_running_loop())
    return hub


def named(*names: str) -> list[dict[str, str]]:
    return [{"product_key": "pumps", "device_name": name} for name in names]


async def test_a_message_to_several_devices(hub: Hub, admin: httpx.AsyncClient) -> None:
    message = {"devices": named("pump-1", "pump-2"), "path": "get", "payload": "aGk=", "encoding": "base64"}
    answer = await admin.post("/api/v1/devices/messages", json=message)
    assert answer.json() == {
        "items": [
            {"product_key": "pumps", "device_name": "pump-1", "outcome": "delivered"},
            {"product_key": "pumps", "device_name": "pump-2", "outcome": "not_delivered"},
        ]
    }
    assert {(each.topic, each.payload, each.qos) for each in hub.downlinks} == {
        ("/pumps/pump-1/user/get", b"hi", 1),
        ("/pumps/pump-2/user/get", b"hi", 1),
    }
    hub.downlinks.clear()
    for devices, status in ((named("pump-1", "stranger"), 404), (named("pump-1") * 201, 422), ([], 422)):
        refused = await admin.post("/api/v1/devices/messages", json={**message, "devices": devices})
        assert refused.status_code == status
    for wrong, field in (({"path": "a/+"}, "path"), ({"payload": "?"}, "payload"), ({"qos": 2}, "qos")):
        refused = await admin.post("/api/v1/devices/messages", json={**message, **wrong})
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert hub.downlinks == []


async def test_a_foreign_device_refuses_the_whole_call(door: Door, hub: Hub, admin: httpx.AsyncClient) -> None:
    await admin.post("/api/v1/products", json={"name": "Fans", "product_key": "fans"})
    await admin.post("/api/v1/products/fans/devices", json={"device_name": "fan-1"})
    devices = [*named("pump-1"), {"product_key": "fans", "device_name": "fan-1"}]
    async with door.client(await door.token("ann", "operator", "pumps")) as ann:
        answer = await ann.post("/api/v1/devices/messages", json={"devices": devices, "path": "get", "payload": "x"})
        assert answer.status_code == 404
        own = await ann.post("/api/v1/devices/messages", json={"devices": devices[:1], "path": "get", "payload": "x"})
        assert own.status_code == 200
    assert [each.topic for each in hub.downlinks] == ["/pumps/pump-1/user/get"]


async def test_rules_of_a_product(hub: Hub, admin: httpx.AsyncClient) -> None:
    assert (await admin.get(f"{PUMPS}/topics")).json() == {"rules": []}
    rules = [{"path": "cmd/#", "access": "subscribe"}, {"path": "update", "access": "publish"}]
    assert (await admin.put(f"{PUMPS}/topics", json={"rules": rules})).json() == {"rules": rules}
    assert (await admin.get(f"{PUMPS}/topics")).json() == {"rules": rules}
    assert hub.rules == [("cmd/#", "subscribe"), ("update", "publish")]
    refused = await admin.put(f"{PUMPS}/topics", json={"rules": [{"path": "#/a", "access": "both"}]})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "topic.path", "rules")

    one = await admin.post(f"{DEVICE}/messages", json={"path": "update", "payload": "x"})
    assert (one.status_code, one.json()["code"]) == (409, "topic.not_allowed")
    many = {"devices": named("pump-1"), "path": "update", "payload": "x"}
    assert (await admin.post("/api/v1/devices/messages", json=many)).json()["items"][0]["outcome"] == "not_allowed"
    asked = await admin.post(f"{DEVICE}/rrpc", json={"path": "update", "payload": "x"})
    assert (asked.status_code, asked.json()["code"]) == (409, "topic.not_allowed")
    assert hub.downlinks == []
    assert hub.questions == []
    assert (await admin.post(f"{DEVICE}/messages", json={"path": "cmd/x", "payload": "x"})).status_code == 202


async def test_a_broadcast(hub: Hub, admin: httpx.AsyncClient) -> None:
    answer = await admin.post(f"{PUMPS}/broadcasts", json={"path": "news", "payload": "hello", "qos": 0})
    assert answer.json() == {"delivered": 7}
    (broadcast,) = hub.broadcasts
    assert (broadcast.topic, broadcast.payload, broadcast.qos) == ("/broadcast/pumps/news", b"hello", 0)
    too_large = await admin.post(f"{PUMPS}/broadcasts", json={"path": "news", "payload": "x" * 65_537})
    assert too_large.status_code == 413


async def test_a_question_and_its_answer(hub: Hub, admin: httpx.AsyncClient) -> None:
    hub.answer = Answered(Outcome.ANSWERED, b"fine")
    told = (await admin.post(f"{DEVICE}/rrpc", json={"payload": "how are you?", "timeout_s": 2})).json()
    assert told.pop("took_ms") >= 0
    assert told == {"outcome": "answered", "payload": "fine", "encoding": "text"}
    (question,) = hub.questions
    assert (question.downlink.payload, question.timeout_s, question.custom) == (b"how are you?", 2, False)

    hub.answer = Answered(Outcome.ANSWERED, b"\xff")
    told = (await admin.post(f"{DEVICE}/rrpc", json={"payload": "", "path": "get"})).json()
    assert (told["payload"], told["encoding"]) == ("/w==", "base64")
    assert hub.questions[1].downlink.topic == f"/ext/rrpc/{hub.questions[1].name}"
    assert hub.questions[1].name.endswith("/pumps/pump-1/user/get")


@pytest.mark.parametrize("outcome", ["timeout", "offline", "not_subscribed", "no_room"])
async def test_no_answer_is_an_outcome(hub: Hub, admin: httpx.AsyncClient, outcome: str) -> None:
    hub.answer = Answered(Outcome(outcome))
    told = (await admin.post(f"{DEVICE}/rrpc", json={"payload": "x"})).json()
    assert (told["outcome"], told["payload"]) == (outcome, None)


async def test_questions_that_are_refused(hub: Hub, admin: httpx.AsyncClient) -> None:
    hub.answer = Answered(Outcome.TOO_MANY)
    refused = await admin.post(f"{DEVICE}/rrpc", json={"payload": "x"})
    assert (refused.status_code, refused.json()["code"]) == (429, "rrpc.too_many")
    assert "Retry-After" in refused.headers
    for wrong, field in (({"timeout_s": 9}, "timeout_s"), ({"timeout_s": 0.5}, "timeout_s"), ({"path": "#"}, "path")):
        refused = await admin.post(f"{DEVICE}/rrpc", json={"payload": "x", **wrong})
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert (await admin.post(f"{PUMPS}/devices/stranger/rrpc", json={"payload": "x"})).status_code == 404


async def test_a_question_is_forgotten_when_its_client_goes(hub: Hub, admin: httpx.AsyncClient) -> None:
    asking = asyncio.create_task(admin.post(f"{DEVICE}/rrpc", json={"payload": "x", "timeout_s": 8}))
    async with asyncio.timeout(120):
        await hub.asked.wait()
        asking.cancel()
        await hub.given_up.wait()


async def test_tags_and_who_set_them(hub: Hub, admin: httpx.AsyncClient) -> None:
    await admin.patch(f"{DEVICE}/tags", json={"tags": {"site": "berlin"}})
    assert (await admin.get(f"{DEVICE}/tags")).json() == {
        "items": [{"key": "site", "value": "berlin", "origin": "operator"}]
    }
