"""Two servers over one database: each device has one update at a time, and each slot is used once."""

import asyncio
from collections import Counter
from pathlib import Path

from linkops.clock import FixedClock
from linkops.db import Database, Tx
from linkops.events.actor import SYSTEM
from linkops.ota.model import Job, TaskStatus
from linkops.ota.targeting import NewJob
from tests.support.ota import Fleet, counted_tasks, job_counters

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
        assert await first.db.read(job_counters, job.id) == await first.db.read(counted_tasks, job.id)
    assert total == {TaskStatus.QUEUED: DEVICES, TaskStatus.FAILED: DEVICES}
    assert await first.db.read(most_live_of_a_device) == 1


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
