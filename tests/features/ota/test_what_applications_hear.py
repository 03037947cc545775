"""Events of updates: the fields that applications of the vendor's platform read, and no others."""

from typing import Any

import msgspec

from linkops.alink.iot_ids import write_iot_id
from linkops.db import Tx
from linkops.events.actor import SYSTEM
from linkops.events.kinds import OTA_PROGRESS
from linkops.ota.model import TaskStatus
from linkops.subscriptions.reading.store import Wanted, read_events
from linkops.subscriptions.wire import envelope
from tests.support.ota import ALL_LIVE, Fleet


async def heard(fleet: Fleet, kind: str) -> list[dict[str, Any]]:
    """Return what applications read of one kind, oldest first."""
    found = await fleet.db.read(read_events, Wanted([kind]), 0, 1_000)
    return [envelope(event) for event in found.events]


async def test_a_task_that_ended(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.version(device, "1.0")
    job = await fleet.job()
    await fleet.pull(device)
    await fleet.version(device, "2.0")
    task = await fleet.task(device, job)
    [event] = await heard(fleet, "ota.task_ended")
    assert event["topic"] == f"/{device.key.product_key}/pump-0/ota/upgrade"
    assert event["payload"] == {
        "iotId": write_iot_id(device.id),
        "productKey": device.key.product_key,
        "deviceName": "pump-0",
        "status": "SUCCEEDED",
        "messageCreateTime": fleet.clock.now(),
        "srcVersion": "1.0",
        "destVersion": "2.0",
        "desc": "success",
        "jobId": str(job.id),
        "taskId": str(task.id),
        "moduleName": "default",
    }


async def test_a_canceled_task_is_heard_of_and_one_that_never_began_is_not(fleet: Fleet) -> None:
    await fleet.start()
    first = await fleet.job()
    second = await fleet.job(await fleet.package("3.0"))
    assert await fleet.counts(second) == {TaskStatus.FAILED: 1}
    await fleet.ota.jobs.cancel(SYSTEM, first.id, ALL_LIVE, "enough")
    await fleet.tick()
    assert [(e["payload"]["status"], e["payload"]["desc"]) for e in await heard(fleet, "ota.task_ended")] == [
        ("CANCELED", "enough")
    ]


async def test_versions_and_jobs(fleet: Fleet) -> None:
    [device] = await fleet.start()
    package = await fleet.package()
    job = await fleet.job(package)
    await fleet.version(device, "2.0")
    await fleet.tick()
    [version] = await heard(fleet, "ota.version_changed")
    assert version["payload"] == {
        "iotId": write_iot_id(device.id),
        "productKey": device.key.product_key,
        "deviceName": "pump-0",
        "moduleName": "default",
        "srcVersion": "",
        "moduleVersion": "2.0",
        "messageCreateTime": fleet.clock.now(),
    }
    began, ended = await heard(fleet, "ota.job_changed")
    assert began["topic"] == f"/{device.key.product_key}/{package.id}/{job.id}/ota/job/status"
    assert [event["payload"]["status"] for event in (began, ended)] == ["IN_PROGRESS", "COMPLETED"]
    assert ended["payload"] == {
        "productKey": device.key.product_key,
        "moduleName": "default",
        "packageId": str(package.id),
        "jobId": str(job.id),
        "status": "COMPLETED",
        "messageCreateTime": fleet.clock.now(),
    }


async def test_progress_is_recorded_only_while_somebody_listens(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.version(device, "1.0")
    await fleet.job()
    await fleet.pull(device)
    await fleet.progress(device, 10)
    fleet.interest.replace([OTA_PROGRESS])
    assert [await fleet.progress(device, step, "on") for step in (20, 20, -3)] == [True, False, True]
    events = await heard(fleet, OTA_PROGRESS)
    assert [event["payload"]["step"] for event in events] == [20, -3]
    assert events[0]["payload"] == {
        "productKey": device.key.product_key,
        "deviceName": "pump-0",
        "moduleName": "default",
        "srcVersion": "1.0",
        "destVersion": "2.0",
        "step": 20,
        "desc": "on",
        "messageCreateTime": fleet.clock.now(),
    }
    assert await fleet.db.read(_order) == [OTA_PROGRESS, OTA_PROGRESS, "ota.task_ended"]


def _order(tx: Tx) -> list[str]:
    kinds = [kind for kind, _ in tx.all("SELECT kind, body FROM event ORDER BY id")]
    assert all(msgspec.json.decode(body) for _, body in tx.all("SELECT kind, body FROM event"))
    return kinds[-3:]


async def test_each_end_once_but_no_conflicts(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    first = await fleet.job()
    second = await fleet.job(await fleet.package("3.0"))
    for device in devices:
        for _ in range(3):
            await fleet.pull(device)
            await fleet.version(device, "2.0")
    ids = [str((await fleet.task(device, first)).id) for device in devices]
    ended = [event["payload"] for event in await heard(fleet, "ota.task_ended")]
    assert sorted(each["taskId"] for each in ended) == sorted(ids)
    assert await fleet.counts(second) == {TaskStatus.FAILED: 2}
