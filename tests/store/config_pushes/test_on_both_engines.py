"""The course of a push, with the same SQL on SQLite and PostgreSQL."""

import asyncio
from pathlib import Path

import pytest

from linkops.alink.configuration import Configuration
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.events.actor import SYSTEM
from linkops.events.kinds import CONFIG_RESULT
from linkops.remote_config.pushes.lists.service import ResultFilter
from linkops.remote_config.pushes.model import FailureKind, FailureLimit, PushStatus, ResultStatus, Stage
from linkops.remote_config.pushes.progress import SLOT_MS
from tests.support.config_fleet import ConfigFleet, counted_results, push_counters
from tests.support.groups import static

HALF_HOUR_MS = 1_800_000


@pytest.fixture
async def fleet(db: Database, clock: FixedClock, tmp_path: Path) -> ConfigFleet:
    return ConfigFleet(db, clock, tmp_path)


async def test_the_course_of_a_push(fleet: ConfigFleet) -> None:
    fleet.interest.replace({CONFIG_RESULT})
    devices = await fleet.start(6)
    await fleet.save('{"b":1}', device=devices[1])
    await fleet.connect(*devices[:5])
    push = await fleet.push(stages=(Stage(40, 60),), stop_at=FailureLimit(90, 3))
    await fleet.tick()
    names = fleet.take_pushes()
    reached = [device for device in devices if device.key.device_name in names]
    assert len(reached) == 3
    await asyncio.gather(*(fleet.answer(device, push, 200 if device is not reached[2] else 400) for device in reached))
    await fleet.tick()
    links = {name: told[-1].url for name, told in fleet.take_pushes().items()}
    assert len(links) == 2
    for url in links.values():
        await fleet.fetch(url)
    told = await fleet.pull(devices[5])
    assert isinstance(told, Configuration)
    assert await fleet.counts(push) == {"SENT": 1, "DOWNLOADED": 2, "ACKNOWLEDGED": 2, "FAILED": 1}
    fleet.clock.advance(HALF_HOUR_MS)
    await fleet.tick()
    assert (await fleet.look(push)).status is PushStatus.COMPLETED
    assert await fleet.db.read(counted_results, push.id) == await fleet.db.read(push_counters, push.id)
    heard = await fleet.db.read(lambda tx: tx.scalar("SELECT count(*) FROM event WHERE kind = 'config.result'"))
    assert heard == 6
    silent = await fleet.delivery.results.of_push(SYSTEM, push.id, ResultFilter(failure_kind=FailureKind.NOT_FETCHED))
    assert [result.device_name for result in silent.items] == ["pump-5"]


async def test_lists_go_on_where_they_ended(fleet: ConfigFleet) -> None:
    devices = await fleet.start(5)
    push = await fleet.push()
    await fleet.tick()
    results = fleet.delivery.results
    for wanted in (ResultFilter(), ResultFilter(status=ResultStatus.OFFLINE)):
        names: list[str] = []
        cursor = None
        while True:
            page = await results.of_push(SYSTEM, push.id, wanted, cursor=cursor, limit=2)
            names += [result.device_name for result in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert names == [device.key.device_name for device in devices]
        assert page.total == 5
    first = await results.by_device_name(SYSTEM, push.id, ResultFilter(), prefix="pump-", limit=3)
    rest = await results.by_device_name(SYSTEM, push.id, ResultFilter(), prefix="pump-", cursor=first.next, limit=3)
    assert [r.device_name for r in (*first.items, *rest.items)] == [f"pump-{number}" for number in range(5)]
    everything = [part async for part in results.all_of_push(SYSTEM, push.id, ResultFilter())]
    assert [len(part) for part in everything] == [5]
    of_one = await results.of_device(SYSTEM, devices[0].key)
    assert [result.push_id for result in of_one.items] == [push.id]
    pages = await fleet.delivery.pushes.page(SYSTEM, fleet.product.product_key)
    assert [found.id for found in pages.items] == [push.id]


async def test_groups_drift_and_what_is_forgotten(fleet: ConfigFleet) -> None:
    devices = await fleet.start(4)
    group = await static(fleet.services, "Cellar", fleet.product)
    await fleet.services.members.add(SYSTEM, group.id, [devices[0].key, devices[3].key])
    await fleet.save('{"c":1}', group_id=group.id)
    await fleet.connect(*devices)
    push = await fleet.push(group_id=group.id)
    await fleet.tick()
    assert sorted(fleet.take_pushes()) == ["pump-0", "pump-3"]
    await fleet.answer(devices[0], push)
    summary = await fleet.delivery.drift.summary(SYSTEM, fleet.product.product_key)
    assert {str(standing): n for standing, n in summary.counts.items() if n} == {"in_step": 1, "unknown": 3}
    page = await fleet.delivery.drift.page(SYSTEM, fleet.product.product_key)
    assert [device.device_name for device in page.items] == ["pump-1", "pump-2", "pump-3"]
    await fleet.delivery.pushes.cancel(SYSTEM, push.id)
    fleet.clock.advance(91 * 86_400_000)
    while await fleet.delivery.course.delete_old():
        pass
    assert (await fleet.delivery.pushes.page(SYSTEM, fleet.product.product_key)).items == []


async def test_of_two_servers_only_one_pushes(fleet: ConfigFleet) -> None:
    devices = await fleet.start(8)
    await fleet.connect(*devices)
    push = await fleet.push(stages=(Stage(50, 100),))
    await fleet.delivery.filler.fill()
    await fleet.delivery.filler.fill()
    await fleet.delivery.course.advance()
    other = ConfigFleet(fleet.db, fleet.clock, Path(), fleet.settings)
    other.services.bus.attach(fleet.hub, asyncio.get_running_loop())
    other.restart()
    await asyncio.gather(fleet.delivery.dispatcher.push_due(), other.delivery.dispatcher.push_due())
    assert [len(told) for told in fleet.take_pushes().values()] == [1] * 4
    assert await fleet.counts(push) == {"SENT": 4, "PENDING": 4}
    assert (await fleet.look(push)).offered == 4


async def test_after_a_power_cut_nothing_is_lost(fleet: ConfigFleet) -> None:
    devices = await fleet.start(3)
    await fleet.connect(*devices)
    push = await fleet.push()
    fleet.hub.lost = True
    with pytest.raises(ConnectionError):
        await fleet.tick()
    fleet.restart()
    fleet.clock.advance(SLOT_MS)
    await fleet.tick()
    assert await fleet.counts(push) == {"SENT": 3}
