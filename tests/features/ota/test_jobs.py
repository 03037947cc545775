"""Creating and canceling jobs: what is refused, what survives a restart, and who may."""

import asyncio

import pytest

from linkops.db import Tx
from linkops.errors import Conflict, Forbidden, Invalid, NotFound
from linkops.events.actor import SYSTEM, Actor, Role
from linkops.ota.filling.service import DEVICES_PER_UNIT
from linkops.ota.jobs.canceling import begin, cancel_chunk
from linkops.ota.jobs.service import JobFilter
from linkops.ota.model import JobStatus, TaskStatus
from linkops.ota.targeting import NewJob
from linkops.ota.tasks.service import TaskFilter
from tests.support.devices import actor
from tests.support.ota import ALL_LIVE, Fleet, exact

S = TaskStatus


def audited(tx: Tx) -> list[str]:
    return [action for (action,) in tx.all("SELECT action FROM audit ORDER BY id")]


async def test_a_job_that_would_update_nobody_is_refused(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    for device in devices:
        await fleet.version(device, "2.0")
    package = await fleet.package()
    for asked in ({}, {"source_versions": ["1.0"]}, {"targets": "SPECIFIC", "device_names": ["pump-1"]}):
        with pytest.raises(Conflict) as refused:
            await fleet.job(package, **asked)
        assert refused.value.code == "ota.no_device_can_upgrade"
    assert (await fleet.ota.jobs.page(SYSTEM, JobFilter())).total == 0


async def test_names_that_the_product_does_not_have_are_listed(fleet: Fleet) -> None:
    await fleet.start(2)
    with pytest.raises(Invalid) as refused:
        await fleet.job(targets="SPECIFIC", device_names=["pump-0", "nobody", "pump-1", "no one"])
    assert refused.value.code == "job.devices_unknown"
    assert refused.value.params == {"field": "device_names", "names": ["nobody", "no one"], "count": 2}


async def test_specific_devices_and_no_others(fleet: Fleet) -> None:
    devices = await fleet.start(4)
    job = await fleet.job(targets="SPECIFIC", device_names=["pump-1", "pump-3"])
    tasks = await fleet.ota.tasks.of_job(SYSTEM, job.id, TaskFilter())
    assert [task.device_id for task in tasks.items] == [devices[1].id, devices[3].id]
    filled = await fleet.ota.jobs.get(SYSTEM, job.id)
    assert filled.filled_at == fleet.clock.now()


async def test_a_device_registered_after_the_job_does_not_belong_to_it(fleet: Fleet) -> None:
    await fleet.start(1)
    package = await fleet.package()
    job = await fleet.ota.maker.create(SYSTEM, NewJob(package_id=package.id))
    await fleet.services.device(fleet.product, "late")
    await fleet.tick()
    assert await fleet.counts(job) == {S.QUEUED: 1}


async def test_filling_goes_on_after_a_restart_and_makes_each_task_once(fleet: Fleet) -> None:
    await fleet.start(1)
    await fleet.services.devices.create_many(SYSTEM, fleet.product.product_key, 2 * DEVICES_PER_UNIT)
    package = await fleet.package()
    job = await fleet.ota.maker.create(SYSTEM, NewJob(package_id=package.id))
    assert await fleet.ota.filler.fill()
    assert await fleet.counts(job) == {S.QUEUED: DEVICES_PER_UNIT}
    fleet.restart()
    while await fleet.ota.filler.fill():
        pass
    assert await fleet.counts(job) == {S.QUEUED: 2 * DEVICES_PER_UNIT + 1}
    await exact(fleet, job)


async def test_a_job_canceled_while_it_is_filled_gets_no_more_tasks(fleet: Fleet) -> None:
    await fleet.start(1)
    await fleet.services.devices.create_many(SYSTEM, fleet.product.product_key, 2 * DEVICES_PER_UNIT)
    package = await fleet.package()
    job = await fleet.ota.maker.create(SYSTEM, NewJob(package_id=package.id))
    await fleet.ota.filler.fill()
    await fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE)
    await fleet.tick()
    assert await fleet.counts(job) == {S.CANCELED: DEVICES_PER_UNIT}
    assert (await fleet.ota.jobs.get(SYSTEM, job.id)).status is JobStatus.CANCELED


async def test_canceling_goes_on_after_a_restart(fleet: Fleet) -> None:
    await fleet.start(1)
    await fleet.services.devices.create_many(SYSTEM, fleet.product.product_key, DEVICES_PER_UNIT)
    job = await fleet.job()
    now = fleet.clock.now()
    await fleet.db.write(begin, SYSTEM, job.id, [S.QUEUED], "stop", now)
    await fleet.db.write(cancel_chunk, job.id, now)
    fleet.restart()
    assert (await fleet.counts(job))[S.QUEUED] > 0
    await fleet.tick()
    assert await fleet.counts(job) == {S.CANCELED: DEVICES_PER_UNIT + 1}


async def test_canceling_only_those_in_progress_lets_the_job_go_on(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    job = await fleet.job()
    await fleet.pull(devices[0])
    await fleet.progress(devices[0], 10)
    canceled = await fleet.ota.jobs.cancel(SYSTEM, job.id, [S.IN_PROGRESS])
    assert canceled.status is JobStatus.IN_PROGRESS
    assert await fleet.counts(job) == {S.CANCELED: 1, S.QUEUED: 1}
    assert await fleet.pull(devices[1]) is not None


@pytest.mark.parametrize("statuses", [[], [S.SUCCEEDED], [S.QUEUED, S.FAILED]])
async def test_only_unfinished_tasks_can_be_canceled(fleet: Fleet, statuses: list[TaskStatus]) -> None:
    await fleet.start(1)
    job = await fleet.job()
    with pytest.raises(Invalid):
        await fleet.ota.jobs.cancel(SYSTEM, job.id, statuses)


async def test_cancel_races_with_everything_and_counts_stay_exact(fleet: Fleet) -> None:
    devices = await fleet.start(60)
    await fleet.connect(*devices)
    package = await fleet.package()
    job = await fleet.job(package)
    names = [device.key.device_name for device in devices]
    await asyncio.gather(
        fleet.ota.dispatcher.push_due(),
        *(fleet.progress(device, 10) for device in devices[:20]),
        fleet.ota.task_changes.cancel(SYSTEM, package.id, names[:30]),
        *(fleet.version(device, "2.0") for device in devices[10:40]),
        *(fleet.pull(device) for device in devices[30:50]),
        fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE),
        *(fleet.progress(device, -1) for device in devices),
    )
    counts = await fleet.counts(job)
    assert sum(counts.values()) == 60
    assert set(counts) <= {S.SUCCEEDED, S.CANCELED, S.FAILED}
    await exact(fleet, job)


async def test_the_summary_says_how_long_it_will_take(fleet: Fleet) -> None:
    devices = await fleet.start(30)
    job = await fleet.job(rate_per_minute=10)
    assert (await fleet.ota.jobs.summary(SYSTEM, job.id)).time_left_s == 180
    fleet.clock.advance(100_000)
    for device in devices[:10]:
        await fleet.version(device, "2.0")
    assert (await fleet.ota.jobs.summary(SYSTEM, job.id)).time_left_s == 200
    for device in devices[10:]:
        await fleet.version(device, "2.0")
    assert (await fleet.ota.jobs.summary(SYSTEM, job.id)).time_left_s == 0


async def test_who_may_what(fleet: Fleet) -> None:
    [device] = await fleet.start(1)
    package = await fleet.package()
    job = await fleet.job(package)
    other = await fleet.services.product("Valves")
    viewer, stranger = actor(Role.VIEWER, fleet.product), actor(Role.OPERATOR, other)
    assert (await fleet.ota.jobs.get(viewer, job.id)).id == job.id
    for refused, who in ((Forbidden, viewer), (NotFound, stranger)):
        with pytest.raises(refused):
            await fleet.ota.maker.create(who, NewJob(package_id=package.id))
        with pytest.raises(refused):
            await fleet.ota.jobs.cancel(who, job.id, ALL_LIVE)
        with pytest.raises(refused):
            await fleet.ota.task_changes.cancel(who, package.id, [device.key.device_name])
    await _sees_nothing(fleet, stranger, package.id, job.id)


async def _sees_nothing(fleet: Fleet, stranger: Actor, package_id: int, job_id: int) -> None:
    assert (await fleet.ota.jobs.page(stranger, JobFilter())).items == []
    assert (await fleet.ota.jobs.page(stranger, JobFilter(package_id=package_id))).total == 0
    for looked in (fleet.ota.jobs.get, fleet.ota.jobs.summary):
        with pytest.raises(NotFound):
            await looked(stranger, job_id)
    with pytest.raises(NotFound):
        await fleet.ota.tasks.of_job(stranger, job_id, TaskFilter())
    with pytest.raises(NotFound):
        await fleet.ota.jobs.page(stranger, JobFilter(product_key=fleet.product.product_key))


async def test_one_unknown_device_refuses_a_whole_bulk_cancel(fleet: Fleet) -> None:
    await fleet.start(2)
    package = await fleet.package()
    job = await fleet.job(package)
    with pytest.raises(NotFound):
        await fleet.ota.task_changes.cancel(SYSTEM, package.id, ["pump-0", "nobody"])
    assert await fleet.counts(job) == {S.QUEUED: 2}


async def test_changes_are_in_the_audit_trail(fleet: Fleet) -> None:
    await fleet.start(1)
    job = await fleet.job()
    await fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE)
    assert (await fleet.db.read(audited))[-3:] == ["package.create", "job.create", "job.cancel"]
