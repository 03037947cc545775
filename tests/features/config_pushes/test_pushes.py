"""A push reaches whoever is enabled: at once who is online, the others when they come, and nobody twice."""

import hashlib

import pytest

from linkops.errors import Conflict, Invalid, TooMany
from linkops.events.actor import SYSTEM
from linkops.remote_config.pushes.creating import NewPush
from linkops.remote_config.pushes.model import PushStatus, StopReason
from linkops.remote_config.pushes.progress import MAX_ATTEMPTS, ONLINE_GRACE_MS, SLOT_MS
from linkops.settings import load_settings
from tests.support.config_fleet import ConfigFleet, counted_results, push_counters
from tests.support.groups import static

HALF_HOUR_MS = 1_800_000
HOUR_MS = 3_600_000


async def test_who_is_online_is_told_at_once_and_the_others_when_they_come(fleet: ConfigFleet) -> None:
    here, away = await fleet.start(2, document='{"interval":30}')
    await fleet.connect(here)
    push = await fleet.push()
    await fleet.tick()
    [told] = fleet.take_pushes()["pump-0"]
    assert told.config_size == len('{"interval":30}')
    assert told.sign == hashlib.sha256(b'{"interval":30}').hexdigest()
    assert await fleet.counts(push) == {"SENT": 1, "OFFLINE": 1}
    await fleet.connect(away)
    await fleet.tick()
    assert fleet.take_pushes() == {}, "it first has a moment to set itself up"
    fleet.clock.advance(ONLINE_GRACE_MS)
    await fleet.tick()
    assert set(fleet.take_pushes()) == {"pump-1"}
    assert await fleet.counts(push) == {"SENT": 2}


async def test_what_devices_say_and_fetch_is_recorded_and_the_push_ends(fleet: ConfigFleet) -> None:
    devices = await fleet.start(3)
    await fleet.connect(*devices)
    push = await fleet.push()
    await fleet.tick()
    said_yes, said_no, fetched = devices
    assert await fleet.answer(said_yes, push)
    assert await fleet.answer(said_no, push, 400, "no such key\n\x1b[31m")
    [link] = fleet.take_pushes()["pump-2"]
    assert await fleet.fetch(link.url) == b'{"a":1}'
    assert [await fleet.status(device, push) for device in devices] == [
        "ACKNOWLEDGED",
        "FAILED refused",
        "DOWNLOADED",
    ]
    assert (await fleet.result(said_no, push)).code == 400
    assert (await fleet.look(push)).status is PushStatus.IN_PROGRESS
    await fleet.tick()
    assert (await fleet.look(push)).status is PushStatus.COMPLETED
    assert await fleet.answer(fetched, push), "what it says counts more than what it fetched"
    assert await fleet.status(fetched, push) == "ACKNOWLEDGED"


async def test_repeated_late_and_foreign_answers_change_nothing(fleet: ConfigFleet) -> None:
    device, other = await fleet.start(2)
    await fleet.connect(device)
    push = await fleet.push()
    await fleet.tick()
    assert await fleet.answer(device, push, 500)
    for code in (500, 200, 460):
        assert not await fleet.answer(device, push, code)
    assert not await fleet.answer(other, push), "it was sent nothing"
    [link] = fleet.take_pushes()["pump-0"]
    await fleet.fetch(link.url)
    assert await fleet.status(device, push) == "FAILED refused"
    assert await fleet.status(other, push) == "OFFLINE"
    assert await fleet.db.read(counted_results, push.id) == await fleet.db.read(push_counters, push.id)


async def test_a_link_that_nobody_fetches_fails_after_half_an_hour(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1)
    await fleet.connect(device)
    push = await fleet.push()
    await fleet.tick()
    fleet.clock.advance(HALF_HOUR_MS - 1)
    await fleet.tick()
    assert await fleet.status(device, push) == "SENT"
    fleet.clock.advance(1)
    await fleet.tick()
    assert await fleet.status(device, push) == "FAILED not_fetched"
    await fleet.disconnect(device)
    await fleet.connect(device)
    fleet.clock.advance(ONLINE_GRACE_MS)
    await fleet.tick()
    assert await fleet.status(device, push) == "SENT", "it may never have heard of the first one"


async def test_a_device_that_comes_and_goes_is_told_once_a_minute_and_not_for_ever(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1)
    await fleet.connect(device)
    push = await fleet.push()
    await fleet.tick()
    told = len(fleet.take_pushes()["pump-0"])
    for _ in range(4 * MAX_ATTEMPTS):
        await fleet.disconnect(device)
        fleet.clock.advance(SLOT_MS // 4)
        await fleet.connect(device)
        fleet.clock.advance(SLOT_MS // 4)
        await fleet.tick()
        new = len(fleet.take_pushes().get("pump-0", []))
        assert new <= 1
        told += new
    assert told == MAX_ATTEMPTS
    assert (await fleet.result(device, push)).attempt == MAX_ATTEMPTS


async def test_nothing_is_lost_or_doubled_when_the_server_is_killed_before_it_published(fleet: ConfigFleet) -> None:
    devices = await fleet.start(3)
    await fleet.connect(*devices)
    push = await fleet.push()
    fleet.hub.lost = True
    with pytest.raises(ConnectionError):
        await fleet.tick()
    fleet.restart()
    await fleet.tick()
    assert fleet.take_pushes() == {}, "what was claimed may have been published"
    fleet.clock.advance(SLOT_MS)
    await fleet.tick()
    assert {name: len(told) for name, told in fleet.take_pushes().items()} == {f"pump-{n}": 1 for n in range(3)}
    assert await fleet.counts(push) == {"SENT": 3}


async def test_disabled_and_later_devices_are_left_out(fleet: ConfigFleet) -> None:
    off, on = await fleet.start(2)
    await fleet.services.devices.set_enabled(SYSTEM, [off.key], enabled=False)
    push = await fleet.push()
    await fleet.services.device(fleet.product, "late")
    await fleet.tick()
    assert await fleet.counts(push) == {"OFFLINE": 1}
    assert (await fleet.look(push)).total == 1
    assert await fleet.status(on, push) == "OFFLINE"


async def test_a_device_that_asked_meanwhile_is_not_pushed_to_again(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1)
    push = await fleet.push()
    await fleet.tick()
    await fleet.connect(device)
    assert not isinstance(await fleet.pull(device), int)
    fleet.clock.advance(ONLINE_GRACE_MS)
    await fleet.tick()
    assert fleet.take_pushes() == {}
    assert await fleet.status(device, push) == "SENT"


async def test_each_document_is_pushed_once_and_one_an_hour(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1)
    await fleet.connect(device)
    first = await fleet.push()
    with pytest.raises(Conflict) as refused:
        await fleet.push()
    assert (refused.value.code, refused.value.params) == ("config_push.once", {"push_id": first.id})
    await fleet.save('{"a":2}')
    fleet.clock.advance(HOUR_MS - 1)
    with pytest.raises(TooMany) as early:
        await fleet.push()
    assert early.value.params["retry_after_s"] == 1
    assert early.value.params["at"] == first.created_at + HOUR_MS
    fleet.clock.advance(1)
    second = await fleet.push()
    assert second.version == 2
    assert (await fleet.look(first)).closed_at is not None


async def test_whoever_stopped_a_bad_push_may_push_the_better_one(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1)
    await fleet.connect(device)
    bad = await fleet.push()
    await fleet.delivery.pushes.cancel(SYSTEM, bad.id)
    again = await fleet.push()
    assert (again.version, again.status) == (1, PushStatus.IN_PROGRESS)


async def test_both_rules_are_settings(fleet: ConfigFleet) -> None:
    await fleet.start(1)
    fleet.settings = load_settings(config_push_interval_s=0, config_push_once=False)
    fleet.restart()
    first = await fleet.push()
    second = await fleet.push()
    assert (await fleet.look(first)).stop_reason is StopReason.NEWER_PUSH
    assert (await fleet.look(second)).status is PushStatus.IN_PROGRESS


async def test_groups_and_devices_count_for_their_own_target(fleet: ConfigFleet) -> None:
    devices = await fleet.start(3)
    await fleet.connect(*devices)
    group = await static(fleet.services, "Cellar", fleet.product)
    await fleet.services.members.add(SYSTEM, group.id, [device.key for device in devices[:2]])
    await fleet.push()
    to_group = await fleet.push(group_id=group.id)
    with pytest.raises(Conflict):
        await fleet.push(group_id=group.id)
    await fleet.push(devices=(devices[2],))
    await fleet.push(devices=(devices[2],))
    await fleet.tick()
    assert {name: len(told) for name, told in fleet.take_pushes().items()} == {"pump-0": 2, "pump-1": 2, "pump-2": 3}
    assert (await fleet.look(to_group)).total == 2


async def test_only_the_newest_push_is_made_when_a_device_comes(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1)
    await fleet.push()
    await fleet.push(devices=(device,))
    await fleet.tick()
    await fleet.connect(device)
    fleet.clock.advance(ONLINE_GRACE_MS)
    await fleet.tick()
    assert len(fleet.take_pushes()["pump-0"]) == 1


async def test_a_switch_that_is_turned_off_stops_everything(fleet: ConfigFleet) -> None:
    here, away = await fleet.start(2)
    await fleet.connect(here)
    push = await fleet.push()
    await fleet.switch(on=False)
    await fleet.tick()
    await fleet.connect(away)
    fleet.clock.advance(ONLINE_GRACE_MS)
    await fleet.tick()
    assert fleet.take_pushes() == {}
    stopped = await fleet.look(push)
    assert (stopped.status, stopped.stop_reason) == (PushStatus.CANCELED, StopReason.SWITCHED_OFF)
    with pytest.raises(Conflict) as refused:
        await fleet.push()
    assert refused.value.code == "config_push.switched_off"


async def test_a_newer_document_ends_a_push_of_the_older(fleet: ConfigFleet) -> None:
    here, away = await fleet.start(2)
    await fleet.connect(here)
    push = await fleet.push()
    await fleet.tick()
    await fleet.save('{"a":2}')
    fleet.take_pushes()
    await fleet.connect(away)
    fleet.clock.advance(ONLINE_GRACE_MS)
    await fleet.tick()
    assert fleet.take_pushes() == {}
    assert (await fleet.look(push)).closed_at is not None
    assert await fleet.status(away, push) in {"OFFLINE", "PENDING"}


async def test_a_canceled_push_reaches_nobody_any_more(fleet: ConfigFleet) -> None:
    here, away = await fleet.start(2)
    await fleet.connect(here)
    push = await fleet.push()
    await fleet.tick()
    await fleet.delivery.pushes.cancel(SYSTEM, push.id)
    await fleet.connect(away)
    fleet.clock.advance(ONLINE_GRACE_MS)
    fleet.take_pushes()
    await fleet.tick()
    assert fleet.take_pushes() == {}
    assert await fleet.answer(here, push), "what devices do is recorded all the same"
    with pytest.raises(Conflict) as refused:
        await fleet.delivery.pushes.cancel(SYSTEM, push.id)
    assert refused.value.code == "config_push.over"


async def test_a_product_without_a_document_has_nothing_to_push(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1, document=None)
    with pytest.raises(Conflict) as refused:
        await fleet.push()
    assert refused.value.code == "config_push.no_document"
    await fleet.connect(device)
    push = await fleet.push(devices=(device,))
    await fleet.tick()
    assert await fleet.status(device, push) == "FAILED no_document"


async def test_devices_with_documents_of_their_own_get_these(fleet: ConfigFleet) -> None:
    plain, special = await fleet.start(2, document='{"a":1,"b":1}')
    await fleet.save('{"b":2}', device=special)
    await fleet.connect(plain, special)
    await fleet.push()
    await fleet.tick()
    told = fleet.take_pushes()
    assert await fleet.fetch(told["pump-0"][0].url) == b'{"a":1,"b":1}'
    assert await fleet.fetch(told["pump-1"][0].url) == b'{"a":1,"b":2}'


async def test_devices_that_do_not_exist_are_named(fleet: ConfigFleet) -> None:
    await fleet.start(1)
    wanted = NewPush(product_key=fleet.product.product_key, device_names=("pump-0", "nobody"))
    with pytest.raises(Invalid) as refused:
        await fleet.delivery.pushes.begin(SYSTEM, wanted)
    assert refused.value.params["names"] == ["nobody"]


async def test_more_devices_than_one_chunk_are_reached(fleet: ConfigFleet) -> None:
    await fleet.start(1)
    await fleet.services.devices.create_many(SYSTEM, fleet.product.product_key, 1_100)
    fleet.hub.everybody_is_here = True
    await fleet.db.write(lambda tx: tx.run("UPDATE device SET online = 1"))
    push = await fleet.push()
    await fleet.tick()
    assert len(fleet.hub.pushed) == len({downlink.device_id for downlink in fleet.hub.pushed}) == 1_101
    assert await fleet.counts(push) == {"SENT": 1_101}
    assert await fleet.db.read(counted_results, push.id) == await fleet.db.read(push_counters, push.id)


async def test_what_a_push_would_do_can_be_asked_before(fleet: ConfigFleet) -> None:
    await fleet.start(2)
    asked = NewPush(product_key=fleet.product.product_key)
    before = await fleet.delivery.pushes.preview(SYSTEM, asked)
    assert (before.version, before.devices, before.refusal) == (1, 2, None)
    push = await fleet.push()
    await fleet.save('{"a":2}')
    after = await fleet.delivery.pushes.preview(SYSTEM, asked)
    assert (after.refusal, after.possible_at) == ("config_push.too_soon", push.created_at + HOUR_MS)
