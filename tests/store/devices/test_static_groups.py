"""Static groups: the tree and its members, on both engines."""

from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest

from linkops.db import Tx
from linkops.devices.groups.members.imports import MemberImports
from linkops.devices.groups.members.rows import MemberResult
from linkops.devices.groups.model import MAX_GROUPS, Group, GroupKind, NewGroup, path_text
from linkops.devices.model import DeviceKey
from linkops.devices.search.model import DeviceFilter
from linkops.errors import Conflict, Forbidden, Invalid, NotFound, Refused, TooLarge
from linkops.events.actor import SYSTEM, Actor, Role
from tests.support.devices import DeviceServices, actor
from tests.support.groups import about, dynamic, fleet, names, names_every_way, static


async def paths(
    services: DeviceServices, *, by: Actor = SYSTEM, product_key: str | None = None, kind: GroupKind | None = None
) -> list[str]:
    """Return the paths of all groups, read two at a time."""
    found: list[str] = []
    cursor = None
    while True:
        page = await services.groups.page(by, product_key=product_key, kind=kind, cursor=cursor, limit=2)
        found += ["/".join(group.path) for group in page.items]
        cursor = page.next
        if cursor is None:
            assert page.total == len(found)
            return found


async def refusal(call: Awaitable[object]) -> str:
    """Return the code of the refusal."""
    with pytest.raises(Refused) as refused:
        await call
    return refused.value.code


async def audited(services: DeviceServices) -> list[str]:
    def read(tx: Tx) -> list[str]:
        return [row[0] for row in tx.all("SELECT action FROM audit WHERE target LIKE 'group:%' ORDER BY id")]

    return await services.db.read(read)


async def test_the_tree_is_listed_with_each_group_above_those_below_it(services: DeviceServices) -> None:
    made = await fleet(services)
    south = await static(services, "South", made.pumps)
    north = await static(services, "North", made.pumps)
    hall = await static(services, "Hall B", made.pumps, north)
    await static(services, "Hall A", None, north)
    await static(services, "Row 1", made.pumps, hall)
    await static(services, "Row 1", made.pumps, south)
    await static(services, "Lamps", made.lamps)
    await dynamic(services, None, about("online", holds=True), name="Now")
    of_pumps = ["North", "North/Hall A", "North/Hall B", "North/Hall B/Row 1", "South", "South/Row 1"]
    assert await paths(services) == ["Now", *of_pumps, "Lamps"]
    assert await paths(services, product_key=made.pumps.product_key) == of_pumps
    assert await paths(services, kind=GroupKind.DYNAMIC) == ["Now"]
    assert await paths(services, by=actor(Role.VIEWER, made.pumps)) == of_pumps
    assert (await services.groups.get(SYSTEM, north.id)).sub_groups == 2


async def test_groups_are_found_by_a_part_of_their_path(services: DeviceServices) -> None:
    made = await fleet(services)
    north = await static(services, "North", made.pumps)
    await static(services, "Hall_A", None, north)
    await static(services, "Halls", None)
    await static(services, "Hall", made.lamps)

    async def searched(by: Actor, text: str, **more: Any) -> list[str]:
        page = await services.groups.page(by, containing=text, **more)
        return [path_text(group.path) for group in page.items]

    for text, many in (("hall", 3), ("L_", 1), ("rth / h", 1), ("north", 2), ("%", 0)):
        page = await services.groups.page(SYSTEM, containing=text, limit=4)
        assert (len(page.items), page.total) == (many, many)
    assert await searched(SYSTEM, "HALL", limit=1) == ["Halls"]
    assert await searched(SYSTEM, "hall", product_key=made.pumps.product_key) == ["North / Hall_A"]
    assert await searched(actor(Role.VIEWER, made.lamps), "hall") == ["Hall"]


async def test_a_group_has_the_devices_of_those_below_it(services: DeviceServices) -> None:
    made = await fleet(services)
    top = await static(services, "top", made.pumps)
    middle = await static(services, "middle", made.pumps, top)
    low = await static(services, "low", made.pumps, middle)
    assert await services.members.add(SYSTEM, top.id, made.keys("pump-1")) == 1
    assert await services.members.add(SYSTEM, low.id, made.keys("pump-1", "pump-2", "pump-5", "pump-4")) == 4
    assert await services.members.add(SYSTEM, middle.id, made.keys("pump-3", "pump-5")) == 2
    assert await names_every_way(services, made, top) == ["pump-1", "pump-2", "pump-3", "pump-4", "pump-5"]
    assert await names_every_way(services, made, low) == ["pump-1", "pump-2", "pump-4", "pump-5"]
    assert await names(services, top, direct=True) == ["pump-1"]
    device_groups = await services.groups.of_device(SYSTEM, made.keys("pump-5")[0])
    assert [group.path for group in device_groups] == [("top", "middle"), ("top", "middle", "low")]


async def test_a_group_over_all_products_has_devices_of_several(services: DeviceServices) -> None:
    made = await fleet(services)
    group = await static(services, "all", None)
    assert await services.members.add(SYSTEM, group.id, made.keys("lamp-1", "pump-5", "pump-4")) == 3
    assert await names_every_way(services, made, group) == ["lamp-1", "pump-4", "pump-5"]
    found = await services.search.page(SYSTEM, DeviceFilter(group_id=group.id, product_key=made.lamps.product_key))
    assert [row.device.key.device_name for row in found.items] == ["lamp-1"]
    assert await refusal(services.groups.get(actor(Role.ADMIN, made.pumps), group.id)) == "group.not_found"
    assert await services.groups.of_device(actor(Role.ADMIN, made.pumps), made.keys("pump-5")[0]) == []


async def test_members_come_and_go_once(services: DeviceServices) -> None:
    made = await fleet(services)
    group = await static(services, "some", made.pumps)
    assert await services.members.add(SYSTEM, group.id, made.keys("pump-1", "pump-2")) == 2
    assert await services.members.add(SYSTEM, group.id, made.keys("pump-1", "pump-2")) == 0
    assert await services.members.remove(SYSTEM, group.id, made.keys("pump-1", "pump-5")) == 1
    assert await services.members.remove(SYSTEM, group.id, made.keys("pump-1", "pump-5")) == 0
    await services.devices.delete(SYSTEM, made.keys("pump-2"))
    assert await names_every_way(services, made, group) == []
    assert await audited(services) == ["group.create", "group.add_members", "group.remove_members"]


async def test_one_foreign_name_refuses_the_whole_call(services: DeviceServices) -> None:
    made = await fleet(services)
    group = await static(services, "some", made.pumps)
    everywhere = await static(services, "all", None)
    mine = actor(Role.OPERATOR, made.pumps)
    foreign = [*made.keys("pump-1"), *made.keys("lamp-1")]
    unknown = [*made.keys("pump-1"), DeviceKey(made.pumps.product_key, "nobody")]
    for change in (services.members.add, services.members.remove):
        assert await refusal(change(mine, group.id, foreign)) == "device.not_found"
        assert await refusal(change(SYSTEM, group.id, unknown)) == "device.not_found"
        assert await refusal(change(SYSTEM, group.id, made.keys("pump-1") * 201)) == "device.bulk_size_invalid"
        assert await refusal(change(mine, everywhere.id, made.keys("pump-1"))) == "group.not_found"
        assert await refusal(change(actor(Role.VIEWER, made.pumps), group.id, foreign)) == "access.role_required"
    assert await refusal(services.members.add(SYSTEM, group.id, foreign)) == "group.device_of_other_product"
    assert await names(services, group) == []


async def test_a_dynamic_group_is_not_filled_by_hand(services: DeviceServices) -> None:
    made = await fleet(services)
    group = await dynamic(services, made.pumps, about("online", holds=True))
    for change in (services.members.add, services.members.remove):
        assert await refusal(change(SYSTEM, group.id, made.keys("pump-1"))) == "group.is_dynamic"
    below = NewGroup(name="below", parent_id=group.id)
    assert await refusal(services.groups.create(SYSTEM, below)) == "group.dynamic_stands_alone"


async def test_what_a_tree_may_look_like(services: DeviceServices) -> None:
    made = await fleet(services)
    top = await static(services, "top", made.pumps)
    low = await static(services, "low", made.pumps, await static(services, "middle", made.pumps, top))

    async def code(new: NewGroup) -> str:
        return await refusal(services.groups.create(SYSTEM, new))

    key = made.pumps.product_key
    assert await code(NewGroup(name="fourth", parent_id=low.id)) == "group.too_deep"
    assert await code(NewGroup(name="top", product_key=key)) == "group.name_taken"
    assert await code(NewGroup(name="middle", parent_id=top.id)) == "group.name_taken"
    assert await code(NewGroup(name=" x", product_key=key)) == "group.name_invalid"
    assert await code(NewGroup(name="x", description="x" * 101)) == "product.description_invalid"
    assert (
        await code(NewGroup(name="x", parent_id=top.id, product_key=made.lamps.product_key))
        == "group.parent_of_other_product"
    )
    assert await code(NewGroup(name="x", parent_id=10**9)) == "group.not_found"
    assert await code(NewGroup(name="x", product_key="nowhere")) == "product.not_found"
    assert (
        await code(NewGroup(name="x", parent_id=top.id, query=(about("online", holds=True),)))
        == "group.dynamic_stands_alone"
    )


async def test_there_are_so_many_groups_and_no_more(services: DeviceServices) -> None:
    made = await fleet(services)
    top = await static(services, "top", made.pumps)
    for number in range(100):
        await static(services, f"below {number}", made.pumps, top)
    over = NewGroup(name="one more", parent_id=top.id)
    assert await refusal(services.groups.create(SYSTEM, over)) == "group.too_many_sub_groups"
    for number in range(MAX_GROUPS - 101):
        await static(services, f"beside {number}", made.pumps)
    over = NewGroup(name="one more", product_key=made.pumps.product_key)
    assert await refusal(services.groups.create(SYSTEM, over)) == "group.too_many"
    await static(services, "one more", made.lamps)


async def test_a_group_is_renamed_and_deleted(services: DeviceServices) -> None:
    made = await fleet(services)
    top = await static(services, "top", made.pumps)
    low = await static(services, "low", made.pumps, top)
    await static(services, "other", made.pumps)
    await services.members.add(SYSTEM, low.id, made.keys("pump-1"))
    viewer = actor(Role.VIEWER, made.pumps)
    with pytest.raises(Forbidden):
        await services.groups.edit(viewer, top.id, name="mine")
    with pytest.raises(Forbidden):
        await services.groups.delete(viewer, low.id)
    with pytest.raises(Conflict):
        await services.groups.edit(SYSTEM, top.id, name="other")
    with pytest.raises(Invalid):
        await services.groups.edit(SYSTEM, top.id, query=(about("online", holds=True),))
    edited = await services.groups.edit(SYSTEM, top.id, name="first", description="of all")
    assert (edited.path, edited.description) == (("first",), "of all")
    assert (await services.groups.get(viewer, low.id)).path == ("first", "low")
    assert await refusal(services.groups.delete(SYSTEM, top.id)) == "group.has_sub_groups"
    await services.groups.delete(SYSTEM, low.id)
    await services.groups.delete(SYSTEM, top.id)
    with pytest.raises(NotFound):
        await services.groups.get(SYSTEM, low.id)
    assert (await services.devices.get(SYSTEM, made.keys("pump-1")[0])).enabled
    assert (await audited(services))[-3:] == ["group.edit", "group.delete", "group.delete"]


async def test_a_product_takes_its_groups_with_it(services: DeviceServices) -> None:
    made = await fleet(services)
    top = await static(services, "top", made.lamps)
    low = await static(services, "low", made.lamps, top)
    await services.members.add(SYSTEM, low.id, made.keys("lamp-1"))
    await services.devices.delete(SYSTEM, made.keys("lamp-1"))
    await services.products.delete(SYSTEM, made.lamps.product_key)
    assert await paths(services) == []


async def import_list(
    services: DeviceServices, group: Group, text: bytes, by: Actor = SYSTEM, size: int = 1_024
) -> list[MemberResult]:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(text), size):
            yield text[start : start + size]

    return [result async for result in services.member_imports.run(by, group.id, pieces())]


async def test_a_list_says_of_each_line_what_became_of_it(services: DeviceServices) -> None:
    made = await fleet(services)
    group = await static(services, "some", made.pumps)
    key = made.lamps.product_key
    text = f"device_name,product_key\npump-1\nnobody\nlamp-1\nlamp-1,{key}\nx\npump-1\npump-2".encode()
    results = await import_list(services, group, text)
    assert [(result.line, result.device_name, result.code) for result in results] == [
        (2, "pump-1", None),
        (3, "nobody", "device.not_found"),
        (4, "lamp-1", "device.not_found"),
        (5, "lamp-1", "device.not_found"),
        (6, "x", "device.name_invalid"),
        (7, "pump-1", None),
        (8, "pump-2", None),
    ]
    assert await names(services, group) == ["pump-1", "pump-2"]
    everywhere = await static(services, "all", None)
    results = await import_list(services, everywhere, f"pump-1\nlamp-1,{key}\n".encode())
    assert [result.code for result in results] == ["list.product_missing", None]


async def test_a_long_list_is_stored_in_parts(services: DeviceServices) -> None:
    product = await services.product()
    created = await services.devices.create_many(SYSTEM, product.product_key, 2_500)
    group = await static(services, "many", product)
    text = "\n".join(device.key.device_name for device in created).encode()
    assert {result.code for result in await import_list(services, group, text)} == {None}
    assert (await services.members.count(SYSTEM, group.id)).total == 2_500
    await services.groups.delete(SYSTEM, group.id)
    assert await paths(services) == []


async def test_who_may_not_fill_a_group_is_told_before_the_list_is_read(services: DeviceServices) -> None:
    made = await fleet(services)
    group = await static(services, "some", made.pumps)
    with pytest.raises(Forbidden):
        await import_list(services, group, b"x" * 10_000, by=actor(Role.VIEWER, made.pumps))
    answered = await dynamic(services, made.pumps, about("online", holds=True))
    with pytest.raises(Conflict):
        await import_list(services, answered, b"pump-1")


async def test_a_list_without_end_is_refused(services: DeviceServices) -> None:
    made = await fleet(services)
    group = await static(services, "some", made.pumps)
    services.member_imports = MemberImports(services.db, services.clock, max_lines=3)
    assert len(await import_list(services, group, b"pump-1\n" * 3)) == 3
    with pytest.raises(TooLarge):
        await import_list(services, group, b"pump-2\n" * 4)
    assert await names(services, group) == ["pump-1"]
