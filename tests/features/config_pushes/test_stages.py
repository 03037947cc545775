"""A push in stages: percentages first, then the rest, unless somebody or too many failures stop it."""

import pytest

from linkops.devices.model import NewDevice
from linkops.errors import Conflict
from linkops.events.actor import SYSTEM
from linkops.remote_config.pushes.model import FailureLimit, Hold, Push, PushStatus, Stage, StopReason
from linkops.remote_config.pushes.progress import SLOT_MS
from tests.support.config_fleet import ConfigFleet

HALF_HOUR_MS = 1_800_000


async def told(fleet: ConfigFleet, devices: list[NewDevice]) -> list[NewDevice]:
    """Let what is due happen, and return who was pushed to."""
    await fleet.tick()
    names = fleet.take_pushes()
    return [device for device in devices if device.key.device_name in names]


async def begun(
    fleet: ConfigFleet, *stages: Stage, stop_at: FailureLimit | None = None
) -> tuple[Push, list[NewDevice]]:
    devices = await fleet.start(10)
    await fleet.connect(*devices)
    return await fleet.push(stages=stages, stop_at=stop_at), devices


async def test_a_stage_that_succeeds_is_followed_by_the_next_and_then_by_the_rest(fleet: ConfigFleet) -> None:
    push, devices = await begun(fleet, Stage(10, 100), Stage(40, 75))
    first = await told(fleet, devices)
    assert len(first) == 1
    await fleet.answer(first[0], push)
    second = await told(fleet, devices)
    assert len(second) == 3
    assert not set(first) & set(second)
    await fleet.answer(second[0], push)
    assert await told(fleet, devices) == []
    await fleet.answer(second[1], push)
    rest = await told(fleet, devices)
    assert len(rest) == 6, "three of four reached are 75 percent"


async def test_a_stage_without_a_gate_waits_for_somebody(fleet: ConfigFleet) -> None:
    push, devices = await begun(fleet, Stage(20))
    for device in await told(fleet, devices):
        await fleet.answer(device, push)
    assert await told(fleet, devices) == []
    held = await fleet.look(push)
    assert (held.status, held.hold, held.stage) == (PushStatus.IN_PROGRESS, Hold.STAGE, 0)
    await fleet.delivery.pushes.go_on(SYSTEM, push.id, 0)
    with pytest.raises(Conflict) as twice:
        await fleet.delivery.pushes.go_on(SYSTEM, push.id, 0)
    assert twice.value.code == "config_push.other_stage"
    assert len(await told(fleet, devices)) == 8


async def test_too_few_successes_hold_it_at_the_gate_until_somebody_goes_on(fleet: ConfigFleet) -> None:
    push, devices = await begun(fleet, Stage(20, 90))
    first = await told(fleet, devices)
    await fleet.answer(first[0], push)
    assert await told(fleet, devices) == []
    assert (await fleet.look(push)).hold is Hold.NONE, "the other one may still succeed"
    fleet.clock.advance(HALF_HOUR_MS)
    assert await told(fleet, devices) == []
    assert (await fleet.look(push)).hold is Hold.GATE
    await fleet.delivery.pushes.go_on(SYSTEM, push.id, 0)
    assert len(await told(fleet, devices)) == 8


async def test_a_stage_lasts_as_long_as_it_was_told_to(fleet: ConfigFleet) -> None:
    push, devices = await begun(fleet, Stage(10, 100, wait_s=600))
    [first] = await told(fleet, devices)
    await fleet.answer(first, push)
    assert await told(fleet, devices) == []
    fleet.clock.advance(599_999)
    assert await told(fleet, devices) == []
    fleet.clock.advance(1)
    assert len(await told(fleet, devices)) == 9


async def test_a_download_is_enough_for_a_stage(fleet: ConfigFleet) -> None:
    _, devices = await begun(fleet, Stage(10, 100))
    await fleet.tick()
    [(_, [link])] = fleet.take_pushes().items()
    await fleet.fetch(link.url)
    assert len(await told(fleet, devices)) == 9


async def test_failures_over_the_limit_stop_it_for_a_reason(fleet: ConfigFleet) -> None:
    push, devices = await begun(fleet, Stage(50, 0), stop_at=FailureLimit(40, least=3))
    first = await told(fleet, devices)
    await fleet.answer(first[0], push, 500)
    await fleet.answer(first[1], push)
    assert (await fleet.look(push)).status is PushStatus.IN_PROGRESS, "two results are too few"
    await fleet.answer(first[2], push, 500)
    stopped = await fleet.look(push)
    assert (stopped.status, stopped.stop_reason) == (PushStatus.CANCELED, StopReason.FAILURES)
    assert await told(fleet, devices) == []


async def test_a_stage_is_filled_by_devices_that_are_online(fleet: ConfigFleet) -> None:
    devices = await fleet.start(10)
    push = await fleet.push(stages=(Stage(20, 100),))
    await fleet.tick()
    await fleet.connect(*devices[5:])
    fleet.clock.advance(1_000)
    reached = await told(fleet, devices)
    assert len(reached) == 2
    assert set(reached) <= set(devices[5:])
    assert (await fleet.look(push)).offered == 2


async def test_a_stage_holds_through_a_power_cut(fleet: ConfigFleet) -> None:
    push, devices = await begun(fleet, Stage(20, 100))
    fleet.hub.lost = True
    with pytest.raises(ConnectionError):
        await fleet.tick()
    fleet.restart()
    assert await told(fleet, devices) == []
    fleet.clock.advance(SLOT_MS)
    assert len(await told(fleet, devices)) == 2
    assert (await fleet.look(push)).offered == 2


async def test_a_device_that_is_not_there_leaves_its_room_to_others(fleet: ConfigFleet) -> None:
    push, devices = await begun(fleet, Stage(20, 100))
    gone = devices[:9]
    for device in gone:
        fleet.hub.connected.pop(device.id)
    await fleet.db.write(lambda tx: tx.run("UPDATE device SET online = 0 WHERE id <> :id", id=devices[9].id))
    assert await told(fleet, devices) == [devices[9]]
    assert (await fleet.look(push)).offered == 1
    await fleet.connect(*gone)
    fleet.clock.advance(1_000)
    assert len(await told(fleet, devices)) == 1
    assert (await fleet.look(push)).offered == 2
