"""A device that failed is offered its update again, as the job says, and each attempt is remembered."""

import pytest

from linkops.errors import NotFound
from linkops.events.actor import SYSTEM, Role
from linkops.ota.model import FailureKind, TaskStatus
from linkops.ota.pace import MINUTE_MS
from tests.support.devices import actor
from tests.support.ota import Fleet, exact

S = TaskStatus
RETRY = {"interval_s": 600, "count": 2}


async def test_a_failed_device_is_pushed_again_after_the_interval_and_so_often(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    job = await fleet.job(retry=RETRY)
    for retries in range(3):
        fleet.take_pushes()
        await fleet.tick()
        assert len(fleet.take_pushes()) == 1
        await fleet.progress(device, 40)
        for _ in range(3):
            await fleet.progress(device, -2, "no route")
        task = await fleet.task(device, job)
        if retries == 2:
            break
        assert (task.status, task.retries, task.description) == (S.IN_PROGRESS, retries + 1, "no route")
        assert task.retry_at is not None
        fleet.clock.advance(10 * MINUTE_MS - 1)
        await fleet.tick()
        assert fleet.take_pushes() == []
        fleet.clock.advance(MINUTE_MS + 1)
    assert (task.status, task.failure_kind, task.attempt) == (S.FAILED, FailureKind.DOWNLOAD, 3)
    await exact(fleet, job)


async def test_a_device_that_is_offline_when_its_retry_is_due_is_told_when_it_comes_back(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    await fleet.job(retry=RETRY)
    await fleet.tick()
    await fleet.progress(device, -1)
    await fleet.disconnect(device)
    fleet.take_pushes()
    fleet.clock.advance(20 * MINUTE_MS)
    await fleet.tick()
    await fleet.connect(device)
    fleet.clock.advance(2_000)
    await fleet.tick()
    assert len(fleet.take_pushes()) == 1


async def test_a_device_that_comes_back_during_the_interval_waits_for_its_end(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    job = await fleet.job(retry=RETRY)
    await fleet.tick()
    await fleet.progress(device, -1)
    retry_at = (await fleet.task(device, job)).retry_at
    assert retry_at is not None
    await fleet.disconnect(device)
    fleet.take_pushes()
    fleet.clock.advance(MINUTE_MS)
    await fleet.connect(device)
    fleet.clock.advance(retry_at - fleet.clock.now() - 1)
    await fleet.tick()
    assert fleet.take_pushes() == []
    fleet.clock.advance(1)
    await fleet.tick()
    assert len(fleet.take_pushes()) == 1


async def test_a_device_that_fails_before_its_push_is_noted_is_still_retried(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    fleet.clock.advance(1)
    job = await fleet.job(retry=RETRY, notify_timeout_s=300)
    deliver = fleet.services.bus.deliver

    class Eager:
        """A bus on which the device answers before anybody could note that it was pushed to."""

        async def deliver(self, downlinks: list[object]) -> list[bool]:
            delivered = await deliver(downlinks)  # type: ignore[arg-type]
            await fleet.progress(device, -1)
            return delivered

    fleet.ota.dispatcher._bus = Eager()  # type: ignore[assignment]
    await fleet.ota.dispatcher.push_due()
    fleet.restart()
    fleet.take_pushes()
    assert (await fleet.task(device, job)).retries == 1
    fleet.clock.advance(11 * MINUTE_MS)
    await fleet.tick()
    assert len(fleet.take_pushes()) == 1
    assert (await fleet.task(device, job)).status is S.NOTIFIED


async def test_a_pull_during_the_interval_is_the_retry(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    job = await fleet.job(retry=RETRY)
    await fleet.tick()
    await fleet.progress(device, -1)
    assert await fleet.pull(device) is not None
    fleet.take_pushes()
    fleet.clock.advance(20 * MINUTE_MS)
    await fleet.tick()
    assert fleet.take_pushes() == []
    assert await fleet.progress(device, 10)
    assert (await fleet.task(device, job)).attempt == 2


async def test_retries_happen_inside_the_time_out(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    job = await fleet.job(retry=RETRY, timeout_s=900)
    await fleet.tick()
    await fleet.progress(device, 10)
    fleet.clock.advance(10 * MINUTE_MS)
    await fleet.progress(device, -1)
    fleet.clock.advance(5 * MINUTE_MS)
    await fleet.tick()
    assert (await fleet.task(device, job)).failure_kind is FailureKind.TIMEOUT


async def test_a_time_out_is_retried_with_a_clock_of_its_own_if_that_was_asked_for(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    retry = {"interval_s": 60, "count": 1, "timeouts": True}
    job = await fleet.job(retry=retry, timeout_s=600, notify_timeout_s=600)
    await fleet.tick()
    fleet.clock.advance(10 * MINUTE_MS)
    await fleet.tick()
    assert (await fleet.task(device, job)).retries == 1
    fleet.clock.advance(2 * MINUTE_MS)
    fleet.take_pushes()
    await fleet.tick()
    assert len(fleet.take_pushes()) == 1
    await fleet.progress(device, 10)
    fleet.clock.advance(10 * MINUTE_MS)
    await fleet.tick()
    task = await fleet.task(device, job)
    assert (task.status, task.description) == (S.FAILED, "timeout")


async def test_a_task_remembers_each_thing_that_happened_to_it(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job(need_confirm=True, retry=RETRY)
    task = await fleet.task(device, job)
    begun = fleet.clock.now()
    fleet.clock.advance(1_000)
    await fleet.ota.task_changes.confirm(SYSTEM, [task.id])
    fleet.clock.advance(1_000)
    await fleet.pull(device)
    fleet.clock.advance(1_000)
    await fleet.progress(device, 10, "downloading")
    await fleet.progress(device, 20, "downloading")
    await fleet.progress(device, -2, "no route")
    fleet.clock.advance(1_000)
    await fleet.version(device, "2.0")
    _, changes = await fleet.ota.tasks.history(SYSTEM, task.id)
    assert [(change.at - begun, change.status, change.reason) for change in changes] == [
        (1_000, S.QUEUED, ""),
        (2_000, S.NOTIFIED, ""),
        (3_000, S.IN_PROGRESS, "downloading"),
        (3_000, S.IN_PROGRESS, "no route"),
        (4_000, S.SUCCEEDED, "success"),
    ]
    other = await fleet.services.product("Valves")
    with pytest.raises(NotFound):
        await fleet.ota.tasks.history(actor(Role.ADMIN, other), task.id)
    with pytest.raises(NotFound):
        await fleet.ota.tasks.history(SYSTEM, task.id + 1)
