"""Reading the event log onwards, and delivering from it, on both engines."""

import pytest

from linkops.clock import FixedClock
from linkops.db import Database, Tx
from linkops.events.actor import SYSTEM
from linkops.subscriptions.delivery import store as delivery
from linkops.subscriptions.model import DisabledReason
from linkops.subscriptions.reading import store
from linkops.subscriptions.reading.store import Wanted, newest, read_events
from tests.support.subscriptions import Carriers


@pytest.fixture
async def carriers(db: Database, clock: FixedClock) -> Carriers:
    """Everything about carrying events, on each engine in turn."""
    carriers = Carriers(db, clock)
    await carriers.start()
    return carriers


async def test_the_log_is_read_onwards_in_parts(carriers: Carriers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "IDS_PER_READ", 7)
    ids = await carriers.happen(20)
    place, seen = 0, []
    while (found := await carriers.db.read(read_events, Wanted(), place, 5)).upto > place:
        seen += [event.id for event in found.events]
        place = found.upto
    assert seen == ids
    assert place == found.newest == await carriers.db.read(newest)


async def test_only_what_is_wanted_and_the_place_moves_over_the_rest(carriers: Carriers) -> None:
    other = await carriers.registry.product("Fans")
    await carriers.happen(3, "device.online")
    [task] = await carriers.happen(1, "ota.task_ended")
    await carriers.happen(2, "ota.task_ended", other)
    wanted = Wanted(["ota.task_ended"], [carriers.product.id])
    found = await carriers.db.read(read_events, wanted, 0, 100)
    assert [event.id for event in found.events] == [task]
    assert found.upto == found.newest
    found = await carriers.db.read(read_events, Wanted(device_id=carriers.device.id), 0, 100)
    assert len(found.events) == 4
    assert (await carriers.db.read(read_events, Wanted(kinds=[]), 0, 100)).events == []


async def test_a_gap_at_the_beginning_is_leapt_over(carriers: Carriers) -> None:
    ids = await carriers.happen(30)
    await carriers.db.write(lambda tx: tx.run("DELETE FROM event WHERE id < :id", id=ids[-1]))
    found = await carriers.db.read(read_events, Wanted(), 0, 100)
    assert [event.id for event in found.events] == [ids[-1]]
    await carriers.db.write(lambda tx: tx.run("DELETE FROM event"))
    assert (await carriers.db.read(read_events, Wanted(), ids[-1], 100)).events == []


async def test_names_are_joined_and_those_of_deleted_devices_are_known(carriers: Carriers) -> None:
    await carriers.happen(1)
    [before] = (await carriers.db.read(read_events, Wanted(), 0, 100)).events
    assert (before.product_key, before.device_name) == tuple(carriers.device.key)
    await carriers.registry.devices.delete(SYSTEM, [carriers.device.key])
    earlier, deleted = (await carriers.db.read(read_events, Wanted(), 0, 100)).events
    assert (earlier.product_key, earlier.device_name) == tuple(carriers.device.key)
    assert (deleted.kind, deleted.device_name) == ("device.deleted", carriers.device.key.device_name)
    await carriers.registry.products.delete(SYSTEM, carriers.product.product_key)
    earlier, deleted = (await carriers.db.read(read_events, Wanted(), 0, 100)).events
    assert (deleted.product_key, deleted.device_name) == tuple(carriers.device.key)


async def test_a_place_never_goes_back(carriers: Carriers) -> None:
    made = await carriers.webhook("https://receiver.example/")
    ids = await carriers.happen(4)
    now = carriers.clock.now()
    found = await carriers.db.read(delivery.next_for, made.id, None, 2, now)
    assert found is not None
    assert ([event.id for event in found.events], found.more) == (ids[:2], True)
    await carriers.db.write(delivery.delivered, found.target, ids[3], now)
    await carriers.db.write(delivery.delivered, found.target, ids[1], now)
    assert await carriers.db.write(delivery.failed, found.target, 1, now, "no", now, last=ids[0])
    after = await carriers.db.read(delivery.next_for, made.id, None, 2, now)
    assert after is not None
    assert (after.target.place, after.target.failures, after.events) == (ids[3], 1, [])


async def test_letters_are_buried_once_and_the_oldest_go(carriers: Carriers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "MAX_LETTERS", 3)
    made = await carriers.webhook("https://receiver.example/")
    ids = await carriers.happen(5)
    now = carriers.clock.now()
    found = await carriers.db.read(delivery.next_for, made.id, None, 100, now)
    assert found is not None
    letters = [(event, "{}") for event in found.events]
    for some in (letters, letters[2:]):
        await carriers.db.write(delivery.bury, found.target, some, 10, "HTTP 500", now)
    assert [letter.event_id for letter in await carriers.letters.page(SYSTEM, made.id)] == ids[2:]
    assert await carriers.letters.replay(SYSTEM, made.id) == 3
    replays = await carriers.db.read(delivery.next_for, made.id, None, 2, now)
    assert replays is not None
    assert (len(replays.replays), replays.events) == (2, [])
    await carriers.db.write(delivery.replay_failed, [replays.replays[0].id], "HTTP 500", now)
    await carriers.db.write(delivery.replayed, [replays.replays[1].id])
    assert [letter.tries for letter in await carriers.letters.page(SYSTEM, made.id)] == [11, 10]
    assert await carriers.db.read(delivery.lags) == ({made.id: 5}, 2)
    assert await carriers.letters.delete(SYSTEM, made.id) == 2


async def test_webhooks_go_with_their_product(carriers: Carriers) -> None:
    other = await carriers.registry.product("Fans")
    await carriers.webhook("https://receiver.example/", product_key=other.product_key)
    kept = await carriers.webhook("https://receiver.example/")
    await carriers.registry.products.delete(SYSTEM, other.product_key)
    assert [webhook.id for webhook in await carriers.webhooks.page(SYSTEM)] == [kept.id]


async def test_passing_over_is_stored_unless_the_webhook_has_moved(carriers: Carriers) -> None:
    made = await carriers.webhook("https://receiver.example/")
    await carriers.db.write(delivery.settle, [(made.id, 0, 7)])
    await carriers.db.write(delivery.settle, [(made.id, 0, 5)])
    assert await carriers.db.read(_place, made.id) == 7
    found = await carriers.db.read(delivery.next_for, made.id, None, 1, carriers.clock.now())
    assert found is not None
    assert await carriers.db.write(delivery.disable, found.target, DisabledReason.GONE, "HTTP 410", 1)
    assert not await carriers.db.write(delivery.disable, found.target, DisabledReason.GONE, "HTTP 410", 1)
    assert await carriers.db.read(delivery.next_for, made.id, None, 1, carriers.clock.now()) is None


def _place(tx: Tx, webhook_id: int) -> int:
    return int(tx.scalar("SELECT last_event_id FROM webhook WHERE id = :id", id=webhook_id))
