"""Groups of pumps and a lamp, over the services of `tests.support.devices`."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from linkops.db import Tx
from linkops.devices.conditions.model import Condition, ConditionField
from linkops.devices.groups.access import are_members, count_members, members_after
from linkops.devices.groups.model import Group, NewGroup
from linkops.devices.model import DeviceKey, NewDevice, Product
from linkops.devices.search.model import DeviceFilter
from linkops.events.actor import SYSTEM
from tests.support.devices import DeviceServices


class Fleet(NamedTuple):
    """What `fleet` made: devices by name."""

    pumps: Product
    lamps: Product
    devices: dict[str, NewDevice]

    def keys(self, *names: str) -> list[DeviceKey]:
        """Return the keys of these devices."""
        return [self.devices[name].key for name in names]


async def fleet(services: DeviceServices) -> Fleet:
    """Make five pumps and a lamp.

    pump-1 was online in the first second and pump-3 is since the second; pump-2 is disabled; room 7 has pump-4 and
    lamp-1, room 8 pump-5; pump-1, pump-5 and lamp-1 run 1.0, pump-4 runs 2.0 and 1.0 on its mcu.
    """
    pumps, lamps = await services.product("Pumps"), await services.product("Lamps")
    devices = {name: await services.device(pumps, name) for name in ("pump-4", "pump-1", "pump-3", "pump-2", "pump-5")}
    devices["lamp-1"] = await services.device(lamps, "lamp-1")
    found = Fleet(pumps, lamps, devices)
    first = services.attempt(devices["pump-1"])
    accepted = await services.log_in(first)
    assert not isinstance(accepted, str)
    await services.log_out(accepted, first.connection_id)
    services.clock.advance(1_000)
    await services.log_in(services.attempt(devices["pump-3"]))
    await services.devices.set_enabled(SYSTEM, found.keys("pump-2"), enabled=False)
    await services.devices.change_tags(SYSTEM, found.keys("pump-4", "lamp-1"), {"room": "7", "floor": "1"})
    await services.devices.change_tags(SYSTEM, found.keys("pump-5"), {"room": "8"})
    for name, module, version in (
        ("pump-1", "default", "1.0"),
        ("pump-5", "default", "1.0"),
        ("lamp-1", "default", "1.0"),
        ("pump-4", "default", "2.0"),
        ("pump-4", "mcu", "1.0"),
    ):
        await report(services, devices[name], module, version)
    return found


async def report(services: DeviceServices, device: NewDevice, module: str, version: str) -> None:
    """Record that a device runs a version."""

    def write(tx: Tx) -> None:
        tx.run(
            "INSERT INTO module_version (device_id, module, product_id, version, reported_at)"
            " SELECT d.id, :module, d.product_id, :version, 0 FROM device d WHERE d.id = :id"
            " ON CONFLICT (device_id, module) DO UPDATE SET version = excluded.version",
            id=device.id,
            module=module,
            version=version,
        )

    await services.db.write(write)


def about(field: str, **more: Any) -> Condition:
    """Return a condition."""
    return Condition(field=ConditionField(field), **more)


async def static(services: DeviceServices, name: str, product: Product | None, parent: Group | None = None) -> Group:
    """Create a static group."""
    product_key = None if product is None else product.product_key
    parent_id = None if parent is None else parent.id
    return await services.groups.create(SYSTEM, NewGroup(name=name, product_key=product_key, parent_id=parent_id))


async def dynamic(services: DeviceServices, product: Product | None, *query: Condition, name: str = "dynamic") -> Group:
    """Create a dynamic group."""
    product_key = None if product is None else product.product_key
    return await services.groups.create(SYSTEM, NewGroup(name=name, product_key=product_key, query=query))


async def names(services: DeviceServices, group: Group, *, direct: bool = False, limit: int = 2) -> list[str]:
    """Return the names of a group's devices, read a page at a time."""
    found: list[str] = []
    cursor = None
    while True:
        page = await services.members.page(SYSTEM, group.id, direct=direct, cursor=cursor, limit=limit)
        found += [row.device.key.device_name for row in page.items]
        cursor = page.next
        if cursor is None:
            assert page.total == len(found)
            return found


async def names_every_way(services: DeviceServices, made: Fleet, group: Group) -> list[str]:
    """Return the sorted names of a group's devices, which every way to ask for them must answer alike."""
    listed = sorted(await names(services, group))
    page = await services.search.page(SYSTEM, DeviceFilter(group_id=group.id), limit=200)
    assert sorted(row.device.key.device_name for row in page.items) == listed
    ids = {device.id: name for name, device in made.devices.items()}

    def read(tx: Tx) -> tuple[list[str], set[int], int]:
        now, products = services.clock.now(), (made.pumps.id, made.lamps.id)
        walked = [name for product_id in products for name in _walk(tx, group, product_id, now, ids)]
        counted = sum(count_members(tx, group, product_id, 100, now) for product_id in products)
        return walked, are_members(tx, group, ids, now), counted

    walked, members, counted = await services.db.read(read)
    assert sorted(walked) == sorted(ids[member] for member in members) == listed
    assert counted == len(listed)
    return listed


def _walk(tx: Tx, group: Group, product_id: int, now: int, names_of: dict[int, str]) -> Sequence[str]:
    found, after = list[int](), 0
    while step := members_after(tx, group, product_id, after, 2, now):
        assert step == sorted(set(step))
        found, after = found + step, step[-1]
    return [names_of[device_id] for device_id in found]
