"""What gateways and sub-devices hear when operators enable, disable and delete devices."""

import asyncio

import pytest

from linkops.db import Tx
from linkops.devices.topology.model import Place, RequestKind
from linkops.events.actor import SYSTEM
from linkops.subscriptions.reading.store import Wanted, read_events
from linkops.subscriptions.wire import envelope
from tests.support.devices import DeviceServices
from tests.support.topology import Heard, RecordingHub, Yard, addition, changed, told


@pytest.fixture
async def yard(services: DeviceServices) -> Yard:
    """East has two sub-devices, west one; one is nobody's."""
    yard = await Yard(services).build()
    await yard.online(yard.east, yard.west)
    one, two, three, _ = yard.subs
    await yard.add(yard.east, addition(one), addition(two))
    await yard.add(yard.west, addition(three))
    return yard


@pytest.fixture
async def hub(services: DeviceServices, yard: Yard) -> RecordingHub:
    """Both gateways are there, and the first sub-device of each is logged in."""
    hub = RecordingHub()
    hub.connected.update(device.id for device in (yard.east, yard.west, yard.subs[0], yard.subs[2], yard.lamp))
    services.bus.attach(hub, asyncio.get_running_loop())
    return hub


async def test_disable_then_enable(services: DeviceServices, yard: Yard, hub: RecordingHub) -> None:
    one, two, three, four = yard.subs
    keys = [device.key for device in (one, two, three, four, yard.lamp)]
    assert await services.devices.set_enabled(SYSTEM, keys, enabled=False) == 5
    assert hub.taken() == [
        told(one, "disable"),
        told(three, "disable"),
        changed(yard.east, 8, one, two),
        changed(yard.west, 8, three),
        (sorted([one.id, three.id, yard.lamp.id]), "disabled"),
    ]
    assert await services.devices.set_enabled(SYSTEM, keys, enabled=False) == 0
    assert hub.taken() == []
    assert await services.devices.set_enabled(SYSTEM, [two.key, four.key], enabled=True) == 2
    assert hub.taken() == [changed(yard.east, 2, two)]
    assert await yard.topology(yard.east) == [one.key, two.key]


async def test_delete_sub_devices(services: DeviceServices, yard: Yard, hub: RecordingHub) -> None:
    one, two, *_ = yard.subs
    assert await services.devices.delete(SYSTEM, [one.key, two.key]) == 2
    assert hub.taken() == [told(one, "delete"), changed(yard.east, 1, one, two), ([one.id], "deleted")]
    assert await yard.topology(yard.east) == []


async def test_delete_a_gateway(services: DeviceServices, yard: Yard, hub: RecordingHub) -> None:
    one, two, *_ = yard.subs
    await services.devices.delete(SYSTEM, [yard.east.key])
    assert hub.taken() == [([yard.east.id], "deleted")]
    assert [await services.topology.place(SYSTEM, sub.key) for sub in (one, two)] == [Place(None, 0)] * 2
    assert await yard.add(yard.west, addition(one)) is None


async def test_delete_a_gateway_with_a_sub_device(services: DeviceServices, yard: Yard, hub: RecordingHub) -> None:
    one, *_ = yard.subs
    await services.devices.delete(SYSTEM, [yard.east.key, one.key])
    assert hub.taken() == [(sorted([yard.east.id, one.id]), "deleted")]


async def test_disabling_a_gateway_leaves_its_topology(services: DeviceServices, yard: Yard, hub: RecordingHub) -> None:
    await services.devices.set_enabled(SYSTEM, [yard.east.key], enabled=False)
    assert hub.taken() == [([yard.east.id], "disabled")]
    assert await services.topology.place(SYSTEM, yard.east.key) == Place(None, 2)


async def test_a_gateway_that_is_away_is_not_waited_for(services: DeviceServices, yard: Yard) -> None:
    """It asks for its topology when it comes."""
    services.bus.attach(RecordingHub(), asyncio.get_running_loop())
    assert await services.devices.set_enabled(SYSTEM, [yard.subs[0].key], enabled=False) == 1
    assert await services.topology.unbind(SYSTEM, yard.east.key, [yard.subs[0].key]) == 1
    assert await yard.topology(yard.east) == [yard.subs[1].key]


async def test_its_answer_is_kept(services: DeviceServices, yard: Yard, hub: RecordingHub) -> None:
    await services.devices.set_enabled(SYSTEM, [yard.subs[1].key], enabled=False)
    (heard,) = hub.taken()
    assert isinstance(heard, Heard)
    (request,) = await services.joining.requests(SYSTEM, yard.east.key)
    assert request == (RequestKind.CHANGE, services.clock.now(), None, None, None)


async def test_what_applications_hear(services: DeviceServices, yard: Yard, hub: RecordingHub) -> None:
    one, two, *_ = yard.subs
    await yard.add(yard.west, addition(one))
    await services.devices.set_enabled(SYSTEM, [two.key], enabled=False)
    await services.devices.delete(SYSTEM, [two.key])
    await yard.find(yard.east, (yard.sub_product.product_key, "sensor-9"), one.key)

    def read(tx: Tx) -> list[dict[str, object]]:
        kinds = ["gateway.topology_changed", "gateway.devices_found"]
        return [envelope(event) for event in read_events(tx, Wanted(kinds), 0, 100).events]

    events = await services.db.read(read)
    assert [_summary(event) for event in events] == [
        ("east", "create", ["sensor-0", "sensor-1"]),
        ("west", "create", ["sensor-2"]),
        ("east", "delete", ["sensor-0"]),
        ("west", "create", ["sensor-0"]),
        ("east", "disable", ["sensor-1"]),
        ("east", "delete", ["sensor-1"]),
        ("east", None, ["sensor-9", "sensor-0"]),
    ]
    gateway_key, sub_key = yard.gateway_product.product_key, yard.sub_product.product_key
    assert [event["topic"] for event in events[-2:]] == [
        f"/{gateway_key}/east/thing/topo/lifecycle",
        f"/{gateway_key}/east/thing/list/found",
    ]
    payload = events[-1]["payload"]
    assert isinstance(payload, dict)
    assert set(payload) == {"gwIotId", "gwProductKey", "gwDeviceName", "devices", "messageCreateTime"}
    assert payload["devices"][0] == {"productKey": sub_key, "deviceName": "sensor-9"}
    assert set(payload["devices"][1]) == {"iotId", "productKey", "deviceName"}


def _summary(event: dict[str, object]) -> tuple[str, str | None, list[str]]:
    payload = event["payload"]
    assert isinstance(payload, dict)
    return payload["gwDeviceName"], payload.get("action"), [each["deviceName"] for each in payload["devices"]]
