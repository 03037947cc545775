"""A device says something while another server gives it another task: it is about that one, and is not lost."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from linkops.clock import FixedClock
from linkops.db import Tx, open_database
from linkops.devices.model import NewDevice
from linkops.events.actor import SYSTEM
from linkops.ota.filling.service import fill_chunk
from linkops.ota.model import Job, TaskStatus
from linkops.ota.states.store import live
from linkops.ota.uplinks.progress import record_progress
from linkops.ota.uplinks.reports import ReportedProgress
from tests.support.ota import Fleet, exact, new_job

pytestmark = pytest.mark.postgres
Said = TypeVar("Said")


@pytest.fixture
async def servers(postgres_url: str, clock: FixedClock, tmp_path: Path) -> AsyncIterator[list[Fleet]]:
    """Three servers over one database, with a product."""
    databases = [open_database(postgres_url) for _ in range(3)]
    fleets = [Fleet(db, clock, tmp_path) for db in databases]
    product = await fleets[0].services.product()
    for fleet in fleets:
        fleet.product = product
    yield fleets
    for db in databases:
        db.close()


async def _device(fleet: Fleet, name: str = "pump") -> NewDevice:
    device = await fleet.services.device(fleet.product, name)
    await fleet.version(device, "1.0")
    return device


async def _overwriting(fleet: Fleet, version: str = "3.0", **asked: object) -> Job:
    package = await fleet.package(version)
    return await fleet.ota.maker.create(SYSTEM, new_job(package.id, overwrite=True, **asked))


def _somebody_waits(tx: Tx) -> bool:
    return bool(tx.scalar("SELECT count(*) FROM pg_locks WHERE NOT granted"))


async def _held(fleet: Fleet, unit: Callable[[Tx], object], until: Callable[[Tx], bool]) -> asyncio.Task[None]:
    """Run a unit, and commit it (which ends the task that is returned) when it may."""
    done = threading.Event()

    def hold(tx: Tx) -> None:
        unit(tx)
        done.set()
        while not until(tx):
            time.sleep(0.01)

    holding = asyncio.create_task(fleet.db.write(hold))
    assert await asyncio.to_thread(done.wait, 60)
    return holding


async def _filling(fleet: Fleet, job: Job, until: Callable[[Tx], bool] = _somebody_waits) -> asyncio.Task[None]:
    return await _held(fleet, lambda tx: fill_chunk(tx, job.id, fleet.clock.now()), until)


async def _while_filled(fleet: Fleet, job: Job, says: Coroutine[Any, Any, Said]) -> Said:
    """Let ``fleet`` make the tasks of a job, and commit them once what a device says waits for that, or is answered."""
    answered = threading.Event()
    filling = await _filling(fleet, job, lambda tx: answered.is_set() or _somebody_waits(tx))
    said = await says
    answered.set()
    await filling
    return said


async def test_progress_is_recorded(servers: list[Fleet]) -> None:
    first, second, _ = servers
    device = await _device(first)
    older, newer = await first.job(), await _overwriting(second)
    assert await _while_filled(second, newer, first.progress(device, 10))
    assert await first.status(device, older) is TaskStatus.CANCELED
    task = await first.task(device, newer)
    assert (task.status, task.step) == (TaskStatus.IN_PROGRESS, 10)
    await exact(first, older, newer)


async def test_a_version_ends_the_new_task(servers: list[Fleet]) -> None:
    first, second, _ = servers
    device = await _device(first)
    older, newer = await first.job(), await _overwriting(second)
    assert await _while_filled(second, newer, first.version(device, "3.0"))
    assert await first.counts(newer) == {TaskStatus.SUCCEEDED: 1}
    await exact(first, older, newer)


async def test_a_version_ends_the_first_task_of_a_device(servers: list[Fleet]) -> None:
    first, second, _ = servers
    device = await _device(first)
    job = await _overwriting(second)
    assert await _while_filled(second, job, first.version(device, "3.0"))
    assert await first.counts(job) == {TaskStatus.SUCCEEDED: 1}
    await exact(first, job)


async def test_a_pull_is_answered(servers: list[Fleet]) -> None:
    first, second, _ = servers
    device = await _device(first)
    older, newer = await first.job(), await _overwriting(second)
    assert await _while_filled(second, newer, first.pull(device)) is not None
    assert await first.counts(newer) == {TaskStatus.NOTIFIED: 1}
    await exact(first, older, newer)


async def test_progress_is_recorded_of_a_task_that_is_overwritten_twice(servers: list[Fleet]) -> None:
    first, second, third = servers
    a, b = await _device(first, "pump-a"), await _device(first, "pump-b")
    older = await first.job()
    newer, newest = [await _overwriting(first, v, targets="SPECIFIC", device_names=["pump-a"]) for v in ("3.0", "4.0")]
    task_of_b, let_go, free = (await first.task(b, older)).id, threading.Event(), threading.Event()
    holding = await _held(third, lambda tx: live(tx, [task_of_b]), lambda _: let_go.is_set())
    filling = await _filling(second, newer)
    at = first.clock.now()
    reports = [ReportedProgress(device.id, first.product.id, "default", 10, "", at) for device in (a, b)]
    saying = asyncio.create_task(first.db.write(record_progress, reports, first.interest))
    # It has found the task of a ended, and waits for that of b; the new one of a is overwritten before it looks again.
    await filling
    filling = await _filling(second, newest, lambda tx: free.is_set() and _somebody_waits(tx))
    let_go.set()
    await holding
    free.set()
    assert await saying == [True, True]
    await filling
    assert await first.status(a, newest) is await first.status(b, older) is TaskStatus.IN_PROGRESS
    assert await first.status(a, newer) is TaskStatus.CANCELED
    await exact(first, older, newer, newest)
