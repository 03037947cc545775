"""The switch, what there is at a glance, and what a device has."""

import pytest

from linkops.errors import Forbidden, NotFound
from linkops.events.actor import SYSTEM, Role
from linkops.remote_config.documents.effective import content, effective
from linkops.remote_config.documents.model import MAX_BYTES, Scope
from tests.support.configuration import Office
from tests.support.devices import actor
from tests.support.groups import about, dynamic, static


async def test_the_switch_is_off_until_somebody_switches_it_on(office: Office) -> None:
    switches, key = office.config.switches, office.product.product_key
    assert not (await switches.overview(SYSTEM, key)).enabled
    assert not (await switches.switch(SYSTEM, key, on=False)).enabled
    assert (await switches.switch(SYSTEM, key, on=True)).enabled
    assert (await switches.switch(SYSTEM, key, on=True)).enabled
    assert not (await switches.switch(SYSTEM, key, on=False)).enabled
    assert [action for action, _ in await office.audited()] == ["config.on", "config.off"]
    assert await office.told() == [("config.switched", {"enabled": True}), ("config.switched", {"enabled": False})]
    with pytest.raises(Forbidden):
        await switches.switch(actor(Role.VIEWER, office.product), key, on=True)


async def test_an_overview(office: Office) -> None:
    for name in ("pump-1", "pump-2", "pump-3"):
        await office.device(name)
        await office.save(office.of_device(name), "{}")
    low, high = [await static(office.devices, name, office.product) for name in ("low", "high")]
    await office.save(office.of_group(high.id), "{}", priority=1)
    await office.save(office.of_group(low.id), "{}", priority=9)
    await office.save(office.of_product, "{}")
    await office.save(office.schema, "{}")
    await office.config.editing.remove(SYSTEM, office.of_device("pump-2"), 1)
    switches, key = office.config.switches, office.product.product_key
    shown = await switches.overview(SYSTEM, key)
    assert (shown.groups, shown.devices, shown.devices_is_more, len(shown.recent)) == (2, 2, False, 1)
    assert shown.schema is not None
    groups = await switches.groups(SYSTEM, key)
    assert [(group.path, group.version.priority) for group in groups] == [(("low",), 9), (("high",), 1)]
    first = await switches.devices(SYSTEM, key, 0, 1)
    rest = await switches.devices(SYSTEM, key, first[-1].id, 5)
    assert [document.device_name for document in first + rest] == ["pump-1", "pump-3"]
    await office.config.editing.remove(SYSTEM, office.schema, 1)
    assert (await switches.overview(SYSTEM, key)).schema is None


async def test_a_preview_says_where_each_value_comes_from(office: Office) -> None:
    pump = await office.device("pump-1")
    everywhere = await static(office.devices, "everywhere", None)
    enabled = await dynamic(office.devices, office.product, about("enabled", holds=True), name="enabled")
    await office.devices.members.add(SYSTEM, everywhere.id, [pump.key])
    await office.save(office.of_product, '{"a":1,"b":{"x":1,"y":2}}')
    await office.save(office.of_group(everywhere.id), '{"b":{"y":3}}', priority=7)
    await office.save(office.of_group(enabled.id), '{"b":{"x":null},"c":[1]}', priority=8)
    await office.save(office.of_device("pump-1"), '{"d":{}}')
    viewer = actor(Role.VIEWER, office.product)
    found = await office.config.previews.of_device(viewer, pump.key)
    assert found.content == '{"a":1,"b":{"y":3},"c":[1],"d":{}}'
    assert [(layer.scope, layer.path, layer.version, layer.priority) for layer in found.layers] == [
        (Scope.PRODUCT, None, 1, 0),
        (Scope.GROUP, None, 1, 7),  # of all products, whose groups this viewer does not see
        (Scope.GROUP, ("enabled",), 1, 8),
        (Scope.DEVICE, None, 1, 0),
    ]
    assert [tuple(origin) for origin in found.origins] == [("/a", 0), ("/b/y", 1), ("/c", 2), ("/d", 3)]
    assert (found.enabled, found.too_large, found.more_origins) == (False, False, False)
    with pytest.raises(NotFound):
        await office.config.previews.of_device(actor(Role.VIEWER), pump.key)


async def test_a_preview_is_what_the_device_is_given(office: Office) -> None:
    pumps = [await office.device(f"pump-{n}") for n in range(3)]
    group = await static(office.devices, "beta", office.product)
    await office.devices.members.add(SYSTEM, group.id, [pumps[1].key])
    await office.save(office.of_product, '{ "a":1 }')
    await office.save(office.of_group(group.id), '{"b":1}')
    await office.save(office.of_device("pump-2"), '{"a":null}')
    ids = [pump.id for pump in pumps]
    given = await office.db.write(effective, office.product.id, ids, office.clock.now())
    for pump in pumps:
        found = await office.config.previews.of_device(SYSTEM, pump.key)
        assert found.content == (await office.db.read(content, given[pump.id].content_id)).decode()
        assert (found.sha256, found.size_bytes) == (given[pump.id].sha256, given[pump.id].size_bytes)


async def test_a_preview_without_a_document_of_the_product(office: Office) -> None:
    pump = await office.device("pump-1")
    nothing = await office.config.previews.of_device(SYSTEM, pump.key)
    assert (nothing.content, nothing.layers, nothing.origins, nothing.size_bytes) == (None, [], [], 0)
    await office.save(office.of_device("pump-1"), '{"b":2,"a":null}')
    found = await office.config.previews.of_device(SYSTEM, pump.key)
    assert (found.content, [tuple(origin) for origin in found.origins]) == ('{"b":2}', [("/b", 0)])


async def test_a_preview_says_that_it_is_too_large(office: Office) -> None:
    pump = await office.device("pump-1")
    for name in ("one", "two"):
        group = await static(office.devices, name, office.product)
        await office.devices.members.add(SYSTEM, group.id, [pump.key])
        await office.save(office.of_group(group.id), f'{{"{name}":"{"x" * 40_000}"}}')
    found = await office.config.previews.of_device(SYSTEM, pump.key)
    assert found.too_large
    assert found.size_bytes > MAX_BYTES
    assert await office.db.write(effective, office.product.id, [pump.id], office.clock.now()) == {}
