"""A device says something while another server overwrites its task: it is about the new task, and is not lost."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from linkops.clock import FixedClock
from linkops.db import Tx, open_database
from linkops.events.actor import SYSTEM
from linkops.ota.filling.service import fill_chunk
from linkops.ota.model import Job, TaskStatus
from tests.support.ota import Fleet, exact, new_job

pytestmark = pytest.mark.postgres
SOMEBODY_WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"
Said = TypeVar("Said")


@pytest.fixture
async def servers(postgres_url: str, clock: FixedClock, tmp_path: Path) -> AsyncIterator[tuple[Fleet, Fleet]]:
    """Two servers over one database, with a product."""
    databases = open_database(postgres_url), open_database(postgres_url)
    first, second = [Fleet(db, clock, tmp_path) for db in databases]
    first.product = second.product = await first.services.product()
    yield first, second
    for db in databases:
        db.close()


async def _while_overwritten(other: Fleet, job: Job, says: Coroutine[Any, Any, Said]) -> Said:
    """Let ``other`` fill the job, and commit that once what a device says waits for the task that it overwrote."""
    filled = threading.Event()

    def fill_slowly(tx: Tx) -> None:
        fill_chunk(tx, job.id, other.clock.now())
        filled.set()
        while not tx.scalar(SOMEBODY_WAITS):
            time.sleep(0.01)

    filling = asyncio.create_task(other.db.write(fill_slowly))
    assert await asyncio.to_thread(filled.wait, 60)
    said = await says
    await filling
    return said


async def _overwriting(fleet: Fleet, version: str = "3.0") -> Job:
    package = await fleet.package(version)
    return await fleet.ota.maker.create(SYSTEM, new_job(package.id, overwrite=True))


async def test_progress_is_recorded(servers: tuple[Fleet, Fleet]) -> None:
    first, second = servers
    device = await first.services.device(first.product, "pump")
    older = await first.job()
    newer = await _overwriting(second)
    assert await _while_overwritten(second, newer, first.progress(device, 10))
    assert await first.status(device, older) is TaskStatus.CANCELED
    task = await first.task(device, newer)
    assert (task.status, task.step) == (TaskStatus.IN_PROGRESS, 10)
    await exact(first, older, newer)


async def test_a_version_ends_the_new_task(servers: tuple[Fleet, Fleet]) -> None:
    first, second = servers
    device = await first.services.device(first.product, "pump")
    await first.version(device, "1.0")
    older = await first.job()
    newer = await _overwriting(second)
    assert await _while_overwritten(second, newer, first.version(device, "3.0"))
    assert await first.counts(newer) == {TaskStatus.SUCCEEDED: 1}
    await exact(first, older, newer)


async def test_a_pull_is_answered(servers: tuple[Fleet, Fleet]) -> None:
    first, second = servers
    device = await first.services.device(first.product, "pump")
    older = await first.job()
    newer = await _overwriting(second)
    assert await _while_overwritten(second, newer, first.pull(device)) is not None
    assert await first.counts(newer) == {TaskStatus.NOTIFIED: 1}
    await exact(first, older, newer)
