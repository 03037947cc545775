"""Jobs over groups: whom a static job finds in one, and whoever comes into one while a dynamic job runs."""

import pytest

from linkops.devices.conditions.model import Condition, ConditionField
from linkops.devices.groups.members.service import Members
from linkops.devices.groups.model import Group, NewGroup
from linkops.devices.groups.service import Groups
from linkops.devices.model import NewDevice
from linkops.errors import Conflict
from linkops.events.actor import SYSTEM
from linkops.ota.filling.group_watch import ROUND_MS
from linkops.ota.model import JobStatus, TaskStatus
from linkops.ota.tasks.service import TaskFilter
from tests.support.ota import Fleet, new_job

S = TaskStatus
IN_ROOM_7 = Condition(field=ConditionField.TAG, key="room", value="7")


async def dynamic_group(fleet: Fleet) -> Group:
    return await Groups(fleet.db, fleet.clock).create(
        SYSTEM, NewGroup(product_key=fleet.product.product_key, name="Room 7", query=(IN_ROOM_7,))
    )


async def put_in_room(fleet: Fleet, device: NewDevice, room: str) -> None:
    await fleet.services.devices.change_tags(SYSTEM, [device.key], {"room": room})


async def devices_with_task(fleet: Fleet, job_id: int) -> set[str]:

    page = await fleet.ota.tasks.of_job(SYSTEM, job_id, TaskFilter(), limit=200)
    return {task.device_name for task in page.items}


async def test_a_static_job_is_for_the_devices_of_a_group_and_of_those_below_it(fleet: Fleet) -> None:
    devices = await fleet.start(5)
    groups, members = Groups(fleet.db, fleet.clock), Members(fleet.db, fleet.clock)
    product_key = fleet.product.product_key
    building = await groups.create(SYSTEM, NewGroup(product_key=product_key, name="Building"))
    floor = await groups.create(SYSTEM, NewGroup(product_key=product_key, name="Floor", parent_id=building.id))
    await members.add(SYSTEM, building.id, [devices[0].key])
    await members.add(SYSTEM, floor.id, [devices[1].key, devices[2].key])
    await fleet.version(devices[2], "2.0")

    job = await fleet.job(targets="GROUP", group_id=building.id)
    assert await devices_with_task(fleet, job.id) == {"pump-0", "pump-1"}

    await members.remove(SYSTEM, building.id, [devices[0].key])
    await fleet.tick()
    assert await fleet.counts(job) == {S.QUEUED: 2}


async def test_a_dynamic_job_updates_who_comes_into_its_group_once(fleet: Fleet) -> None:
    devices = await fleet.start(4)
    group = await dynamic_group(fleet)
    await put_in_room(fleet, devices[0], "7")
    job = await fleet.job(targets="GROUP", group_id=group.id, selection="DYNAMIC")
    assert await devices_with_task(fleet, job.id) == {"pump-0"}

    await put_in_room(fleet, devices[1], "7")
    fleet.clock.advance(ROUND_MS)
    await fleet.tick()
    assert await devices_with_task(fleet, job.id) == {"pump-0", "pump-1"}

    await put_in_room(fleet, devices[0], "8")
    await fleet.ota.task_changes.cancel(SYSTEM, job.package_id, ["pump-0"])
    await put_in_room(fleet, devices[0], "7")
    fleet.clock.advance(ROUND_MS)
    await fleet.tick()
    assert await fleet.counts(job) == {S.QUEUED: 1, S.CANCELED: 1}
    assert (await fleet.ota.jobs.get(SYSTEM, job.id)).status is JobStatus.IN_PROGRESS


async def test_a_stopped_dynamic_job_lets_nobody_in_and_goes_on_after_a_restart(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    group = await dynamic_group(fleet)
    job = await fleet.job(targets="GROUP", group_id=group.id, selection="DYNAMIC")
    fleet.restart()
    await put_in_room(fleet, devices[0], "7")
    await fleet.tick()
    assert await fleet.counts(job) == {S.QUEUED: 1}

    stopped = await fleet.ota.jobs.cancel(SYSTEM, job.id, [], stop=True)
    assert stopped.status is JobStatus.CANCELED
    await put_in_room(fleet, devices[1], "7")
    fleet.clock.advance(ROUND_MS)
    await fleet.tick()
    assert await fleet.counts(job) == {S.QUEUED: 1}


async def test_dynamic_jobs_over_one_group_agree_on_overwriting(fleet: Fleet) -> None:
    await fleet.start(1)
    group = await dynamic_group(fleet)
    asked = {"targets": "GROUP", "group_id": group.id, "selection": "DYNAMIC"}
    await fleet.job(await fleet.package("2.0"), **asked)
    other = await fleet.package("3.0")
    with pytest.raises(Conflict) as refused:
        await fleet.ota.maker.create(SYSTEM, new_job(other.id, **asked, overwrite=True))
    assert refused.value.code == "job.group_disagrees"
    await fleet.job(other, **asked)


async def test_a_deleted_group_ends_nothing(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    group = await dynamic_group(fleet)
    await put_in_room(fleet, devices[0], "7")
    job = await fleet.job(targets="GROUP", group_id=group.id, selection="DYNAMIC")
    await Groups(fleet.db, fleet.clock).delete(SYSTEM, group.id)
    fleet.clock.advance(ROUND_MS)
    await fleet.tick()
    assert await fleet.counts(job) == {S.QUEUED: 1}
