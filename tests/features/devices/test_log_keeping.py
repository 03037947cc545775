"""How many log entries are kept, and how long."""

from linkops.alink.logs import LogEntry
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.devices.logs.keeping import LogKeeping
from linkops.devices.logs.model import LogFilter, Posted
from linkops.devices.logs.service import Logs
from linkops.devices.logs.uplinks import LogUplinks, Taken
from linkops.devices.model import NewDevice
from linkops.events.actor import SYSTEM
from tests.support.devices import DeviceServices, waited

DAY_MS = 86_400_000


async def test_the_oldest_entries_go_first(sqlite_db: Database, clock: FixedClock, services: DeviceServices) -> None:
    device = await services.device(await services.product())
    uplinks, logs = LogUplinks(sqlite_db, 10_000), Logs(sqlite_db, clock, services.bus)
    keeping = LogKeeping(sqlite_db, clock, uplinks, keep_days=7, most_per_device=3)
    await logs.switch(SYSTEM, device.key, on=True)

    async def log(*contents: str) -> list[Taken]:
        entries = [LogEntry("", "", "", "", "", content) for content in contents]
        return await waited(uplinks.put, [Posted(device.id, entries, clock.now())])

    assert await log(*"abcd") == [Taken.STORED]
    clock.advance(6 * DAY_MS)
    assert await log("e") == [Taken.STORED]
    assert await contents(logs, device) == "edcba"
    assert not await keeping.trim()
    assert await contents(logs, device) == "edc"
    assert not await keeping.delete_old()
    clock.advance(2 * DAY_MS)
    assert not await keeping.delete_old()
    assert await contents(logs, device) == "e"


async def contents(logs: Logs, device: NewDevice) -> str:
    lines = await logs.page(SYSTEM, device.key, LogFilter(), before=2**62)
    return "".join(line.content for line in lines)
