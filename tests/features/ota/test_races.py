"""Cancel, pause, push, confirm and progress in random orders: nothing is offered after it, and counts are exact."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from linkops.errors import Conflict
from linkops.events.actor import SYSTEM
from linkops.ota.model import JobStatus, TaskStatus
from linkops.ota.tasks.service import TaskFilter
from tests.support.ota import ALL_LIVE, Fleet, exact

S = TaskStatus
DEVICES = 4
ROUNDS = 1_000
Action = Callable[[], Awaitable[object]]


async def _in_any_order(chance: random.Random, actions: list[Action]) -> None:
    """Start the actions in a random order, each after the loop has turned a random number of times."""

    async def run(action: Action, turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        try:
            await action()
        except Conflict as refused:
            assert refused.code in {"job.ended", "job.not_held", "job.held"}  # noqa: PT017 - others are faults

    chance.shuffle(actions)
    await asyncio.gather(*(run(action, chance.randrange(12)) for action in actions))


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_cancel_meets_push_confirm_and_progress(fleet: Fleet) -> None:
    devices = await fleet.start(DEVICES)
    await fleet.connect(*devices)
    package = await fleet.package()
    for number in range(ROUNDS):
        chance = random.Random(number)
        job = await fleet.job(package, need_confirm=True, retry={"interval_s": 0, "count": 1})
        tasks = (await fleet.ota.tasks.of_job(SYSTEM, job.id, TaskFilter())).items
        ids = [task.id for task in tasks]
        await fleet.ota.task_changes.confirm(SYSTEM, ids[:2])
        ended = asyncio.Event()

        async def cancel(job_id: int = job.id, ended: asyncio.Event = ended) -> None:
            await fleet.ota.jobs.cancel(SYSTEM, job_id, (S.CONFIRM, *ALL_LIVE), "stop")
            ended.set()

        def confirm(ids: list[int] = ids) -> Awaitable[int]:
            return fleet.ota.task_changes.confirm(SYSTEM, ids)

        def pause(job_id: int = job.id) -> Awaitable[object]:
            return fleet.ota.steering.pause(SYSTEM, job_id)

        actions: list[Action] = [cancel, confirm, fleet.ota.dispatcher.push_due, fleet.ota.dispatcher.push_due]
        actions += [pause] if chance.random() < 0.2 else []
        for device in devices:
            step = chance.choice([-2, 0, 50])
            actions += [partial(fleet.progress, device, step), partial(fleet.pull, device)]
        await _in_any_order(chance, actions)
        assert ended.is_set()
        fleet.take_pushes()
        assert not await fleet.ota.dispatcher.push_due()
        assert [await fleet.pull(device) for device in devices] == [None] * DEVICES
        counts = await fleet.counts(job)
        assert sum(counts.values()) == DEVICES
        assert set(counts) <= {S.CANCELED, S.FAILED}
        assert (await fleet.ota.jobs.get(SYSTEM, job.id)).status is JobStatus.CANCELED
        await exact(fleet, job)
        fleet.clock.advance(61_000)
        await fleet.ota.upkeep.end_jobs()


@pytest.mark.slow
async def test_nobody_new_is_told_after_pause_has_returned(fleet: Fleet) -> None:
    devices = await fleet.start(20)
    await fleet.connect(*devices)
    fleet.clock.advance(1)
    for number in range(200):
        chance = random.Random(number)
        job = await fleet.job(await fleet.package(f"{number + 2}.0"))
        told_when_it_returned = -1

        async def pause(job_id: int = job.id) -> None:
            nonlocal told_when_it_returned
            await fleet.ota.steering.pause(SYSTEM, job_id)
            told_when_it_returned = len(fleet.hub.pushed)

        fleet.take_pushes()
        await _in_any_order(chance, [pause, *[fleet.ota.dispatcher.push_due] * 3])
        assert len(fleet.hub.pushed) == told_when_it_returned
        waiting = [device for device in devices if (await fleet.task(device, job)).status is S.QUEUED]
        assert [await fleet.pull(device) for device in waiting] == [None] * len(waiting)
        await fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE)
        await fleet.ota.upkeep.end_jobs()
        fleet.clock.advance(61_000)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_ten_thousand_devices_end_at_a_concurrency_of_two_hundred_with_exact_counters(fleet: Fleet) -> None:
    total = 10_000
    [first] = await fleet.start(1)
    created = await fleet.services.devices.create_many(SYSTEM, fleet.product.product_key, total - 1)
    devices = [first, *created]
    job = await fleet.job(abort=[{"percent": 100, "after": total}])
    waiting = iter(enumerate(devices))

    async def worker() -> None:
        for number, device in waiting:
            await fleet.pull(device)
            for step in (50, 50, 10):
                await fleet.progress(device, step)
            for _ in range(2):
                if number % 4 == 3:
                    await fleet.progress(device, -1 - number % 16 // 4)
                else:
                    await fleet.version(device, "2.0")

    await asyncio.gather(*(worker() for _ in range(200)))
    assert await fleet.counts(job) == {S.SUCCEEDED: 7_500, S.FAILED: 2_500}
    summary = await fleet.ota.jobs.summary(SYSTEM, job.id)
    assert sorted(summary.failures.values()) == [625] * 4
    await exact(fleet, job)
    await fleet.tick()
    ended = await fleet.ota.jobs.get(SYSTEM, job.id)
    assert (ended.status, ended.offered) == (JobStatus.COMPLETED, total)
