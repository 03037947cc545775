"""Failed devices are updated again in the same job: row 18 of the table of a device's task (see test_table)."""

import pytest

from linkops.errors import Conflict, NotFound
from linkops.events.actor import SYSTEM
from linkops.ota.model import FailureKind, Job, JobStatus, Task, TaskStatus
from linkops.ota.pace import MINUTE_MS
from tests.support.ota import ALL_LIVE, Fleet, exact

S = TaskStatus


async def _again(fleet: Fleet, job: Job, *tasks: Task) -> int:
    return await fleet.ota.task_changes.update_again(SYSTEM, job.id, [task.id for task in tasks])


async def test_a_failed_device_is_updated_again_as_if_it_was_new(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    job = await fleet.job(timeout_s=600)
    await fleet.tick()
    await fleet.progress(device, 50)
    await fleet.progress(device, -1, "E42")
    await fleet.tick()
    assert (await fleet.ota.jobs.get(SYSTEM, job.id)).status is JobStatus.COMPLETED
    fleet.clock.advance(MINUTE_MS)
    fleet.take_pushes()
    assert await _again(fleet, job, await fleet.task(device, job)) == 1
    assert (await fleet.ota.jobs.get(SYSTEM, job.id)).status is JobStatus.IN_PROGRESS
    task = await fleet.task(device, job)
    assert (task.status, task.failure_kind, task.progress_at, task.ended_at) == (S.QUEUED, FailureKind.NONE, None, None)
    await fleet.tick()
    assert len(fleet.take_pushes()) == 1
    await fleet.version(device, "2.0")
    await fleet.tick()
    ended = await fleet.ota.jobs.get(SYSTEM, job.id)
    assert (ended.status, ended.ended_at) == (JobStatus.COMPLETED, fleet.clock.now())
    await exact(fleet, job)


async def test_it_is_confirmed_again_and_counts_its_retries_anew(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job(need_confirm=True, retry={"interval_s": 0, "count": 1})
    task = await fleet.task(device, job)
    for _ in range(2):
        await fleet.ota.task_changes.confirm(SYSTEM, [task.id])
        for retries in (1, 1):
            await fleet.pull(device)
            await fleet.progress(device, -1)
            assert (await fleet.task(device, job)).retries == retries
        assert await fleet.status(device, job) is S.FAILED
        assert await _again(fleet, job, task) == 1
        assert await fleet.status(device, job) is S.CONFIRM
    await exact(fleet, job)


async def test_what_has_not_failed_is_left_alone(fleet: Fleet) -> None:
    devices = await fleet.start(4)
    job = await fleet.job()
    await fleet.version(devices[0], "2.0")
    await fleet.pull(devices[1])
    await fleet.progress(devices[1], -1)
    tasks = [await fleet.task(device, job) for device in devices]
    assert await _again(fleet, job, *tasks) == 1
    assert await fleet.counts(job) == {S.SUCCEEDED: 1, S.QUEUED: 3}


async def test_a_device_with_another_update_and_a_canceled_job_are_refused(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    first = await fleet.job()
    await fleet.pull(devices[0])
    await fleet.progress(devices[0], -1)
    second = await fleet.job(await fleet.package("3.0"), targets="SPECIFIC", device_names=["pump-0"])
    task = await fleet.task(devices[0], first)
    with pytest.raises(Conflict) as busy:
        await _again(fleet, first, task)
    assert (busy.value.code, busy.value.params) == ("task.device_busy", {"task_id": task.id})
    with pytest.raises(NotFound):
        await fleet.ota.task_changes.update_again(SYSTEM, second.id, [task.id])
    await fleet.ota.jobs.cancel(SYSTEM, second.id, ALL_LIVE)
    with pytest.raises(Conflict) as over:
        await _again(fleet, second, await fleet.task(devices[0], second))
    assert over.value.code == "job.ended"
    assert await _again(fleet, first, task) == 1


async def test_two_tasks_of_one_device_are_not_begun_again_at_once(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job(selection="DYNAMIC", source_versions=["1.0"])
    for _ in range(2):
        await fleet.version(device, "1.0")
        await fleet.pull(device)
        await fleet.progress(device, -1)
        await fleet.version(device, "1.5")
    tasks = (await fleet.ota.tasks.of_device(SYSTEM, device.key)).items
    assert [task.status for task in tasks] == [S.FAILED, S.FAILED]
    with pytest.raises(Conflict) as refused:
        await _again(fleet, job, *tasks)
    assert refused.value.code == "task.device_busy"
    assert await _again(fleet, job, tasks[0]) == 1
