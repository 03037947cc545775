"""How many devices there are: exact, for those who may see them, and counted once for everybody."""

import asyncio

import pytest

from linkops.devices.totals.service import LEAST_AGE_S, DeviceTotals
from linkops.errors import NotFound
from linkops.events.actor import SYSTEM, Role
from tests.support.devices import DeviceServices, actor


class Stopwatch:
    """A monotonic clock that moves when it is told to, and by ``step`` whenever somebody looks."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


async def test_devices_are_counted_by_product_and_state(services: DeviceServices) -> None:
    pumps, lamps = await services.product("Pumps"), await services.product("Lamps")
    devices = [await services.device(pumps, f"pump-{number}") for number in range(3)]
    first = await services.log_in(services.attempt(devices[0]))
    assert not isinstance(first, str)
    totals = DeviceTotals(services.db, services.clock)
    counted = await totals.of(SYSTEM)
    assert [(each.name, each.devices, each.online, each.activated) for each in counted.products] == [
        ("Lamps", 0, 0, 0),
        ("Pumps", 3, 1, 1),
    ]
    assert (counted.devices, counted.online, counted.activated) == (3, 1, 1)
    viewer = actor(Role.VIEWER, lamps)
    assert [each.name for each in (await totals.of(viewer)).products] == ["Lamps"]
    with pytest.raises(NotFound):
        await totals.of_product(viewer, pumps.product_key)


async def test_all_who_look_share_a_count_until_it_is_too_old(services: DeviceServices) -> None:
    pumps, watch = await services.product("Pumps"), Stopwatch()
    totals = DeviceTotals(services.db, services.clock, watch)
    assert (await totals.of_product(SYSTEM, pumps.product_key)).devices == 0
    await services.device(pumps)
    looks = await asyncio.gather(*(totals.of(SYSTEM) for _ in range(20)))
    assert {look.devices for look in looks} == {0}
    watch.now += LEAST_AGE_S
    assert (await totals.of(SYSTEM)).devices == 1


async def test_a_count_that_took_long_is_good_for_ten_times_as_long(services: DeviceServices) -> None:
    pumps, watch = await services.product("Pumps"), Stopwatch(step=2.0)
    totals = DeviceTotals(services.db, services.clock, watch)
    await totals.of(SYSTEM)
    watch.step = 0.0
    await services.device(pumps)
    watch.now += 19.0
    assert (await totals.of(SYSTEM)).devices == 0
    watch.now += 1.5
    assert (await totals.of(SYSTEM)).devices == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("pump", ["Big pumps", "Pumps"]),
        ("UMPS", ["Big pumps", "Pumps"]),
        ("lampkey", ["Lamps"]),
        ("_", []),
        ("%", []),
        ("\u00c9", ["\u00c9cole"]),
    ],
)
async def test_products_are_found_by_a_part_of_name_or_key(
    services: DeviceServices, text: str, names: list[str]
) -> None:
    await services.products.create(SYSTEM, "Lamps", product_key="LampKey1")
    await services.products.create(SYSTEM, "Pumps", product_key="p1")
    await services.products.create(SYSTEM, "Big pumps", product_key="p2")
    await services.products.create(SYSTEM, "\u00c9cole", product_key="s1")
    found = await services.products.page(SYSTEM, containing=text)
    assert [each.name for each in found.items] == names
    assert found.total == len(names)
