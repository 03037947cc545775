"""Each row of the reference's table of a device's task, with the reasons that people read (18: test_again)."""

import pytest

from linkops.db import Tx
from linkops.devices.model import NewDevice
from linkops.errors import Forbidden, Invalid, NotFound
from linkops.events.actor import SYSTEM, Role
from linkops.ota.model import FailureKind, Job, JobStatus, TaskStatus
from linkops.ota.pace import MINUTE_MS
from linkops.ota.tasks.changing import MAX_TASKS
from tests.support.devices import actor
from tests.support.ota import Fleet, exact

S = TaskStatus


def make_diff(tx: Tx, job_id: int) -> None:
    """As if the job's package brought only its source version to the target."""
    tx.run("UPDATE ota_job SET diff = 1 WHERE id = :id", id=job_id)


async def brought_to(fleet: Fleet, device: NewDevice, wanted: TaskStatus, **asked: object) -> Job:
    """Return a job whose task of this device is in a status that is not an end."""
    job = await fleet.job(await fleet.package("2.0"), need_confirm=wanted is S.CONFIRM, **asked)
    if wanted in (S.NOTIFIED, S.IN_PROGRESS):
        await fleet.pull(device)
    if wanted is S.IN_PROGRESS:
        await fleet.progress(device, 10)
    assert await fleet.status(device, job) is wanted
    return job


NOT_UPDATING = [S.CONFIRM, S.QUEUED, S.NOTIFIED]
LIVE = [*NOT_UPDATING, S.IN_PROGRESS]


# --- 1 to 4: a device is selected -------------------------------------------------------------------------------------


async def test_1_a_new_task_knows_what_the_device_ran(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    await fleet.version(devices[0], "1.0")
    job = await fleet.job()
    tasks = [await fleet.task(device, job) for device in devices]
    assert [(task.status, task.source_version) for task in tasks] == [(S.QUEUED, "1.0"), (S.QUEUED, "")]
    await fleet.version(devices[0], "1.1")
    assert (await fleet.task(devices[0], job)).source_version == "1.0"


@pytest.mark.parametrize("older", LIVE)
async def test_2_without_overwriting_the_later_task_fails_at_once(fleet: Fleet, older: TaskStatus) -> None:
    [device] = await fleet.start()
    first = await brought_to(fleet, device, older)
    second = await fleet.job(await fleet.package("3.0"))
    task = await fleet.task(device, second)
    assert (task.status, task.failure_kind) == (S.FAILED, FailureKind.CONFLICT)
    assert (task.description, task.ended_at) == ("another update of this device is not finished", fleet.clock.now())
    assert await fleet.status(device, first) is older
    await fleet.tick()
    assert (await fleet.ota.jobs.get(SYSTEM, second.id)).status is JobStatus.COMPLETED
    await exact(fleet, first, second)


@pytest.mark.parametrize("older", NOT_UPDATING)
async def test_3_overwriting_cancels_the_older_task(fleet: Fleet, older: TaskStatus) -> None:
    [device] = await fleet.start()
    first = await brought_to(fleet, device, older)
    second = await fleet.job(await fleet.package("3.0"), overwrite=True)
    task = await fleet.task(device, first)
    assert (task.status, task.description) == (S.CANCELED, f"overwritten by job {second.id}")
    assert await fleet.status(device, second) is S.QUEUED
    await fleet.tick()
    assert (await fleet.ota.jobs.get(SYSTEM, first.id)).ended_at is not None
    await exact(fleet, first, second)


async def test_4_a_device_that_is_updating_is_not_overwritten(fleet: Fleet) -> None:
    [device] = await fleet.start()
    first = await brought_to(fleet, device, S.IN_PROGRESS)
    second = await fleet.job(await fleet.package("3.0"), overwrite=True)
    assert [await fleet.status(device, job) for job in (first, second)] == [S.IN_PROGRESS, S.FAILED]
    assert await fleet.progress(device, 20)
    await fleet.version(device, "2.0")
    assert await fleet.status(device, first) is S.SUCCEEDED
    await exact(fleet, first, second)


async def test_several_modules_update_side_by_side(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.ota.modules.create(SYSTEM, fleet.product.product_key, "MCU")
    firmware = await fleet.job(await fleet.package("2.0"), multi_module=True)
    mcu = await fleet.job(await fleet.package("2.0", module="MCU"), multi_module=True)
    assert [await fleet.status(device, job) for job in (firmware, mcu)] == [S.QUEUED, S.QUEUED]
    assert await fleet.pull(device) is not None
    assert await fleet.pull(device, "MCU") is not None
    assert await fleet.progress(device, 10, module="MCU")
    assert [await fleet.status(device, job) for job in (firmware, mcu)] == [S.NOTIFIED, S.IN_PROGRESS]
    newer = await fleet.job(await fleet.package("3.0"), multi_module=True)
    assert [await fleet.status(device, job) for job in (firmware, newer)] == [S.CANCELED, S.QUEUED]
    newer_mcu = await fleet.job(await fleet.package("3.0", module="MCU"), multi_module=True)
    assert [await fleet.status(device, job) for job in (mcu, newer_mcu)] == [S.IN_PROGRESS, S.FAILED]
    plain = await fleet.job(await fleet.package("4.0"))
    assert await fleet.status(device, plain) is S.FAILED
    await fleet.version(device, "2.0", "MCU")
    await fleet.version(device, "3.0")
    assert [await fleet.status(device, job) for job in (mcu, newer)] == [S.SUCCEEDED, S.SUCCEEDED]
    await exact(fleet, firmware, mcu, newer, newer_mcu, plain)


async def test_one_at_a_time_a_report_of_another_module_is_not_about_the_task(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.ota.modules.create(SYSTEM, fleet.product.product_key, "MCU")
    job = await fleet.job(await fleet.package("2.0", module="MCU"))
    await fleet.pull(device, "MCU")
    assert not await fleet.progress(device, 10)
    await fleet.version(device, "2.0")
    assert await fleet.status(device, job) is S.NOTIFIED
    assert await fleet.job(await fleet.package("3.0"), overwrite=True)
    assert await fleet.status(device, job) is S.CANCELED


# --- 5 to 10: confirmed, told, updating -------------------------------------------------------------------------------


async def test_5_nobody_is_told_before_the_update_is_confirmed(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    await fleet.connect(*devices)
    job = await fleet.job(need_confirm=True)
    fleet.clock.advance(5 * MINUTE_MS)
    await fleet.tick()
    assert fleet.take_pushes() == []
    assert await fleet.pull(devices[0]) is None
    assert not await fleet.progress(devices[0], 10)
    assert not await fleet.progress(devices[0], -1)
    await fleet.disconnect(devices[0])
    await fleet.connect(devices[0])
    fleet.clock.advance(MINUTE_MS)
    await fleet.tick()
    assert fleet.take_pushes() == []
    tasks = [await fleet.task(device, job) for device in devices]
    [unfinished] = await fleet.ota.tasks.unfinished_of_device(SYSTEM, devices[0].key)
    assert (unfinished.id, unfinished.status) == (tasks[0].id, S.CONFIRM)
    assert await fleet.ota.task_changes.confirm(SYSTEM, [tasks[0].id]) == 1
    assert await fleet.ota.task_changes.confirm(SYSTEM, [tasks[0].id]) == 0
    await fleet.tick()
    assert [push["device_id"] for push in fleet.take_pushes()] == [devices[0].id]
    assert await fleet.counts(job) == {S.NOTIFIED: 1, S.CONFIRM: 1}
    await exact(fleet, job)


async def test_5_a_confirmed_task_of_an_offline_device_waits_for_it(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job(need_confirm=True)
    await fleet.ota.task_changes.confirm(SYSTEM, [(await fleet.task(device, job)).id])
    await fleet.tick()
    assert await fleet.status(device, job) is S.QUEUED
    await fleet.connect(device)
    fleet.clock.advance(2_000)
    await fleet.tick()
    assert await fleet.status(device, job) is S.NOTIFIED


async def test_one_task_that_is_not_theirs_refuses_a_whole_confirmation(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    job = await fleet.job(need_confirm=True)
    ids = [(await fleet.task(device, job)).id for device in devices]
    other = await fleet.services.product("Valves")
    for wrong, refused, who in (
        ([*ids, 10**6], NotFound, SYSTEM),
        (ids, NotFound, actor(Role.OPERATOR, other)),
        (ids, Forbidden, actor(Role.VIEWER, fleet.product)),
        ([], Invalid, SYSTEM),
        ([ids[0], ids[0]], Invalid, SYSTEM),
        (list(range(1, MAX_TASKS + 2)), Invalid, SYSTEM),
    ):
        with pytest.raises(refused):
            await fleet.ota.task_changes.confirm(who, wrong)
    assert await fleet.counts(job) == {S.CONFIRM: 2}


@pytest.mark.parametrize("first", [S.NOTIFIED, S.IN_PROGRESS])
async def test_8_a_device_that_comes_back_is_pushed_again_and_its_clock_is_not_restarted(
    fleet: Fleet, first: TaskStatus
) -> None:
    [device] = await fleet.start()
    job = await brought_to(fleet, device, first, timeout_s=3_600, notify_timeout_s=3_600)
    timeout_at = (await fleet.task(device, job)).timeout_at
    fleet.clock.advance(2 * MINUTE_MS)
    await fleet.connect(device)
    fleet.clock.advance(2_000)
    await fleet.tick()
    assert len(fleet.take_pushes()) == 1
    task = await fleet.task(device, job)
    assert (task.status, task.timeout_at, task.attempt) == (first, timeout_at, 2)


async def test_9_and_10_progress_makes_it_updating_and_a_hundred_percent_is_not_success(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job()
    for step in (0, 50, 100):
        assert await fleet.progress(device, step)
        assert await fleet.status(device, job) is S.IN_PROGRESS
    assert (await fleet.task(device, job)).step == 100


# --- 11 to 17: ends ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("updating", [S.NOTIFIED, S.IN_PROGRESS])
@pytest.mark.parametrize(
    ("step", "kind"),
    [(-1, FailureKind.UPDATE), (-2, FailureKind.DOWNLOAD), (-3, FailureKind.VERIFY), (-4, FailureKind.FLASH)],
)
async def test_11_a_negative_step_fails_it(fleet: Fleet, updating: TaskStatus, step: int, kind: FailureKind) -> None:
    [device] = await fleet.start()
    job = await brought_to(fleet, device, updating)
    assert await fleet.progress(device, step, "E42")
    task = await fleet.task(device, job)
    assert (task.status, task.failure_kind, task.description) == (S.FAILED, kind, "E42")
    for late in (step, 50, 100):
        assert not await fleet.progress(device, late)
    await fleet.version(device, "2.0")
    assert await fleet.status(device, job) is S.FAILED
    await exact(fleet, job)


@pytest.mark.parametrize("before", LIVE)
async def test_12_the_target_version_is_success_from_anywhere(fleet: Fleet, before: TaskStatus) -> None:
    [device] = await fleet.start()
    job = await brought_to(fleet, device, before)
    await fleet.version(device, "2.0")
    task = await fleet.task(device, job)
    assert (task.status, task.description, task.ended_at) == (S.SUCCEEDED, "success", fleet.clock.now())
    assert not await fleet.progress(device, -1)
    await exact(fleet, job)


async def test_13_and_14_the_source_version_goes_on_and_another_one_fails(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.version(device, "1.0")
    job = await brought_to(fleet, device, S.IN_PROGRESS)
    await fleet.version(device, "1.0")
    assert await fleet.status(device, job) is S.IN_PROGRESS
    await fleet.version(device, "1.7")
    task = await fleet.task(device, job)
    assert (task.failure_kind, task.description) == (FailureKind.WRONG_VERSION, "report version is not conform")
    await exact(fleet, job)


@pytest.mark.parametrize("before", NOT_UPDATING)
async def test_15_a_device_that_is_not_updating_may_report_what_it_likes(fleet: Fleet, before: TaskStatus) -> None:
    [device] = await fleet.start()
    job = await brought_to(fleet, device, before)
    await fleet.version(device, "1.7")
    assert await fleet.status(device, job) is before


@pytest.mark.parametrize("before", NOT_UPDATING)
async def test_15_but_a_differential_update_fails_when_its_source_is_gone(fleet: Fleet, before: TaskStatus) -> None:
    [device, other] = await fleet.start(2)
    await fleet.version(device, "1.0")
    await fleet.version(other, "1.1")
    job = await fleet.job(need_confirm=before is S.CONFIRM, source_versions=["1.0"])
    await fleet.db.write(make_diff, job.id)
    if before is S.NOTIFIED:
        await fleet.pull(device)
    assert await fleet.counts(job) == {before: 1}
    await fleet.version(device, "1.7")
    task = await fleet.task(device, job)
    assert (task.status, task.failure_kind) == (S.FAILED, FailureKind.WRONG_VERSION)
    assert task.description == "the device no longer runs the source version"


async def test_16_the_time_out_counts_from_the_first_progress_and_says_so(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await brought_to(fleet, device, S.IN_PROGRESS, timeout_s=60, retry={"interval_s": 0, "count": 1})
    fleet.clock.advance(MINUTE_MS - 1)
    await fleet.tick()
    assert await fleet.status(device, job) is S.IN_PROGRESS
    fleet.clock.advance(1)
    await fleet.tick()
    task = await fleet.task(device, job)
    assert (task.status, task.description, task.retries) == (S.FAILED, "timeout", 0)


async def test_16_a_silent_device_fails_after_the_time_that_it_had_to_begin(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job(notify_timeout_s=600)
    fleet.clock.advance(60 * MINUTE_MS)
    await fleet.tick()
    assert await fleet.status(device, job) is S.QUEUED  # nobody has told it yet
    await fleet.pull(device)
    fleet.clock.advance(9 * MINUTE_MS)
    await fleet.pull(device)
    fleet.clock.advance(MINUTE_MS - 1)
    await fleet.tick()
    assert await fleet.status(device, job) is S.NOTIFIED
    fleet.clock.advance(1)
    await fleet.tick()
    task = await fleet.task(device, job)
    assert (task.status, task.failure_kind) == (S.FAILED, FailureKind.TIMEOUT)
    assert task.description == "timeout: no progress was reported"


@pytest.mark.parametrize("before", LIVE)
async def test_17_whatever_is_unfinished_can_be_canceled(fleet: Fleet, before: TaskStatus) -> None:
    [device] = await fleet.start()
    job = await brought_to(fleet, device, before)
    await fleet.ota.jobs.cancel(SYSTEM, job.id, [before], "wrong image")
    assert (await fleet.task(device, job)).status is S.CANCELED
    assert not await fleet.progress(device, 50)
    assert await fleet.pull(device) is None
    assert await fleet.version(device, "2.0")
    assert await fleet.status(device, job) is S.CANCELED
    await exact(fleet, job)
