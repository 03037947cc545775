"""A registry of 100,000 devices: pages, and the storm after a power cut."""

from pathlib import Path

import pytest

from linkops.clock import FixedClock
from linkops.db import Database, open_database
from linkops.devices.model import NewDevice, Product
from linkops.devices.presence.model import Accepted
from linkops.devices.search.model import DeviceFilter, Order
from linkops.events.actor import SYSTEM
from linkops.ota.device_lists import store as jobs
from tests.support.devices import DeviceServices, waited

DEVICES = 100_000

Fleet = tuple[DeviceServices, Product, list[NewDevice]]


@pytest.fixture
async def fleet(sqlite_db: Database, clock: FixedClock) -> Fleet:
    services = DeviceServices(sqlite_db, clock)
    product = await services.product()
    devices: list[NewDevice] = []
    while len(devices) < DEVICES:
        devices += await services.devices.create_many(SYSTEM, product.product_key, 10_000)
    return services, product, devices


async def test_pages_of_many_devices_go_on_where_the_last_one_ended(fleet: Fleet) -> None:
    services, product, devices = fleet
    await waited(services.presence.login, [services.attempt(device) for device in devices[:1_000]])
    of_product = DeviceFilter(product_key=product.product_key)
    online = DeviceFilter(product_key=product.product_key, online=True)
    disabled = DeviceFilter(product_key=product.product_key, enabled=False)
    for wanted, order in (
        (of_product, Order.NAME),
        (of_product, Order.NEWEST),
        (online, Order.NAME),
        (disabled, Order.NAME),
    ):
        cursor, seen = None, []
        for _ in range(20):
            page = await services.search.page(SYSTEM, wanted, order=order, cursor=cursor, limit=50)
            seen += [row.device.key for row in page.items]
            cursor = page.next
        assert len(set(seen)) == len(seen) == (0 if wanted is disabled else 1_000), (wanted, order)
    assert (await services.search.page(SYSTEM, of_product)).total_is_more


async def test_a_storm_of_logins_lets_everybody_in(fleet: Fleet) -> None:
    services, _, devices = fleet
    attempts = [services.attempt(device) for device in devices[:10_000]]
    answers = await waited(services.presence.login, attempts)
    assert all(isinstance(answer, Accepted) for answer in answers)
    online = await services.search.page(SYSTEM, DeviceFilter(online=True))
    assert online.total == len(attempts)


async def test_names_are_looked_up_one_by_one_however_large_the_product(tmp_path: Path, clock: FixedClock) -> None:
    # Searching all names for each device of the product takes hours, and was given up after half a minute.
    db = open_database(str(tmp_path / "linkops.db"), read_time_limit_s=30)
    services = DeviceServices(db, clock)
    product = await services.product()
    devices: list[NewDevice] = []
    while len(devices) < DEVICES:
        devices += await services.devices.create_many(SYSTEM, product.product_key, 10_000)
    names = [device.key.device_name for device in devices]
    assert len(await db.read(jobs.resolve, product.id, names)) == DEVICES
    db.close()
