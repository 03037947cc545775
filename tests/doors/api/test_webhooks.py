"""Webhooks and live streams over HTTP."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from linkops.api.rest import streams
from linkops.db import Tx
from linkops.events.store import Event, record_events
from linkops.scheduler import Scheduler
from tests.support.api import Door

HOOK = {"url": "https://93.184.216.34/hook", "kinds": ["ota.task_ended"]}
STREAM = "/api/v1/events/stream"


@pytest.fixture
async def ticking(door: Door) -> AsyncIterator[None]:
    """Let streams be fed, as in a server."""
    scheduler = Scheduler()
    door.services.subscriptions.start(scheduler)
    yield
    await scheduler.stop()
    await door.services.subscriptions.stop()


async def product_id(door: Door, admin: httpx.AsyncClient, key: str) -> int:
    """Create a product and return its id."""
    await admin.post("/api/v1/products", json={"name": f"Product {key}", "product_key": key})
    return int(await door.db.read(lambda tx: tx.scalar("SELECT id FROM product WHERE product_key = :key", key=key)))


async def happen(door: Door, product: int, *numbers: int) -> None:
    """Let something happen for each number."""

    def write(tx: Tx) -> None:
        record_events(tx, [Event(1, "device.online", product, None, {"n": number}) for number in numbers])

    await door.db.write(write)


async def numbers(lines: AsyncIterator[str], count: int) -> list[int]:
    """Return the numbers of the next events of a stream."""
    found: list[int] = []
    async with asyncio.timeout(120):
        async for line in lines:
            if line.startswith("data: "):
                found.append(msgspec.json.decode(line.removeprefix("data: "))["payload"]["n"])
            if len(found) == count:
                return found
    raise AssertionError("the stream ended")


async def test_webhooks_are_managed(admin: httpx.AsyncClient) -> None:
    made = await admin.post("/api/v1/webhooks", json=HOOK)
    assert made.status_code == 201, made.text
    path, secret = f"/api/v1/webhooks/{made.json()['id']}", made.json()["secret"]
    assert secret.startswith("lowh_")
    shown = (await admin.get(path)).json()
    assert (shown["url"], shown["enabled"], shown["batch"], "secret" in shown) == (HOOK["url"], True, True, False)
    edited = await admin.patch(path, json={"enabled": False, "description": "For the ticket system"})
    assert (edited.json()["enabled"], edited.json()["disabled_reason"]) == (False, "operator")
    rotated = (await admin.post(f"{path}/rotate-secret", json={"grace_h": 1})).json()
    assert rotated["secret"] != secret
    assert rotated["old_secret_until_at"] > 0
    listed = (await admin.get("/api/v1/webhooks")).json()
    assert [webhook["description"] for webhook in listed["items"]] == ["For the ticket system"]
    assert (await admin.get(f"{path}/dead-letters")).json() == {"items": [], "next": None}
    assert (await admin.get(f"{path}/dead-letters/1")).status_code == 404
    assert (await admin.post(f"{path}/dead-letters/replay")).json()["code"] == "webhook.disabled"
    assert (await admin.post(f"{path}/dead-letters/delete", json={})).json() == {"count": 0}
    assert (await admin.delete(path)).status_code == 204
    assert (await admin.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "http://127.0.0.1/"}, "webhook.address_refused"),
        ({"url": "http://0x7f000001/"}, "webhook.address_refused"),
        ({"url": "http://[::ffff:169.254.169.254]/"}, "webhook.address_refused"),
        ({"url": "file:///etc/passwd"}, "webhook.url_invalid"),
        ({"url": "https://me:word@example.com/"}, "webhook.url_invalid"),
        ({"kinds": ["everything"]}, "event.kinds_invalid"),
    ],
)
async def test_webhooks_that_may_not_be(admin: httpx.AsyncClient, change: dict[str, object], code: str) -> None:
    refused = await admin.post("/api/v1/webhooks", json={**HOOK, **change})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert (await admin.get("/api/v1/webhooks")).json()["items"] == []


async def test_a_stream_tells_what_happens_and_goes_on_where_it_was_cut(
    door: Door, admin: httpx.AsyncClient, ticking: None
) -> None:
    pumps = await product_id(door, admin, "pumps")
    async with admin.stream("GET", STREAM) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        await happen(door, pumps, 1, 2)
        assert await numbers(lines, 2) == [1, 2]
    last = int(await door.db.read(lambda tx: tx.scalar("SELECT max(id) FROM event")))
    await happen(door, pumps, 3, 4)
    async with admin.stream("GET", STREAM, headers={"Last-Event-ID": str(last)}) as answer:
        lines = answer.aiter_lines()
        assert await numbers(lines, 2) == [3, 4]
        await happen(door, pumps, 5)
        assert await numbers(lines, 1) == [5]


async def test_a_stream_shows_only_products_of_its_reader(door: Door, admin: httpx.AsyncClient, ticking: None) -> None:
    pumps, fans = await product_id(door, admin, "pumps"), await product_id(door, admin, "fans")
    async with door.client(await door.token("ann", "viewer", "fans")) as ann:
        async with ann.stream("GET", STREAM) as answer:
            await happen(door, pumps, 1)
            await happen(door, fans, 2)
            assert await numbers(answer.aiter_lines(), 1) == [2]
        assert (await ann.get(STREAM, params={"product_key": "pumps"})).status_code == 404
        assert (await ann.get(STREAM, params={"kinds": "nothing"})).status_code == 422
        assert (await ann.get(STREAM, params={"device_name": "pump-1"})).status_code == 422


async def test_a_stream_ends_soon_after_its_token_was_revoked(
    door: Door, admin: httpx.AsyncClient, ticking: None
) -> None:
    door.services.subscriptions.streams.heartbeat_s = 0.1
    made = (await admin.post("/api/v1/tokens", json={"name": "tail"})).json()
    async with door.client(made["token"]) as program, program.stream("GET", STREAM) as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        await admin.delete(f"/api/v1/tokens/{made['id']}")
        async with asyncio.timeout(120):
            rest = [line async for line in lines]
    assert ": still here" in rest


async def test_a_reader_that_leaves_makes_room(door: Door, admin: httpx.AsyncClient, ticking: None) -> None:
    for _ in range(12):
        async with admin.stream("GET", STREAM) as answer:
            assert answer.status_code == 200
            await anext(answer.aiter_lines())
    async with asyncio.timeout(120):
        while door.services.subscriptions.counts.streams:  # noqa: ASYNC110 - the end of a connection tells nobody
            await asyncio.sleep(0.01)


async def test_a_reader_that_does_not_read_is_cut_off(
    door: Door, admin: httpx.AsyncClient, ticking: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "READ_WITHIN_S", 0.3)
    pumps = await product_id(door, admin, "pumps")
    _, writer = await asyncio.open_connection("127.0.0.1", door.port, limit=1_024)
    token = await door.token("ann", "viewer")
    writer.write(f"GET {STREAM} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    counts = door.services.subscriptions.counts
    async with asyncio.timeout(120):
        while not counts.streams:  # noqa: ASYNC110 - as below
            await asyncio.sleep(0.01)
        large = [Event(1, "device.online", pumps, None, {"text": "x" * 100_000}) for _ in range(300)]
        await door.db.write(record_events, large)
        while counts.streams:  # noqa: ASYNC110 - the end of a stream tells nobody
            await asyncio.sleep(0.01)
    writer.close()


async def test_the_eleventh_stream_of_an_account_is_refused(door: Door, admin: httpx.AsyncClient) -> None:
    answers = [admin.stream("GET", STREAM) for _ in range(10)]
    for answer in answers:
        assert (await answer.__aenter__()).status_code == 200
    refused = await admin.get(STREAM)
    assert (refused.status_code, refused.json()["code"]) == (429, "stream.too_many")
    assert refused.headers["retry-after"] == "15"
    for answer in answers:
        await answer.__aexit__(None, None, None)
    await door.services.subscriptions.stop()
