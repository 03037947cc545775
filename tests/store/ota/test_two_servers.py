"""Two servers over one database: each device has one update at a time, and each slot is used once."""

import asyncio
import random
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from linkops.clock import FixedClock
from linkops.db import Database, Tx, open_database
from linkops.events.actor import SYSTEM
from linkops.ota.jobs.canceling import begin
from linkops.ota.model import Job, TaskStatus
from linkops.ota.targeting import NewJob
from linkops.ota.uplinks.reports import ReportedProgress, ReportedVersion
from tests.support.devices import waited
from tests.support.ota import ALL_LIVE, Fleet, exact, new_job

DEVICES = 1_500


def most_live_of_a_device(tx: Tx) -> int:
    return int(
        tx.scalar(
            "SELECT max(n.live) FROM"
            " (SELECT count(*) AS live FROM ota_task WHERE ended_at IS NULL GROUP BY device_id) n"
        )
    )


def _put_all_online(tx: Tx) -> None:
    tx.run("UPDATE device SET online = 1, online_at = 0 WHERE 1 = 1")


async def _fleets(databases: tuple[Database, Database], clock: FixedClock, folder: Path) -> tuple[Fleet, Fleet]:
    first, second = (Fleet(db, clock, folder) for db in databases)
    await first.start()
    second.product = first.product
    await first.services.devices.create_many(SYSTEM, first.product.product_key, DEVICES - 1)
    return first, second


async def _fill(fleet: Fleet) -> None:
    while await fleet.ota.filler.fill():
        pass


async def _create(fleet: Fleet, version: str) -> Job:
    package = await fleet.package(version)
    return await fleet.ota.maker.create(SYSTEM, NewJob(package_id=package.id))


async def test_two_jobs_filled_side_by_side_share_the_devices(
    two_databases: tuple[Database, Database], clock: FixedClock, tmp_path: Path
) -> None:
    first, second = await _fleets(two_databases, clock, tmp_path)
    jobs = [await _create(first, "2.0"), await _create(second, "3.0")]
    await asyncio.gather(_fill(first), _fill(second))
    total: Counter[TaskStatus] = Counter()
    for job in jobs:
        total += Counter(await first.counts(job))
        await exact(first, job)
    assert total == {TaskStatus.QUEUED: DEVICES, TaskStatus.FAILED: DEVICES}
    assert await first.db.read(most_live_of_a_device) == 1


async def _report_all(fleet: Fleet, device_ids: list[int], version: str) -> None:
    """Let devices report a version in units of many, as the hub does."""
    at = fleet.clock.now()
    reports = [ReportedVersion(device_id, fleet.product.id, "default", version, at) for device_id in device_ids]
    for start in range(0, len(reports), 50):
        await waited(fleet.ota.uplinks.report_version.put, reports[start : start + 50])


def _device_ids(tx: Tx) -> list[int]:
    return [device_id for (device_id,) in tx.all("SELECT id FROM device ORDER BY id")]


async def test_two_servers_match_the_same_devices_while_a_dynamic_job_is_filled(
    two_databases: tuple[Database, Database], clock: FixedClock, tmp_path: Path
) -> None:
    first, second = await _fleets(two_databases, clock, tmp_path)
    device_ids = await first.db.read(_device_ids)
    await _report_all(first, device_ids, "1.0")
    asked = {"selection": "DYNAMIC", "source_versions": ["1.0", "1.1"]}
    job = await first.ota.maker.create(SYSTEM, new_job((await first.package("2.0")).id, **asked))
    shuffled = random.Random(7).sample(device_ids, len(device_ids))
    await asyncio.gather(
        _fill(first),
        _fill(second),
        _report_all(first, shuffled, "1.1"),
        _report_all(second, device_ids, "1.1"),
        _report_all(second, shuffled[::-1], "1.0"),
    )
    assert await first.counts(job) == {TaskStatus.QUEUED: DEVICES}
    await exact(first, job)


async def test_two_servers_overwrite_each_others_tasks(
    two_databases: tuple[Database, Database], clock: FixedClock, tmp_path: Path
) -> None:
    first, second = await _fleets(two_databases, clock, tmp_path)
    device_ids = await first.db.read(_device_ids)
    older = await _create(first, "2.0")
    await _fill(first)
    jobs = [
        await fleet.ota.maker.create(SYSTEM, new_job((await fleet.package(version)).id, overwrite=True))
        for fleet, version in ((first, "3.0"), (second, "4.0"))
    ]
    at = clock.now()
    begun = [ReportedProgress(device_id, first.product.id, "default", 10, "", at) for device_id in device_ids[::3]]
    await asyncio.gather(_fill(first), _fill(second), waited(second.ota.uplinks.report_progress.put, begun))
    assert await first.db.read(most_live_of_a_device) == 1
    live: Counter[TaskStatus] = Counter()
    for job in (older, *jobs):
        live += Counter({status: n for status, n in (await first.counts(job)).items() if status in ALL_LIVE})
    assert sum(live.values()) == DEVICES
    assert live[TaskStatus.IN_PROGRESS] == len(begun)
    await exact(first, older, *jobs)


async def test_two_servers_push_each_task_once(
    two_databases: tuple[Database, Database], clock: FixedClock, tmp_path: Path
) -> None:
    first, second = await _fleets(two_databases, clock, tmp_path)
    first.hub.everybody_is_here = second.hub.everybody_is_here = True
    await first.db.write(_put_all_online)
    clock.advance(1)
    job = await _create(first, "2.0")
    await _fill(first)
    while any(await asyncio.gather(first.ota.dispatcher.push_due(), second.ota.dispatcher.push_due())):
        pass
    pushed = Counter(push["device_id"] for fleet in (first, second) for push in fleet.take_pushes())
    assert len(pushed) == DEVICES
    assert set(pushed.values()) == {1}
    assert await first.counts(job) == {TaskStatus.NOTIFIED: DEVICES}


@pytest.mark.postgres
async def test_what_another_server_cancels_while_a_push_waits_for_its_job_is_not_pushed(
    postgres_url: str, clock: FixedClock, tmp_path: Path
) -> None:
    databases = open_database(postgres_url), open_database(postgres_url)
    first, second = [Fleet(db, clock, tmp_path) for db in databases]
    [device] = await first.start()
    await first.connect(device)
    clock.advance(1)
    job = await first.job()
    locked = threading.Event()

    def cancel_slowly(tx: Tx) -> None:
        begin(tx, SYSTEM, job.id, [TaskStatus.QUEUED], "stop", clock.now())
        locked.set()
        while not tx.scalar("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            time.sleep(0.01)

    canceling = asyncio.create_task(second.db.write(cancel_slowly))
    assert await asyncio.to_thread(locked.wait, 60)
    await first.ota.dispatcher.push_due()
    await canceling
    assert first.take_pushes() == []
    await first.tick()
    assert await first.counts(job) == {TaskStatus.CANCELED: 1}
    for db in databases:
        db.close()
