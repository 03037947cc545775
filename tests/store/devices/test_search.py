import pytest

from linkops.db import Tx
from linkops.devices.model import Product
from linkops.devices.search.model import DeviceFilter, Order
from linkops.errors import Invalid, NotFound
from linkops.events.actor import SYSTEM, Actor, Role
from tests.conftest import NOW
from tests.support.devices import DeviceServices, actor


async def names(
    services: DeviceServices, wanted: DeviceFilter, order: Order = Order.NAME, *, by: Actor = SYSTEM, limit: int = 2
) -> list[str]:
    """All names, read a page at a time."""
    found, cursor = [], None
    while True:
        page = await services.search.page(by, wanted, order=order, cursor=cursor, limit=limit)
        found += [row.device.key.device_name for row in page.items]
        cursor = page.next
        if cursor is None:
            assert page.total == len(found)
            return found


async def fleet(services: DeviceServices) -> tuple[Product, Product]:
    """Five pumps and a lamp; pump-3 and pump-1 are or were online, pump-2 is disabled, pump-1 and pump-5 run 1.0."""
    pumps, lamps = await services.product("Pumps"), await services.product("Lamps")
    devices = {name: await services.device(pumps, name) for name in ("pump-4", "pump-1", "pump-3", "pump-2", "pump-5")}
    await services.device(lamps, "lamp-1")
    first = services.attempt(devices["pump-1"])
    accepted = await services.log_in(first)
    services.clock.advance(1_000)
    await services.log_in(services.attempt(devices["pump-3"]))
    assert not isinstance(accepted, str)
    await services.log_out(accepted, first.connection_id)
    await services.devices.set_enabled(SYSTEM, [devices["pump-2"].key], enabled=False)
    await services.devices.change_tags(SYSTEM, [devices["pump-4"].key], {"room": "7", "floor": "1"})
    await services.devices.change_tags(SYSTEM, [devices["pump-5"].key], {"room": "8"})

    def report(tx: Tx) -> None:
        tx.run(
            "INSERT INTO module_version (device_id, module, product_id, version, reported_at)"
            " SELECT r.id, r.module, :product_id, r.version, :now FROM {rows: id bigint, module text, version text} r",
            product_id=pumps.id,
            now=NOW,
            rows=[(devices["pump-1"].id, "default", "1.0"), (devices["pump-5"].id, "default", "1.0"),
                  (devices["pump-4"].id, "default", "2.0"), (devices["pump-4"].id, "mcu", "1.0")],
        )  # fmt: skip

    await services.db.write(report)
    return pumps, lamps


async def test_every_order_goes_through_all_pages_once(services: DeviceServices) -> None:
    pumps, _ = await fleet(services)
    of_pumps = DeviceFilter(product_key=pumps.product_key)
    assert await names(services, of_pumps) == ["pump-1", "pump-2", "pump-3", "pump-4", "pump-5"]
    assert await names(services, of_pumps, Order.OLDEST) == ["pump-4", "pump-1", "pump-3", "pump-2", "pump-5"]
    assert await names(services, of_pumps, Order.NEWEST) == ["pump-5", "pump-2", "pump-3", "pump-1", "pump-4"]
    assert await names(services, of_pumps, Order.LAST_SEEN) == ["pump-3", "pump-1", "pump-5", "pump-2", "pump-4"]
    assert (await names(services, DeviceFilter())) == ["pump-1", "pump-2", "pump-3", "pump-4", "pump-5", "lamp-1"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (DeviceFilter(name_prefix="pump-"), ["pump-1", "pump-2", "pump-3", "pump-4", "pump-5"]),
        (DeviceFilter(name_prefix="lamp"), ["lamp-1"]),
        (DeviceFilter(name_prefix="%"), []),
        (DeviceFilter(online=True), ["pump-3"]),
        (DeviceFilter(online=False, activated=True), ["pump-1"]),
        (DeviceFilter(activated=False, enabled=True), ["pump-4", "pump-5", "lamp-1"]),
        (DeviceFilter(enabled=False), ["pump-2"]),
        (DeviceFilter(tag_key="room"), ["pump-4", "pump-5"]),
        (DeviceFilter(tag_key="room", tag_value="8"), ["pump-5"]),
        (DeviceFilter(tag_key="room", tag_value="8", online=True), []),
    ],
)
async def test_filters(services: DeviceServices, wanted: DeviceFilter, expected: list[str]) -> None:
    await fleet(services)
    assert await names(services, wanted) == expected


async def test_filter_by_what_devices_run(services: DeviceServices) -> None:
    pumps, lamps = await fleet(services)
    key = pumps.product_key
    assert await names(services, DeviceFilter(product_key=key, module="default", version="1.0")) == ["pump-1", "pump-5"]
    assert await names(services, DeviceFilter(product_key=key, module="mcu")) == ["pump-4"]
    assert await names(services, DeviceFilter(product_key=lamps.product_key, module="default")) == []
    with pytest.raises(Invalid):
        await names(services, DeviceFilter(module="default"))


async def test_a_list_shows_tags(services: DeviceServices) -> None:
    await fleet(services)
    rows = (await services.search.page(SYSTEM, DeviceFilter(name_prefix="pump-4"))).items
    assert rows[0].tags == {"floor": "1", "room": "7"}


async def test_a_list_and_its_total_show_only_what_the_actor_may_see(services: DeviceServices) -> None:
    pumps, lamps = await fleet(services)
    assert await names(services, DeviceFilter(), by=actor(Role.VIEWER, lamps)) == ["lamp-1"]
    assert len(await names(services, DeviceFilter(), by=actor(Role.VIEWER, lamps, pumps))) == 6
    assert await names(services, DeviceFilter(), by=actor(Role.VIEWER)) == []
    with pytest.raises(NotFound):
        await names(services, DeviceFilter(product_key=pumps.product_key), by=actor(Role.VIEWER, lamps))


async def test_cursors_and_limits_of_somebody_elses_making_are_refused(services: DeviceServices) -> None:
    await fleet(services)
    cursor = (await services.search.page(SYSTEM, DeviceFilter(), limit=1)).next
    for order, limit in ((Order.NEWEST, 1), (Order.NAME, 0), (Order.NAME, 201)):
        with pytest.raises(Invalid):
            await services.search.page(SYSTEM, DeviceFilter(), order=order, cursor=cursor, limit=limit)
