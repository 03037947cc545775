"""What somebody who watches rollouts asks for, on both engines: lists, the pace, and failed devices once more."""

from typing import Any

import pytest

from linkops.errors import Conflict, Forbidden
from linkops.events.actor import SYSTEM, Role
from linkops.ota.jobs.service import JobFilter
from linkops.ota.model import FailureKind, JobStatus, TaskStatus
from linkops.ota.tasks.service import TaskFilter
from tests.support.devices import actor
from tests.support.ota import Fleet, new_job


async def test_jobs_are_found_by_a_part_of_the_packages_name_and_by_tags(fleet: Fleet) -> None:
    await fleet.start(1)
    package = await fleet.package()
    tagged = [{"ring": "beta"}, {"ring": 'say "ring":"beta"'}, {"wring": "beta"}, {}]
    jobs = [await fleet.job(package, tags=tags, overwrite=True) for tags in tagged]

    async def found(**wanted: Any) -> list[int]:
        page = await fleet.ota.jobs.page(SYSTEM, JobFilter(**wanted))
        assert page.total == len(page.items)
        return [jobs.index(next(job for job in jobs if job.id == one.id)) for one in page.items]

    assert await found(tag_key="ring") == [1, 0]
    assert await found(tag_key="ring", tag_value="beta") == [0]
    assert await found(tag_key="ring", tag_value='say "ring":"beta"') == [1]
    assert await found(package_name="AGE-def") == [3, 2, 1, 0]
    assert await found(package_name="age_def") == []
    assert await found(package_name="image", tag_key="wring") == [2]
    assert await found(module="default") == [3, 2, 1, 0]
    assert await found(module="mcu") == []


async def test_the_pace_is_that_of_the_last_minute_at_each_moment(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    await fleet.connect(*devices)
    job = await fleet.job()
    await fleet.tick()
    fleet.clock.advance(30_000)
    begun = (await fleet.ota.jobs.course(SYSTEM, job.id)).pace
    assert [point.offers for point in begun] == [3] * 7
    assert begun[-1].at == fleet.clock.now()
    fleet.clock.advance(3_600_000)
    course = await fleet.ota.jobs.course(SYSTEM, job.id)
    assert len(course.pace) == 169
    assert {point.offers for point in course.pace} == {0}
    assert course.summary.offers_last_minute == 0


async def test_a_preview_of_a_gray_scale_counts_the_devices_that_it_takes(fleet: Fleet) -> None:
    devices = await fleet.start(10)
    await fleet.connect(*devices[:5])
    package = await fleet.package()
    await fleet.job(await fleet.package("3.0"), targets="SPECIFIC", device_names=["pump-1", "pump-9"])
    new = new_job(package.id, targets="GRAY", percent=33.33, rate_per_minute=10)
    preview = await fleet.ota.maker.preview(SYSTEM, new)
    job = await fleet.job(package, targets="GRAY", percent=33.33)
    tasks = (await fleet.ota.tasks.of_job(SYSTEM, job.id, TaskFilter())).items
    assert preview.survey.devices == len(tasks) == 3
    assert preview.survey.online == sum(task.device_id in {device.id for device in devices[:5]} for task in tasks)
    assert preview.survey.busy == sum(task.failure_kind is FailureKind.CONFLICT for task in tasks)
    assert preview.minutes == 1


async def test_failed_devices_begin_once_more_as_far_as_they_can(fleet: Fleet) -> None:
    devices = await fleet.start(4)
    await fleet.connect(*devices)
    job = await fleet.job()
    await fleet.tick()
    for device in devices[:3]:
        await fleet.progress(device, -2)
    await fleet.progress(devices[3], -4)
    await fleet.tick()
    assert await fleet.counts(job) == {TaskStatus.FAILED: 4}
    await fleet.version(devices[0], job.version)
    other = await fleet.job(await fleet.package("3.0"), targets="SPECIFIC", device_names=[devices[1].key.device_name])
    reopened = await fleet.ota.task_changes.update_failed_again(SYSTEM, job.id, FailureKind.DOWNLOAD)
    assert reopened == (1, 2)
    assert await fleet.counts(job) == {TaskStatus.FAILED: 3, TaskStatus.QUEUED: 1}
    assert (await fleet.ota.jobs.get(SYSTEM, job.id)).status is JobStatus.IN_PROGRESS
    await fleet.ota.jobs.cancel(SYSTEM, other.id, [TaskStatus.QUEUED])
    assert await fleet.ota.task_changes.update_failed_again(SYSTEM, job.id) == (2, 1)


async def test_failed_devices_of_a_canceled_job_stay_as_they_are(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    await fleet.connect(devices[0])
    job = await fleet.job()
    await fleet.tick()
    await fleet.progress(devices[0], -2)
    with pytest.raises(Forbidden):
        await fleet.ota.task_changes.update_failed_again(actor(Role.VIEWER, fleet.product), job.id)
    await fleet.ota.jobs.cancel(SYSTEM, job.id, [TaskStatus.QUEUED])
    with pytest.raises(Conflict):
        await fleet.ota.task_changes.update_failed_again(SYSTEM, job.id)
