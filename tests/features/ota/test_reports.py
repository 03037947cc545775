"""Reports of devices: repeated, late, out of order, many at once, or about nothing."""

import asyncio
import json

from linkops.db import Tx
from linkops.events.actor import SYSTEM
from linkops.ota.model import FailureKind, TaskStatus
from linkops.ota.uplinks.progress import MODULES_PER_DEVICE
from linkops.ota.uplinks.reports import ReportedProgress, ReportedVersion
from tests.support.ota import Fleet, exact

S = TaskStatus


def events(tx: Tx, kind: str) -> int:
    return int(tx.scalar("SELECT count(*) FROM event WHERE kind = :kind", kind=kind))


async def test_every_message_three_times_counts_once(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job()
    await fleet.pull(device)
    for step in (5, 50, 100):
        assert [await fleet.progress(device, step) for _ in range(3)] == [True, False, False]
    assert [await fleet.version(device, "2.0") for _ in range(3)] == [True, False, False]
    assert await fleet.counts(job) == {S.SUCCEEDED: 1}
    assert await fleet.db.read(events, "ota.task_ended") == 1
    assert await fleet.db.read(events, "ota.version_changed") == 1


async def test_what_a_device_ran_is_told_from_version_to_version(fleet: Fleet) -> None:
    [device] = await fleet.start()
    now, reported = fleet.clock.now(), ("3.0", "3.0", "4.0", "3.0")
    reports = [ReportedVersion(device.id, fleet.product.id, "MCU", version, now) for version in reported]
    await asyncio.gather(*map(fleet.ota.uplinks.report_version, reports))
    bodies = await fleet.db.read(lambda tx: tx.all("SELECT body FROM event WHERE kind = 'ota.version_changed'"))
    changes = [json.loads(body) for (body,) in bodies]
    told = [(one["srcVersion"], one["moduleVersion"]) for one in changes if one["moduleName"] == "MCU"]
    assert told == [("", "3.0"), ("3.0", "4.0"), ("4.0", "3.0")]


async def test_reports_out_of_order_change_nothing_that_is_over(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job()
    await fleet.pull(device)
    assert [await fleet.progress(device, step) for step in (100, 50)] == [True, False]
    await fleet.version(device, "2.0")
    assert not await fleet.progress(device, -1)
    assert not await fleet.progress(device, 60)
    assert await fleet.counts(job) == {S.SUCCEEDED: 1}


async def test_a_devices_reports_in_one_unit_are_taken_in_order(fleet: Fleet) -> None:
    devices = await fleet.start(50)
    job = await fleet.job()
    await asyncio.gather(*(fleet.pull(device) for device in devices))
    steps = (10, 20, 20, 15, 100)
    reports = [
        ReportedProgress(device.id, fleet.product.id, "default", step, "", fleet.clock.now())
        for step in steps
        for device in devices
    ]
    answers = await asyncio.gather(*map(fleet.ota.uplinks.report_progress, reports))
    assert answers == [
        step != 15 and not (step == 20 and number >= 100)
        for number, step in ((number, steps[number // 50]) for number in range(250))
    ]
    assert await fleet.counts(job) == {S.IN_PROGRESS: 50}
    await exact(fleet, job)


async def test_four_hundred_tasks_that_end_side_by_side_are_counted_exactly(fleet: Fleet) -> None:
    devices = await fleet.start(400)
    job = await fleet.job()
    gate = asyncio.Semaphore(16)

    async def finish(number: int) -> None:
        device = devices[number]
        async with gate:
            await fleet.pull(device)
            await fleet.progress(device, 50)
            await (fleet.progress(device, -2) if number % 4 == 0 else fleet.version(device, "2.0"))

    await asyncio.gather(*map(finish, range(400)))
    assert await fleet.counts(job) == {S.SUCCEEDED: 300, S.FAILED: 100}
    assert (await fleet.ota.jobs.summary(SYSTEM, job.id)).failures == {FailureKind.DOWNLOAD: 100}
    await exact(fleet, job)


async def test_progress_about_nothing_is_ignored(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    assert not await fleet.progress(devices[0], 50)
    job = await fleet.job(targets="SPECIFIC", device_names=["pump-0"])
    assert not await fleet.progress(devices[1], 50)
    assert not await fleet.progress(devices[0], 50, module="MCU")
    assert await fleet.counts(job) == {S.QUEUED: 1}


async def test_the_version_of_another_module_ends_nothing(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job()
    await fleet.pull(device)
    await fleet.progress(device, 10)
    await fleet.version(device, "2.0", module="MCU")
    assert await fleet.counts(job) == {S.IN_PROGRESS: 1}


async def test_a_wrong_version_fails_only_an_update_in_progress(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.version(device, "1.0")
    job = await fleet.job()
    await fleet.pull(device)
    await fleet.version(device, "1.1")
    assert await fleet.counts(job) == {S.NOTIFIED: 1}
    await fleet.progress(device, 10)
    await fleet.version(device, "1.0")
    assert await fleet.counts(job) == {S.IN_PROGRESS: 1}
    await fleet.version(device, "1.1")
    task = await fleet.task(device, job)
    assert (task.status, task.failure_kind) == (S.FAILED, FailureKind.WRONG_VERSION)
    assert task.source_version == "1.0"


async def test_a_device_that_invents_modules_fills_no_table(fleet: Fleet) -> None:
    [device] = await fleet.start()
    reports = [ReportedVersion(device.id, fleet.product.id, f"m{number}", "1", 1) for number in range(100)]
    answers = await asyncio.gather(*map(fleet.ota.uplinks.report_version, reports))
    assert sum(answers) == MODULES_PER_DEVICE
    assert await fleet.version(device, "2", module="m0")
    assert len(await fleet.services.devices.module_versions(SYSTEM, device.key)) == MODULES_PER_DEVICE


async def test_a_report_that_comes_while_its_device_is_deleted_is_dropped(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.services.devices.delete(SYSTEM, [device.key])
    await fleet.version(device, "2.0")
    assert not await fleet.progress(device, 3)
