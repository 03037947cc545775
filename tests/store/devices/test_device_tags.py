"""Tags that devices set, beside those of operators."""

from collections.abc import Sequence

from linkops.db import Tx
from linkops.devices.conditions.model import Condition, ConditionField
from linkops.devices.groups.model import NewGroup
from linkops.devices.model import DeviceKey, NewDevice
from linkops.devices.search.model import DeviceFilter
from linkops.devices.tags import service, store
from linkops.devices.tags.model import Origin, Tag, TagChange, TagOutcome
from linkops.events.actor import SYSTEM
from tests.support.devices import DeviceServices

OPERATOR, DEVICE, SDK = Origin
CHANGED, UNCHANGED = TagOutcome(changed=True), TagOutcome(changed=False)


def sets(device: NewDevice, **tags: str) -> TagChange:
    """Return what a device asks for that sets tags; those of its SDK begin as they do in the field."""
    origins = {key: SDK if key.startswith("SYS_") else DEVICE for key in tags}
    return TagChange(device.id, {key: Tag(value, origins[key]) for key, value in tags.items()})


async def change(services: DeviceServices, *changes: TagChange) -> list[TagOutcome]:
    return await services.db.write(service.change_tags, changes)


async def tags(services: DeviceServices, key: DeviceKey) -> dict[str, Tag]:
    return await service.Tags(services.db).of(SYSTEM, key)


async def test_a_list_of_changes_is_applied_in_order(services: DeviceServices) -> None:
    product = await services.product()
    first, second = await services.device(product), await services.device(product)
    outcomes = await change(
        services,
        sets(first, room="7", floor="1"),
        sets(second, room="9"),
        sets(first, room="8"),
        TagChange(first.id, {}, frozenset({"floor", "never"})),
        sets(first, room="8"),
        sets(first, SYS_SDK_LANGUAGE="C"),
    )
    assert outcomes == [CHANGED, CHANGED, CHANGED, CHANGED, UNCHANGED, CHANGED]
    assert await tags(services, first.key) == {"SYS_SDK_LANGUAGE": Tag("C", SDK), "room": Tag("8", DEVICE)}
    assert await tags(services, second.key) == {"room": Tag("9", DEVICE)}


async def test_what_is_repeated_writes_nothing(services: DeviceServices) -> None:
    device = await services.device(await services.product())
    await change(services, sets(device, room="7"))

    def again(tx: Tx) -> list[TagOutcome]:
        return service.change_tags(tx, [sets(device, room="7")])

    # A read transaction refuses to write.
    assert await services.db.read(again) == [UNCHANGED]


async def test_operators_and_devices_do_not_overwrite_each_other(services: DeviceServices) -> None:
    device = await services.device(await services.product())
    await services.devices.change_tags(SYSTEM, [device.key], {"site": "berlin"})
    assert await change(services, sets(device, site="here", room="7")) == [TagOutcome(changed=True, kept=("site",))]
    assert await change(services, TagChange(device.id, {}, frozenset({"site"}))) == [TagOutcome(False, ("site",))]
    assert await tags(services, device.key) == {"room": Tag("7", DEVICE), "site": Tag("berlin", OPERATOR)}

    await services.devices.change_tags(SYSTEM, [device.key], {"room": "8", "site": None})
    assert await change(services, sets(device, site="here", room="7")) == [TagOutcome(changed=True, kept=("room",))]
    assert await tags(services, device.key) == {"room": Tag("8", OPERATOR), "site": Tag("here", DEVICE)}


async def test_a_stale_decision_does_not_reach_an_operators_tag(services: DeviceServices) -> None:
    """With two servers, an operator may set a tag between what a unit read and what it writes."""
    device = await services.device(await services.product())
    await services.devices.change_tags(SYSTEM, [device.key], {"site": "berlin"})
    rows = [store.TagRow(device.id, "site", "here", DEVICE)]
    await services.db.write(store.set_tags, rows)
    await services.db.write(store.delete_tags, [(device.id, "site")])
    assert await tags(services, device.key) == {"site": Tag("berlin", OPERATOR)}


async def test_neither_takes_the_others_room(services: DeviceServices) -> None:
    device = await services.device(await services.product())
    hundred = {f"k{number}": "v" for number in range(100)}
    assert await change(services, sets(device, **hundred)) == [CHANGED]
    assert await change(services, sets(device, one_more="v")) == [TagOutcome(changed=False, too_many=True)]
    await services.devices.change_tags(SYSTEM, [device.key], {f"o{number}": "v" for number in range(100)})
    assert len(await tags(services, device.key)) == 200


async def test_a_device_that_was_deleted_meanwhile_leaves_no_tags(services: DeviceServices) -> None:
    product = await services.product()
    gone, there = await services.device(product), await services.device(product)
    await services.devices.delete(SYSTEM, [gone.key])
    await change(services, sets(gone, room="7"), sets(there, room="8"))
    assert await tags(services, there.key) == {"room": Tag("8", DEVICE)}
    assert await services.db.read(lambda tx: tx.scalar("SELECT count(*) FROM device_tag")) == 1


async def test_devices_are_found_by_their_own_tags_and_lists_leave_the_sdks_out(services: DeviceServices) -> None:
    product = await services.product()
    device, other = await services.device(product), await services.device(product)
    await change(services, sets(device, room="7"), sets(device, SYS_SDK_LANGUAGE="C"), sets(other, room="8"))

    async def found(key: str, value: str | None = None) -> Sequence[tuple[DeviceKey, dict[str, str]]]:
        page = await services.search.page(SYSTEM, DeviceFilter(tag_key=key, tag_value=value), limit=10)
        return [(row.device.key, row.tags) for row in page.items]

    assert await found("room", "7") == [(device.key, {"room": "7"})]
    assert await found("SYS_SDK_LANGUAGE") == [(device.key, {"room": "7"})]
    assert await services.devices.tags(SYSTEM, device.key) == {"room": "7"}
    query = (Condition(field=ConditionField.TAG, key="room", value="8"),)
    group = await services.groups.create(SYSTEM, NewGroup(name="Room 8", product_key=product.product_key, query=query))
    page = await services.members.page(SYSTEM, group.id, limit=10)
    assert [row.device.key for row in page.items] == [other.key]
