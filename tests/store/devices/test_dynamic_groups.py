"""Dynamic groups: what follows from their queries, on both engines."""

import pytest

from linkops.devices.conditions.model import MS_PER_DAY, Condition
from linkops.devices.groups.model import NewGroup
from linkops.errors import Forbidden, Invalid, NotFound
from linkops.events.actor import SYSTEM, Role
from tests.conftest import NOW
from tests.support.devices import DeviceServices, actor
from tests.support.groups import about, dynamic, fleet, names_every_way, report

EVERYWHERE = [
    ([about("name_prefix", prefix="pump-")], ["pump-1", "pump-2", "pump-3", "pump-4", "pump-5"]),
    ([about("online", holds=True)], ["pump-3"]),
    ([about("online", holds=False), about("enabled", holds=False)], ["pump-2"]),
    ([about("tag", key="room")], ["lamp-1", "pump-4", "pump-5"]),
    ([about("tag", key="room", value="7")], ["lamp-1", "pump-4"]),
    ([about("tag", key="room", value="7"), about("tag", key="room", value="8")], []),
    ([about("tag", key="room", value="7"), about("tag", key="floor", value="1")], ["lamp-1", "pump-4"]),
    ([about("version", module="default", versions=("1.0",))], ["lamp-1", "pump-1", "pump-5"]),
    ([about("version", module="default", versions=("2.0", "1.0", "9"))], ["lamp-1", "pump-1", "pump-4", "pump-5"]),
    ([about("version", module="default", versions=("1.0",)), about("tag", key="room", value="8")], ["pump-5"]),
    ([about("version", module="default", holds=True)], ["lamp-1", "pump-1", "pump-4", "pump-5"]),
    ([about("version", module="default", holds=False)], ["pump-2", "pump-3"]),
    ([about("version", module="default", holds=False), about("enabled", holds=True)], ["pump-3"]),
    ([about("activated", holds=True)], ["pump-1", "pump-3"]),
    ([about("activated", holds=False), about("name_prefix", prefix="lamp")], ["lamp-1"]),
    ([about("activated", since_at=NOW + 1)], ["pump-3"]),
    ([about("activated", since_at=NOW, before_at=NOW + 1_000)], ["pump-1"]),
    ([about("activated", within_days=1)], ["pump-1", "pump-3"]),
]


@pytest.mark.parametrize(("query", "expected"), EVERYWHERE)
async def test_a_group_over_all_products(services: DeviceServices, query: list[Condition], expected: list[str]) -> None:
    made = await fleet(services)
    group = await dynamic(services, None, *query)
    assert await names_every_way(services, made, group) == expected


@pytest.mark.parametrize(("query", "expected"), EVERYWHERE)
async def test_a_group_of_one_product(services: DeviceServices, query: list[Condition], expected: list[str]) -> None:
    made = await fleet(services)
    group = await dynamic(services, made.pumps, *query)
    assert await names_every_way(services, made, group) == [name for name in expected if name.startswith("pump")]


async def test_a_group_over_some_products(services: DeviceServices) -> None:
    made = await fleet(services)
    of_lamps = about("product", product_keys=(made.lamps.product_key,))
    group = await dynamic(services, None, of_lamps, about("tag", key="room"))
    assert await names_every_way(services, made, group) == ["lamp-1"]
    with pytest.raises(NotFound):
        await dynamic(services, None, about("product", product_keys=("nowhere",)), name="other")


async def test_a_group_follows_its_devices(services: DeviceServices) -> None:
    made = await fleet(services)
    old = await dynamic(services, made.pumps, about("version", module="default", versions=("1.0",)))
    news = await dynamic(services, made.pumps, about("activated", within_days=7), name="new ones")
    await report(services, made.devices["pump-1"], "default", "2.0")
    await report(services, made.devices["pump-2"], "default", "1.0")
    assert await names_every_way(services, made, old) == ["pump-2", "pump-5"]
    services.clock.advance(7 * MS_PER_DAY)
    assert await names_every_way(services, made, news) == ["pump-3"]
    await services.devices.delete(SYSTEM, made.keys("pump-3", "pump-5"))
    assert await names_every_way(services, made, old) == ["pump-2"]
    assert await names_every_way(services, made, news) == []


async def test_a_query_can_be_tried_and_replaced(services: DeviceServices) -> None:
    made = await fleet(services)
    query = [about("tag", key="room")]
    tried = await services.members.preview(SYSTEM, made.pumps.product_key, query, limit=1)
    assert ([row.device.key.device_name for row in tried.items], tried.total) == (["pump-4"], 2)
    everywhere = await services.members.preview(actor(Role.VIEWER, made.lamps), None, query)
    assert [row.device.key.device_name for row in everywhere.items] == ["lamp-1"]
    group = await dynamic(services, made.pumps, about("online", holds=True))
    edited = await services.groups.edit(SYSTEM, group.id, query=tuple(query))
    assert edited.query == tuple(query)
    assert await names_every_way(services, made, edited) == ["pump-4", "pump-5"]
    with pytest.raises(Invalid):
        await services.groups.edit(SYSTEM, group.id, query=())
    with pytest.raises(Invalid):
        await services.members.preview(SYSTEM, None, [])


async def test_a_group_over_all_products_takes_a_role_for_all(services: DeviceServices) -> None:
    made = await fleet(services)
    group = await dynamic(services, None, about("online", holds=True))
    of_both = actor(Role.OPERATOR, made.pumps, made.lamps)
    with pytest.raises(NotFound):
        await services.members.page(of_both, group.id)
    with pytest.raises(Forbidden):
        await services.groups.create(of_both, NewGroup(name="mine", query=group.query))
