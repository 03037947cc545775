"""Each row of the reference's table of a device's task, with the reasons that people read."""

import msgspec
import pytest

from linkops.db import Tx
from linkops.devices.model import NewDevice
from linkops.errors import Conflict, Forbidden, Invalid, NotFound
from linkops.events.actor import SYSTEM, Role
from linkops.ota.model import FailureKind, Job, JobStatus, Task, TaskStatus
from linkops.ota.pace import MINUTE_MS
from linkops.ota.tasks.changing import MAX_TASKS
from tests.support.devices import actor
from tests.support.ota import ALL_LIVE, Fleet, counted_tasks, job_counters

S = TaskStatus


def make_diff(tx: Tx, job_id: int) -> None:
    """As if the job's package brought only its source version to the target."""
    tx.run("UPDATE ota_job SET diff = 1 WHERE id = :id", id=job_id)


def ended_events(tx: Tx) -> list[str]:
    rows = tx.all("SELECT body FROM event WHERE kind = 'ota.task_ended' ORDER BY id")
    return [msgspec.json.decode(body)["taskId"] for (body,) in rows]


async def status(fleet: Fleet, device: NewDevice, job: Job) -> TaskStatus:
    return (await fleet.task(device, job)).status


async def exact(fleet: Fleet, *jobs: Job) -> None:
    for job in jobs:
        assert await fleet.db.read(job_counters, job.id) == await fleet.db.read(counted_tasks, job.id)


async def brought_to(fleet: Fleet, device: NewDevice, wanted: TaskStatus, **asked: object) -> Job:
    """Return a job whose task of this device is in a status that is not an end."""
    job = await fleet.job(await fleet.package("2.0"), need_confirm=wanted is S.CONFIRM, **asked)
    if wanted in (S.NOTIFIED, S.IN_PROGRESS):
        await fleet.pull(device)
    if wanted is S.IN_PROGRESS:
        await fleet.progress(device, 10)
    assert await status(fleet, device, job) is wanted
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
    assert await status(fleet, device, first) is older
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
    assert await status(fleet, device, second) is S.QUEUED
    await fleet.tick()
    assert (await fleet.ota.jobs.get(SYSTEM, first.id)).ended_at is not None
    await exact(fleet, first, second)


async def test_4_a_device_that_is_updating_is_not_overwritten(fleet: Fleet) -> None:
    [device] = await fleet.start()
    first = await brought_to(fleet, device, S.IN_PROGRESS)
    second = await fleet.job(await fleet.package("3.0"), overwrite=True)
    assert [await status(fleet, device, job) for job in (first, second)] == [S.IN_PROGRESS, S.FAILED]
    assert await fleet.progress(device, 20)
    await fleet.version(device, "2.0")
    assert await status(fleet, device, first) is S.SUCCEEDED
    await exact(fleet, first, second)


async def test_several_modules_update_side_by_side(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.ota.modules.create(SYSTEM, fleet.product.product_key, "MCU")
    firmware = await fleet.job(await fleet.package("2.0"), multi_module=True)
    mcu = await fleet.job(await fleet.package("2.0", module="MCU"), multi_module=True)
    assert [await status(fleet, device, job) for job in (firmware, mcu)] == [S.QUEUED, S.QUEUED]
    assert await fleet.pull(device) is not None
    assert await fleet.pull(device, "MCU") is not None
    assert await fleet.progress(device, 10, module="MCU")
    assert [await status(fleet, device, job) for job in (firmware, mcu)] == [S.NOTIFIED, S.IN_PROGRESS]
    newer = await fleet.job(await fleet.package("3.0"), multi_module=True)
    assert [await status(fleet, device, job) for job in (firmware, newer)] == [S.CANCELED, S.QUEUED]
    newer_mcu = await fleet.job(await fleet.package("3.0", module="MCU"), multi_module=True)
    assert [await status(fleet, device, job) for job in (mcu, newer_mcu)] == [S.IN_PROGRESS, S.FAILED]
    plain = await fleet.job(await fleet.package("4.0"))
    assert await status(fleet, device, plain) is S.FAILED
    await fleet.version(device, "2.0", "MCU")
    await fleet.version(device, "3.0")
    assert [await status(fleet, device, job) for job in (mcu, newer)] == [S.SUCCEEDED, S.SUCCEEDED]
    await exact(fleet, firmware, mcu, newer, newer_mcu, plain)


async def test_one_at_a_time_a_report_of_another_module_is_not_about_the_task(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.ota.modules.create(SYSTEM, fleet.product.product_key, "MCU")
    job = await fleet.job(await fleet.package("2.0", module="MCU"))
    await fleet.pull(device, "MCU")
    assert not await fleet.progress(device, 10)
    await fleet.version(device, "2.0")
    assert await status(fleet, device, job) is S.NOTIFIED
    assert await fleet.job(await fleet.package("3.0"), overwrite=True)
    assert await status(fleet, device, job) is S.CANCELED


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
    assert await status(fleet, device, job) is S.QUEUED
    await fleet.connect(device)
    fleet.clock.advance(2_000)
    await fleet.tick()
    assert await status(fleet, device, job) is S.NOTIFIED


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
        assert await status(fleet, device, job) is S.IN_PROGRESS
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
    assert await status(fleet, device, job) is S.FAILED
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
    assert await status(fleet, device, job) is S.IN_PROGRESS
    await fleet.version(device, "1.7")
    task = await fleet.task(device, job)
    assert (task.failure_kind, task.description) == (FailureKind.WRONG_VERSION, "report version is not conform")
    await exact(fleet, job)


@pytest.mark.parametrize("before", NOT_UPDATING)
async def test_15_a_device_that_is_not_updating_may_report_what_it_likes(fleet: Fleet, before: TaskStatus) -> None:
    [device] = await fleet.start()
    job = await brought_to(fleet, device, before)
    await fleet.version(device, "1.7")
    assert await status(fleet, device, job) is before


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
    assert await status(fleet, device, job) is S.IN_PROGRESS
    fleet.clock.advance(1)
    await fleet.tick()
    task = await fleet.task(device, job)
    assert (task.status, task.description, task.retries) == (S.FAILED, "timeout", 0)


async def test_16_a_silent_device_fails_after_the_time_that_it_had_to_begin(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job(notify_timeout_s=600)
    fleet.clock.advance(60 * MINUTE_MS)
    await fleet.tick()
    assert await status(fleet, device, job) is S.QUEUED  # nobody has told it yet
    await fleet.pull(device)
    fleet.clock.advance(9 * MINUTE_MS)
    await fleet.pull(device)
    fleet.clock.advance(MINUTE_MS - 1)
    await fleet.tick()
    assert await status(fleet, device, job) is S.NOTIFIED
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
    assert await status(fleet, device, job) is S.CANCELED
    await exact(fleet, job)


# --- 18: update again -------------------------------------------------------------------------------------------------


async def _again(fleet: Fleet, job: Job, *tasks: Task) -> int:
    return await fleet.ota.task_changes.update_again(SYSTEM, job.id, [task.id for task in tasks])


async def test_18_a_failed_device_is_updated_again_as_if_it_was_new(fleet: Fleet) -> None:
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


async def test_18_it_is_confirmed_again_and_counts_its_retries_anew(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job(need_confirm=True, retry={"interval_s": 0, "count": 1})
    task = await fleet.task(device, job)
    for _ in range(2):
        await fleet.ota.task_changes.confirm(SYSTEM, [task.id])
        for retries in (1, 1):
            await fleet.pull(device)
            await fleet.progress(device, -1)
            assert (await fleet.task(device, job)).retries == retries
        assert await status(fleet, device, job) is S.FAILED
        assert await _again(fleet, job, task) == 1
        assert await status(fleet, device, job) is S.CONFIRM
    await exact(fleet, job)


async def test_18_what_has_not_failed_is_left_alone(fleet: Fleet) -> None:
    devices = await fleet.start(4)
    job = await fleet.job()
    await fleet.version(devices[0], "2.0")
    await fleet.pull(devices[1])
    await fleet.progress(devices[1], -1)
    tasks = [await fleet.task(device, job) for device in devices]
    assert await _again(fleet, job, *tasks) == 1
    assert await fleet.counts(job) == {S.SUCCEEDED: 1, S.QUEUED: 3}


async def test_18_a_device_with_another_update_and_a_canceled_job_are_refused(fleet: Fleet) -> None:
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


async def test_18_two_tasks_of_one_device_are_not_begun_again_at_once(fleet: Fleet) -> None:
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


# --- retries ----------------------------------------------------------------------------------------------------------

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


# --- what was it told -------------------------------------------------------------------------------------------------


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


async def test_applications_hear_of_each_end_once_but_not_of_conflicts(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    first = await fleet.job()
    second = await fleet.job(await fleet.package("3.0"))
    for device in devices:
        for _ in range(3):
            await fleet.pull(device)
            await fleet.version(device, "2.0")
    ids = [str((await fleet.task(device, first)).id) for device in devices]
    assert sorted(await fleet.db.read(ended_events)) == sorted(ids)
    assert await fleet.counts(second) == {S.FAILED: 2}
