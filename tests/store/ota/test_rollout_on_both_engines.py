"""The life of a job, with every kind of statement in it, on each engine."""

import pytest

from linkops.errors import Conflict
from linkops.events.actor import SYSTEM
from linkops.ota.jobs.service import JobFilter
from linkops.ota.model import FailureKind, Job, JobStatus, TaskStatus
from linkops.ota.packages.service import PackageFilter
from linkops.ota.paging import Order
from linkops.ota.tasks.service import TaskFilter
from tests.support.ota import ALL_LIVE, BASE_URL, IMAGE, Fleet, exact, sha256

S = TaskStatus


async def _exact(fleet: Fleet, job: Job) -> None:
    await exact(fleet, job)


async def test_a_connected_device_is_pushed_to_updates_itself_and_ends_the_job(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    await fleet.version(device, "1.0")
    job = await fleet.job(timeout_s=600)
    assert await fleet.counts(job) == {S.QUEUED: 1}
    await fleet.tick()
    [push] = fleet.take_pushes()
    assert push["code"] == "1000"
    assert push["data"]["version"] == "2.0"  # type: ignore[index]  # JSON
    assert push["data"]["sign"] == sha256(IMAGE)  # type: ignore[index]
    assert await fleet.counts(job) == {S.NOTIFIED: 1}
    assert [await fleet.progress(device, step) for step in (10, 50, 50, 20, 100)] == [True, True, False, False, True]
    assert (await fleet.task(device, job)).step == 100
    assert await fleet.version(device, "2.0")
    assert await fleet.counts(job) == {S.SUCCEEDED: 1}
    await fleet.tick()
    ended = await fleet.ota.jobs.get(SYSTEM, job.id)
    assert (ended.status, ended.ended_at) == (JobStatus.COMPLETED, fleet.clock.now())
    await _exact(fleet, job)


async def test_a_link_opens_the_file_for_its_device_until_it_expires(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.job()
    url = await fleet.pull(device)
    assert url is not None
    assert url.startswith(f"{BASE_URL}/files/")
    download = await fleet.ota.packages.open_download(url.rsplit("/", 1)[1])
    assert (download.device_id, download.size_bytes, download.sha256) == (device.id, len(IMAGE), sha256(IMAGE))
    assert await fleet.blobs.read(download.blob_key, 0, len(IMAGE)) == IMAGE


async def test_devices_that_need_nothing_or_run_something_else_get_no_task(fleet: Fleet) -> None:
    devices = await fleet.start(5)
    for device, version in zip(devices, ("1.0", "1.1", "2.0", "1.0"), strict=False):
        await fleet.version(device, version)
    everyone = await fleet.job()
    assert await fleet.counts(everyone) == {S.QUEUED: 4}
    await fleet.ota.jobs.cancel(SYSTEM, everyone.id, ALL_LIVE)
    some = await fleet.job(await fleet.package("3.0"), source_versions=["1.0"])
    assert await fleet.counts(some) == {S.QUEUED: 2}
    await _exact(fleet, some)


async def test_a_device_has_one_update_at_a_time_and_the_later_job_fails_for_it(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    names = [devices[0].key.device_name, devices[1].key.device_name]
    first = await fleet.job(targets="SPECIFIC", device_names=names)
    second = await fleet.job(await fleet.package("3.0"))
    assert await fleet.counts(first) == {S.QUEUED: 2}
    assert await fleet.counts(second) == {S.QUEUED: 1, S.FAILED: 2}
    assert (await fleet.task(devices[0], second)).failure_kind is FailureKind.CONFLICT
    summary = await fleet.ota.jobs.summary(SYSTEM, second.id)
    assert summary.failures == {FailureKind.CONFLICT: 2}
    await _exact(fleet, second)


async def test_progress_starts_the_time_out_and_a_reconnect_does_not(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job(timeout_s=60)
    await fleet.pull(device)
    fleet.clock.advance(3_600_000)
    await fleet.tick()
    assert await fleet.counts(job) == {S.NOTIFIED: 1}
    await fleet.progress(device, 0)
    fleet.clock.advance(59_999)
    await fleet.connect(device)
    await fleet.progress(device, 5)
    await fleet.tick()
    assert await fleet.counts(job) == {S.IN_PROGRESS: 1}
    fleet.clock.advance(1)
    await fleet.tick()
    task = await fleet.task(device, job)
    assert (task.status, task.failure_kind, task.description) == (S.FAILED, FailureKind.TIMEOUT, "timeout")
    await _exact(fleet, job)


async def test_canceling_the_waiting_tasks_stops_the_job_and_lets_the_others_finish(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    job = await fleet.job()
    await fleet.pull(devices[0])
    canceled = await fleet.ota.jobs.cancel(SYSTEM, job.id, [S.QUEUED], "wrong image")
    assert (canceled.status, canceled.stop_reason, canceled.ended_at) == (JobStatus.CANCELED, "wrong image", None)
    assert await fleet.counts(job) == {S.CANCELED: 2, S.NOTIFIED: 1}
    assert (await fleet.task(devices[1], job)).description == "wrong image"
    assert await fleet.pull(devices[1]) is None
    await fleet.version(devices[0], "2.0")
    await fleet.tick()
    ended = await fleet.ota.jobs.get(SYSTEM, job.id)
    assert (ended.status, ended.ended_at) == (JobStatus.CANCELED, fleet.clock.now())
    with pytest.raises(Conflict) as refused:
        await fleet.ota.jobs.cancel(SYSTEM, job.id, [S.QUEUED])
    assert refused.value.code == "job.ended"
    await _exact(fleet, job)


async def test_tasks_are_canceled_by_device(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    package = await fleet.package()
    job = await fleet.job(package)
    names = [device.key.device_name for device in devices[:2]]
    assert await fleet.ota.task_changes.cancel(SYSTEM, package.id, names) == 2
    assert await fleet.ota.task_changes.cancel(SYSTEM, package.id, names, job.id) == 0
    assert await fleet.counts(job) == {S.CANCELED: 2, S.QUEUED: 1}


async def test_a_deleted_device_does_not_keep_a_job_open(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    job = await fleet.job()
    await fleet.pull(devices[0])
    await fleet.services.devices.delete(SYSTEM, [device.key for device in devices])
    await fleet.tick()
    assert await fleet.counts(job) == {S.CANCELED: 2}
    assert (await fleet.ota.jobs.get(SYSTEM, job.id)).status is JobStatus.COMPLETED


async def test_lists_come_in_pages_in_the_order_asked_for(fleet: Fleet) -> None:
    devices = await fleet.start(5)
    first, second = await fleet.package("2.0"), await fleet.package("2.1")
    jobs = [await fleet.job(first), await fleet.job(second)]
    newest = await fleet.ota.jobs.page(SYSTEM, JobFilter(product_key=fleet.product.product_key), limit=1)
    assert ([job.id for job in newest.items], newest.total) == ([jobs[1].id], 2)
    rest = await fleet.ota.jobs.page(
        SYSTEM, JobFilter(product_key=fleet.product.product_key), cursor=newest.next, limit=1
    )
    assert ([job.id for job in rest.items], rest.next) == ([jobs[0].id], None)
    by_package = await fleet.ota.jobs.page(SYSTEM, JobFilter(package_id=first.id, status=JobStatus.IN_PROGRESS))
    assert [job.id for job in by_package.items] == [jobs[0].id]
    packages = await fleet.ota.packages.page(SYSTEM, PackageFilter(name_prefix="image-default-2"), order=Order.OLDEST)
    assert [package.id for package in packages.items] == [first.id, second.id]
    assert (await fleet.ota.packages.page(SYSTEM, PackageFilter(version="2.1", module="default"))).total == 1

    tasks = await fleet.ota.tasks.of_job(SYSTEM, jobs[0].id, TaskFilter(), limit=3)
    more = await fleet.ota.tasks.of_job(SYSTEM, jobs[0].id, TaskFilter(), cursor=tasks.next, limit=3)
    assert [task.device_id for task in [*tasks.items, *more.items]] == [device.id for device in devices]
    failed = TaskFilter(failure_kind=FailureKind.CONFLICT)
    assert (await fleet.ota.tasks.of_job(SYSTEM, jobs[1].id, failed, order=Order.NEWEST)).total == 5
    named = await fleet.ota.tasks.by_device_name(SYSTEM, jobs[0].id, TaskFilter(), prefix="pump-3")
    assert [task.device_name for task in named.items] == ["pump-3"]
    history = await fleet.ota.tasks.of_device(SYSTEM, devices[0].key, limit=1)
    older = await fleet.ota.tasks.of_device(SYSTEM, devices[0].key, cursor=history.next, limit=1)
    assert [task.job_id for task in [*history.items, *older.items]] == [jobs[1].id, jobs[0].id]
    assert history.total == 2


async def test_tasks_of_old_jobs_are_forgotten_and_their_counts_stay(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job()
    await fleet.version(device, "2.0")
    await fleet.tick()
    fleet.clock.advance(fleet.settings.keep_tasks_days * 86_400_000)
    await fleet.ota.upkeep.delete_old_tasks()
    assert (await fleet.ota.tasks.of_device(SYSTEM, device.key)).total == 1
    fleet.clock.advance(1)
    await fleet.ota.upkeep.delete_old_tasks()
    assert (await fleet.ota.tasks.of_device(SYSTEM, device.key)).total == 0
    assert await fleet.counts(job) == {S.SUCCEEDED: 1}
