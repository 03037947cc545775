import pytest

from linkops.db import Row, Tx
from linkops.devices.model import DeviceKey, DeviceState, ModuleVersion
from linkops.errors import Conflict, Forbidden, Invalid, NotFound
from linkops.events.actor import SYSTEM, Role
from tests.conftest import NOW
from tests.support.devices import DeviceServices, actor

SECRET = "S" * 32


def left_rows(tx: Tx) -> Row | None:
    return tx.one(
        "SELECT (SELECT count(*) FROM device), (SELECT count(*) FROM device_tag),"
        " (SELECT count(*) FROM module_version), (SELECT count(*) FROM mqtt_session)"
    )


async def test_a_device_is_what_was_asked_for(services: DeviceServices) -> None:
    product = await services.product()
    new = await services.devices.create(SYSTEM, product.product_key, "pump-1", nickname="Hall east", secret=SECRET)
    assert (new.key, new.secret) == (DeviceKey(product.product_key, "pump-1"), SECRET)
    device = await services.devices.get(SYSTEM, new.key)
    assert (device.id, device.product_id, device.key, device.nickname) == (new.id, product.id, new.key, "Hall east")
    assert (device.state, device.created_at, device.activated_at) == (DeviceState.INACTIVE, NOW, None)
    assert await services.devices.secret(SYSTEM, new.key) == SECRET
    assert SECRET not in await services.db.read(lambda tx: tx.scalar("SELECT secret_sealed FROM device"))


async def test_a_name_is_unique_within_its_product(services: DeviceServices) -> None:
    pumps, lamps = await services.product("Pumps"), await services.product("Lamps")
    await services.device(pumps, "one-1")
    await services.device(lamps, "one-1")
    await services.device(pumps, "ONE-1")
    with pytest.raises(Conflict) as refused:
        await services.device(pumps, "one-1")
    assert refused.value.code == "device.name_taken"


async def test_many_devices_get_names_of_their_own(services: DeviceServices) -> None:
    product = await services.product()
    created = await services.devices.create_many(SYSTEM, product.product_key, 1_500)
    assert len({device.key for device in created}) == len({device.secret for device in created}) == 1_500
    assert (await services.products.counts(SYSTEM, product.product_key)).devices == 1_500
    for count in (0, 10_001):
        with pytest.raises(Invalid):
            await services.devices.create_many(SYSTEM, product.product_key, count)


async def test_enabling_and_disabling_change_only_who_was_not_so(services: DeviceServices) -> None:
    product = await services.product()
    devices = [await services.device(product) for _ in range(3)]
    keys = [device.key for device in devices]
    assert await services.devices.set_enabled(SYSTEM, keys[:2], enabled=False) == 2
    assert await services.devices.set_enabled(SYSTEM, keys, enabled=False) == 1
    assert (await services.devices.get(SYSTEM, keys[0])).state is DeviceState.DISABLED
    assert await services.devices.set_enabled(SYSTEM, keys, enabled=True) == 3
    kinds = await services.db.read(lambda tx: tx.all("SELECT kind, device_id FROM event ORDER BY id"))
    assert [kind for kind, _ in kinds] == ["device.disabled"] * 3 + ["device.enabled"] * 3


async def test_a_deleted_device_leaves_nothing_but_its_history(services: DeviceServices) -> None:
    product = await services.product()
    device = await services.device(product)
    await services.devices.change_tags(SYSTEM, [device.key], {"room": "7"})
    await services.log_in(services.attempt(device, clean_start=False, session_expiry_s=60))
    assert await services.devices.delete(SYSTEM, [device.key]) == 1
    with pytest.raises(NotFound):
        await services.devices.get(SYSTEM, device.key)
    assert await services.db.read(left_rows) == (0, 0, 0, 0)
    kinds = await services.db.read(lambda tx: tx.all("SELECT kind FROM event ORDER BY id"))
    assert [kind for (kind,) in kinds] == ["device.online", "device.deleted"]
    again = await services.devices.create(SYSTEM, product.product_key, device.key.device_name)
    assert again.id != device.id


async def test_tags_are_added_replaced_and_removed(services: DeviceServices) -> None:
    product = await services.product()
    keys = [(await services.device(product)).key for _ in range(2)]
    await services.devices.change_tags(SYSTEM, keys, {"room": "7", "floor": "1"})
    await services.devices.change_tags(SYSTEM, keys[:1], {"room": "8", "floor": None, "never": None})
    assert [await services.devices.tags(SYSTEM, key) for key in keys] == [{"room": "8"}, {"floor": "1", "room": "7"}]
    await services.devices.change_tags(SYSTEM, keys[:1], {f"k{i}": "v" for i in range(99)})
    with pytest.raises(Invalid):
        await services.devices.change_tags(SYSTEM, keys[:1], {"one-more": "v"})
    assert len(await services.devices.tags(SYSTEM, keys[0])) == 100


async def test_nickname_and_secret_can_be_replaced(services: DeviceServices) -> None:
    product = await services.product()
    device = await services.device(product)
    await services.devices.set_nickname(SYSTEM, device.key, "Hall east")
    assert (await services.devices.get(SYSTEM, device.key)).nickname == "Hall east"
    secret = await services.devices.reset_secret(SYSTEM, device.key)
    assert secret != device.secret
    assert await services.devices.secret(SYSTEM, device.key) == secret


async def test_what_a_device_runs_is_listed_by_module(services: DeviceServices) -> None:
    product = await services.product()
    device = await services.device(product)

    def report(tx: Tx) -> None:
        for module, version in (("mcu", "2"), ("default", "1.0")):
            tx.run(
                "INSERT INTO module_version (device_id, module, product_id, version, reported_at)"
                " VALUES (:device_id, :module, :product_id, :version, :now)",
                device_id=device.id,
                module=module,
                product_id=product.id,
                version=version,
                now=NOW,
            )

    await services.db.write(report)
    assert await services.devices.module_versions(SYSTEM, device.key) == [
        ModuleVersion("default", "1.0", NOW),
        ModuleVersion("mcu", "2", NOW),
    ]


async def test_one_foreign_device_refuses_the_whole_call(services: DeviceServices) -> None:
    pumps, lamps = await services.product("Pumps"), await services.product("Lamps")
    own, foreign = await services.device(pumps), await services.device(lamps)
    operator = actor(Role.OPERATOR, pumps)
    keys = [own.key, foreign.key]
    for call in (
        services.devices.set_enabled(operator, keys, enabled=False),
        services.devices.delete(operator, keys),
        services.devices.change_tags(operator, keys, {"room": "7"}),
        services.devices.set_enabled(operator, [own.key, DeviceKey(pumps.product_key, "none-such")], enabled=False),
    ):
        with pytest.raises(NotFound):
            await call
    assert (await services.devices.get(SYSTEM, own.key)).enabled
    assert await services.devices.tags(SYSTEM, own.key) == {}
    with pytest.raises(Invalid):
        await services.devices.delete(operator, [])
    with pytest.raises(Invalid):
        await services.devices.delete(operator, [own.key] * 201)


async def test_a_viewer_looks_and_changes_nothing(services: DeviceServices) -> None:
    product = await services.product()
    device = await services.device(product)
    viewer = actor(Role.VIEWER, product)
    assert (await services.devices.get(viewer, device.key)).id == device.id
    before = await services.db.read(lambda tx: tx.scalar("SELECT count(*) FROM audit"))
    for call in (
        services.devices.create(viewer, product.product_key),
        services.devices.create_many(viewer, product.product_key, 5),
        services.devices.set_nickname(viewer, device.key, "Hall"),
        services.devices.set_enabled(viewer, [device.key], enabled=False),
        services.devices.delete(viewer, [device.key]),
        services.devices.change_tags(viewer, [device.key], {"a": "b"}),
        services.devices.secret(viewer, device.key),
        services.devices.reset_secret(viewer, device.key),
    ):
        with pytest.raises(Forbidden):
            await call
    assert await services.db.read(lambda tx: tx.scalar("SELECT count(*) FROM audit")) == before
