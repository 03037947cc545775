import pytest

from linkops.db import Tx
from linkops.devices.model import AuthType, NodeType
from linkops.devices.products.service import ProductCounts
from linkops.errors import Conflict, Forbidden, Invalid, NotFound
from linkops.events.actor import SYSTEM, Actor, Role
from tests.conftest import NOW
from tests.support.devices import DeviceServices, actor


def actions(tx: Tx) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in tx.all("SELECT action, target FROM audit ORDER BY id")]


async def test_a_product_is_what_was_asked_for(services: DeviceServices) -> None:
    product = await services.products.create(
        SYSTEM, "Pumps", node_type=NodeType.GATEWAY, auth_type=AuthType.X509, description="all of them"
    )
    assert (product.name, product.node_type, product.auth_type) == ("Pumps", NodeType.GATEWAY, AuthType.X509)
    assert (product.description, product.created_at, product.updated_at) == ("all of them", NOW, NOW)
    assert len(product.product_key) == 11
    assert await services.products.get(SYSTEM, product.product_key) == product


async def test_devices_in_the_field_keep_the_key_of_their_product(services: DeviceServices) -> None:
    product = await services.products.create(SYSTEM, "Pumps", product_key="a1B2c3D4e5F")
    assert product.product_key == "a1B2c3D4e5F"
    with pytest.raises(Conflict):
        await services.products.create(SYSTEM, "Lamps", product_key="a1B2c3D4e5F")


async def test_names_are_unique(services: DeviceServices) -> None:
    await services.product("Pumps")
    lamps = await services.product("Lamps")
    with pytest.raises(Conflict):
        await services.product("Pumps")
    with pytest.raises(Conflict):
        await services.products.edit(SYSTEM, lamps.product_key, name="Pumps")


async def test_a_secret_is_sealed_at_rest_and_its_reading_is_recorded(services: DeviceServices) -> None:
    product = await services.product()
    secret = await services.products.secret(SYSTEM, product.product_key)
    assert len(secret) == 16
    assert secret not in await services.db.read(lambda tx: tx.scalar("SELECT secret_sealed FROM product"))
    assert await services.db.read(actions) == [
        ("product.create", f"product:{product.product_key}"),
        ("product.show_secret", f"product:{product.product_key}"),
    ]
    assert secret not in str(await services.db.read(lambda tx: tx.all("SELECT details FROM audit")))


async def test_editing_changes_only_what_is_given(services: DeviceServices) -> None:
    product = await services.product()
    services.clock.advance(5)
    edited = await services.products.edit(SYSTEM, product.product_key, description="big ones")
    assert (edited.name, edited.description, edited.updated_at) == ("Pumps", "big ones", NOW + 5)
    assert (await services.products.edit(SYSTEM, product.product_key, name="Big pumps")).description == "big ones"
    with pytest.raises(Invalid):
        await services.products.edit(SYSTEM, product.product_key, name="x")


async def test_a_product_with_devices_cannot_be_deleted(services: DeviceServices) -> None:
    product = await services.product()
    device = await services.device(product)
    with pytest.raises(Conflict):
        await services.products.delete(SYSTEM, product.product_key)
    assert await services.products.counts(SYSTEM, product.product_key) == ProductCounts(1, 0)
    await services.devices.delete(SYSTEM, [device.key])
    await services.products.delete(SYSTEM, product.product_key)
    with pytest.raises(NotFound):
        await services.products.get(SYSTEM, product.product_key)


async def test_what_an_actor_may_not_see_does_not_exist_for_it(services: DeviceServices) -> None:
    pumps, lamps = await services.product("Pumps"), await services.product("Lamps")
    viewer = actor(Role.VIEWER, pumps)
    assert (await services.products.get(viewer, pumps.product_key)).name == "Pumps"
    assert [product.name for product in (await services.products.page(viewer)).items] == ["Pumps"]
    for call in (
        services.products.get(viewer, lamps.product_key),
        services.products.counts(viewer, lamps.product_key),
        services.products.secret(viewer, lamps.product_key),
        services.products.edit(viewer, lamps.product_key, description="x"),
    ):
        with pytest.raises(NotFound):
            await call
    for refused in (
        services.products.secret(actor(Role.OPERATOR, pumps), pumps.product_key),
        services.products.edit(actor(Role.OPERATOR, pumps), pumps.product_key, description="x"),
        services.products.delete(actor(Role.ADMIN, pumps), pumps.product_key),
        services.products.create(actor(Role.ADMIN, pumps), "Others"),
    ):
        with pytest.raises(Forbidden):
            await refused


async def test_the_list_goes_on_where_it_stopped(services: DeviceServices) -> None:
    for name in ("Lamps", "Pumps", "Pump heads", "Meters"):
        await services.product(name)
    first = await services.products.page(SYSTEM, limit=3)
    assert ([product.name for product in first.items], first.total) == (["Lamps", "Meters", "Pump heads"], 4)
    last = await services.products.page(SYSTEM, limit=3, cursor=first.next)
    assert ([product.name for product in last.items], last.next) == (["Pumps"], None)
    assert [product.name for product in (await services.products.page(SYSTEM, prefix="Pump")).items] == [
        "Pump heads",
        "Pumps",
    ]
    for limit in (0, 201):
        with pytest.raises(Invalid):
            await services.products.page(SYSTEM, limit=limit)


async def test_those_with_a_role_are_found_behind_many_without(services: DeviceServices) -> None:
    seen = [await services.product(f"Lamps {number}") for number in range(3)]
    pumps, probes = await services.product("Pumps"), await services.product("Probes", NodeType.SUBDEVICE)
    roles = {product.id: Role.VIEWER for product in seen} | {pumps.id: Role.OPERATOR, probes.id: Role.ADMIN}
    somebody = Actor(1, "ann", "", roles)
    found = await services.products.page(somebody, containing="p", role=Role.OPERATOR, limit=2)
    assert ([product.name for product in found.items], found.total, found.next) == (["Probes", "Pumps"], 2, None)
    found = await services.products.page(somebody, role=Role.OPERATOR, node_type=NodeType.SUBDEVICE, limit=1)
    assert ([product.name for product in found.items], found.total) == (["Probes"], 1)
    assert (await services.products.page(somebody)).total == 5
