"""When devices are told: at once if online, again after a reconnect, never twice in a slot nor above the rate."""

import pytest

from linkops.events.actor import SYSTEM
from linkops.ota.jobs.canceling import begin
from linkops.ota.model import TaskStatus
from linkops.ota.pace import MINUTE_MS
from tests.support.ota import Fleet, exact

S = TaskStatus


async def test_an_offline_device_is_pushed_to_two_seconds_after_it_comes_online(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job()
    await fleet.tick()
    assert fleet.take_pushes() == []
    await fleet.connect(device)
    fleet.clock.advance(1_999)
    await fleet.tick()
    assert fleet.take_pushes() == []
    fleet.clock.advance(1)
    await fleet.tick()
    assert [push["device_id"] for push in fleet.take_pushes()] == [device.id]
    assert await fleet.counts(job) == {S.NOTIFIED: 1}


async def test_a_version_report_right_after_the_reconnect_ends_the_task_without_a_push(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    job = await fleet.job()
    await fleet.tick()
    fleet.take_pushes()
    await fleet.disconnect(device)
    fleet.clock.advance(5 * MINUTE_MS)
    await fleet.connect(device)
    await fleet.version(device, "2.0")
    fleet.clock.advance(5 * MINUTE_MS)
    await fleet.tick()
    assert fleet.take_pushes() == []
    assert await fleet.counts(job) == {S.SUCCEEDED: 1}


async def test_after_a_reconnect_it_is_pushed_again_with_a_fresh_link_once_the_slot_is_over(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    job = await fleet.job()
    fleet.clock.advance(10_000)
    await fleet.tick()
    [first] = fleet.take_pushes()
    await fleet.progress(device, 60)
    await fleet.disconnect(device)
    await fleet.connect(device)
    fleet.clock.advance(MINUTE_MS - 10_001)
    await fleet.tick()
    assert fleet.take_pushes() == []
    fleet.clock.advance(1)
    await fleet.tick()
    [second] = fleet.take_pushes()
    assert first["data"]["url"] != second["data"]["url"]  # type: ignore[index]  # JSON
    task = await fleet.task(device, job)
    assert (task.status, task.step, task.attempt) == (S.IN_PROGRESS, None, 2)
    assert await fleet.progress(device, 5)


async def test_killed_between_claim_and_push_it_pushes_again_in_the_next_slot_only(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    job = await fleet.job()
    fleet.hub.lost = True
    with pytest.raises(ConnectionError):
        await fleet.ota.dispatcher.push_due()
    fleet.hub.lost = False
    fleet.restart()
    fleet.clock.advance(MINUTE_MS - 1)
    await fleet.tick()
    assert fleet.take_pushes() == []
    assert await fleet.counts(job) == {S.QUEUED: 1}
    fleet.clock.advance(1)
    await fleet.tick()
    assert len(fleet.take_pushes()) == 1
    assert await fleet.counts(job) == {S.NOTIFIED: 1}


async def test_killed_between_push_and_note_the_devices_answer_counts(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    await fleet.connect(*devices)
    job = await fleet.job()
    fleet.hub.lost = True
    with pytest.raises(ConnectionError):
        await fleet.ota.dispatcher.push_due()
    await fleet.progress(devices[0], 30)
    await fleet.progress(devices[1], -2)
    assert await fleet.counts(job) == {S.IN_PROGRESS: 1, S.FAILED: 1}
    fleet.hub.lost = False
    fleet.clock.advance(2 * MINUTE_MS)
    await fleet.tick()
    assert fleet.take_pushes() == []
    await exact(fleet, job)


async def test_a_device_that_vanished_is_told_when_it_comes_back(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    job = await fleet.job()
    connection = fleet.hub.connected.pop(device.id)  # the socket is gone, the goodbye not yet recorded
    await fleet.tick()
    assert await fleet.counts(job) == {S.QUEUED: 1}
    fleet.hub.connected[device.id] = connection
    await fleet.disconnect(device)
    fleet.clock.advance(2 * MINUTE_MS)
    await fleet.tick()
    assert fleet.take_pushes() == []
    await fleet.connect(device)
    fleet.clock.advance(2_000)
    await fleet.tick()
    assert len(fleet.take_pushes()) == 1


async def test_a_login_between_claim_and_note_keeps_the_push_due(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    await fleet.job()
    deliver = fleet.services.bus.deliver

    class Reconnecting:
        """A bus on which the device logs in again while its push is on the way."""

        async def deliver(self, downlinks: list[object]) -> list[bool]:
            fleet.clock.advance(1)
            await fleet.connect(device)
            return await deliver(downlinks)  # type: ignore[arg-type]

    fleet.ota.dispatcher._bus = Reconnecting()  # type: ignore[assignment]
    await fleet.ota.dispatcher.push_due()
    fleet.restart()
    fleet.take_pushes()
    fleet.clock.advance(MINUTE_MS)
    await fleet.tick()
    assert len(fleet.take_pushes()) == 1


async def test_without_push_only_a_pull_gets_the_update(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    job = await fleet.job(need_push=False)
    await fleet.disconnect(device)
    await fleet.connect(device)
    fleet.clock.advance(5 * MINUTE_MS)
    await fleet.tick()
    assert fleet.take_pushes() == []
    assert await fleet.pull(device) is not None
    assert await fleet.counts(job) == {S.NOTIFIED: 1}


async def test_a_pull_is_answered_each_time_with_a_fresh_link_and_for_its_module_only(fleet: Fleet) -> None:
    [device] = await fleet.start()
    assert await fleet.pull(device) is None
    job = await fleet.job()
    first = await fleet.pull(device)
    fleet.clock.advance(1_000)
    second = await fleet.pull(device)
    assert first is not None
    assert second is not None
    assert first != second
    assert await fleet.pull(device, module="MCU") is None
    assert (await fleet.task(device, job)).attempt == 2


async def test_the_rate_spaces_pushes_evenly_and_survives_a_restart(fleet: Fleet) -> None:
    devices = await fleet.start(60)
    await fleet.connect(*devices)
    fleet.clock.advance(1)  # a login in the very millisecond of the claim may have come after it
    job = await fleet.job(rate_per_minute=20)
    times: list[int] = []
    for tick in range(4 * 240):
        if tick % 301 == 300:
            fleet.restart()
        await fleet.ota.dispatcher.push_due()
        times += [fleet.clock.now()] * len(fleet.take_pushes())
        fleet.clock.advance(250)
    assert len(times) == 60
    assert all(sum(at - MINUTE_MS < other <= at for other in times) <= 21 for at in times)
    for minute in range(2):
        begin = times[0] + minute * MINUTE_MS
        assert sum(begin <= at < begin + MINUTE_MS for at in times) >= 18
    assert await fleet.counts(job) == {S.NOTIFIED: 60}


async def test_pulls_are_counted_in_the_rate(fleet: Fleet) -> None:
    devices = await fleet.start(20)
    await fleet.connect(*devices)
    job = await fleet.job(rate_per_minute=10)
    for device in devices[:10]:
        await fleet.pull(device)
    fleet.clock.advance(30_000)
    await fleet.tick()
    assert fleet.take_pushes() == []
    assert (await fleet.ota.jobs.summary(SYSTEM, job.id)).offers_last_minute == 10


async def test_many_waiting_offline_devices_do_not_hold_up_the_one_online(fleet: Fleet) -> None:
    devices = await fleet.start(260)
    await fleet.connect(*devices)
    await fleet.job(rate_per_minute=10)
    for device in devices[:-1]:
        await fleet.disconnect(device)
    await fleet.tick()
    assert [push["device_id"] for push in fleet.take_pushes()] == [devices[-1].id]


async def test_nothing_is_offered_once_cancel_has_returned_even_before_it_is_done(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    await fleet.connect(*devices)
    job = await fleet.job()
    await fleet.db.write(begin, SYSTEM, job.id, [S.QUEUED], "", fleet.clock.now())  # and then the server was killed
    fleet.restart()
    assert not await fleet.ota.dispatcher.push_due()
    assert await fleet.pull(devices[0]) is None
    await fleet.tick()
    assert await fleet.counts(job) == {S.CANCELED: 3}


async def test_jobs_share_the_way_out(fleet: Fleet) -> None:
    devices = await fleet.start(30)
    await fleet.connect(*devices)
    names = [device.key.device_name for device in devices]
    slow = await fleet.job(await fleet.package("2.0"), targets="SPECIFIC", device_names=names[:15], rate_per_minute=10)
    fast = await fleet.job(await fleet.package("3.0"), targets="SPECIFIC", device_names=names[15:])
    await fleet.ota.dispatcher.push_due()
    assert await fleet.counts(slow) == {S.NOTIFIED: 1, S.QUEUED: 14}
    assert await fleet.counts(fast) == {S.NOTIFIED: 15}
