"""A database that cannot store: errors, nothing acknowledged that is not stored, and recovery by itself."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager

import pytest

from linkops.simulator import Fleet, Pace
from tests.doors.faults.conftest import Site
from tests.support.diary import Diary, unix_ms

PACE = Pace(reconnect_s=0.5, reconnect_at_most_s=2.0)
LOCKED_S = 10.0


@asynccontextmanager
async def locked(site: Site) -> AsyncIterator[None]:
    """Another process (this one) holds the database's write lock."""
    with closing(sqlite3.connect(site.server.data_dir / "linkops.db", isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@asynccontextmanager
async def full(site: Site) -> AsyncIterator[None]:
    """No file of the server may grow: what a full disk does, without filling one."""
    with _files_limited(site.server.pid):
        yield


@contextmanager
def _files_limited(pid: int) -> Iterator[None]:
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4_096, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("fault", [locked, full])
async def test_reports_are_acknowledged_only_when_stored(
    site: Site, fault: Callable[[Site], AbstractAsyncContextManager[None]]
) -> None:
    diary = Diary()
    async with Fleet(site.server.mqtt, site.identities, pace=PACE, observer=diary) as fleet:
        await fleet.settled()
        async with fault(site):
            begun = unix_ms()
            returning, staying = fleet.devices[::2], fleet.devices[1::2]
            for device in returning:
                device.restart("default", "1.1.0")  # hangs up, and comes back with another version
            # These report on connections that are open; each ends without an acknowledgement.
            reported = asyncio.gather(*(device.report_version("default", "1.1.0") for device in staying))
            await asyncio.sleep(LOCKED_S)
            status = (
                await asyncio.to_thread(site.operator.client.post, "/products", json={"name": "Late"})
            ).status_code
            ended = unix_ms()
        assert status == 503
        during = [r for reports in diary.reports.values() for r in reports if begun < r.acknowledged_at < ended]
        assert during == []
        assert not any(await reported)
        async with asyncio.timeout(60):
            await fleet.settled()
    product = {"product_key": site.product_key}
    for identity in site.identities[:10]:
        named = {**product, "device_name": identity.device_name}
        assert await asyncio.to_thread(site.operator.versions, named) == {"default": "1.1.0"}
    await asyncio.to_thread(site.operator.post, "/products", {"name": "After the fault"})
