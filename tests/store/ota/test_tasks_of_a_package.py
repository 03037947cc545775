"""The devices of a package over all of its jobs, on each engine."""

from linkops.events.actor import SYSTEM
from linkops.ota.model import Targets, TaskStatus
from tests.support.ota import Fleet


async def test_the_tasks_of_all_jobs_in_pages(fleet: Fleet) -> None:
    await fleet.start(7)
    package = await fleet.package()
    other = await fleet.package("3.0")
    jobs = [
        await fleet.job(package, targets=Targets.SPECIFIC, device_names=names)
        for names in (("pump-0", "pump-1", "pump-2"), ("pump-3",), ("pump-4", "pump-5"))
    ]
    await fleet.job(other, targets=Targets.SPECIFIC, device_names=("pump-6",))
    await fleet.ota.jobs.cancel(SYSTEM, jobs[1].id, [TaskStatus.QUEUED])
    tasks, seen, cursor = fleet.ota.package_tasks, [], None
    while True:
        page = await tasks.page(SYSTEM, package.id, cursor=cursor, limit=2)
        assert page.total == 6
        seen += [task.device_name for task in page.items]
        if (cursor := page.next) is None:
            break
    assert seen == ["pump-5", "pump-4", "pump-3", "pump-2", "pump-1", "pump-0"]
    counts = await tasks.counts(SYSTEM, package.id)
    assert (counts[TaskStatus.QUEUED], counts[TaskStatus.CANCELED], counts[TaskStatus.FAILED]) == (5, 1, 0)
    page = await tasks.page(SYSTEM, package.id, status=TaskStatus.CANCELED)
    assert ([task.device_name for task in page.items], page.total) == (["pump-3"], 1)


async def test_the_tasks_of_devices_by_name(fleet: Fleet) -> None:
    await fleet.start(3)
    package = await fleet.package()
    for _ in range(2):
        job = await fleet.job(package, targets=Targets.SPECIFIC, device_names=("pump-0", "pump-1", "pump-2"))
        await fleet.ota.jobs.cancel(SYSTEM, job.id, [TaskStatus.QUEUED])
    tasks, seen, cursor = fleet.ota.package_tasks, [], None
    while True:
        page = await tasks.page(SYSTEM, package.id, prefix="pump", cursor=cursor, limit=4)
        seen += [(task.device_name, task.job_id) for task in page.items]
        if (cursor := page.next) is None:
            break
    names = [f"pump-{number}" for number in range(3)]
    assert seen == [(name, job_id) for name in names for job_id in (job.id, job.id - 1)]
    page = await tasks.page(SYSTEM, package.id, prefix="pump-2", status=TaskStatus.CANCELED, limit=1)
    assert [task.device_name for task in page.items] == ["pump-2"]
