"""Gateways over HTTP."""

import httpx
import pytest

from tests.support.accounts import grant
from tests.support.api import Door


@pytest.fixture
async def gateway(admin: httpx.AsyncClient) -> str:
    """Return the path of a gateway; there are another one, and three sensors to hang on it."""
    for name, key, node_type in (("Gateways", "gates", "gateway"), ("Sensors", "sensors", "subdevice")):
        await admin.post("/api/v1/products", json={"name": name, "product_key": key, "node_type": node_type})
    for key, names in (("gates", ("east", "west")), ("sensors", ("sensor-1", "sensor-2", "sensor-3"))):
        for name in names:
            await admin.post(f"/api/v1/products/{key}/devices", json={"device_name": name})
    return "/api/v1/products/gates/devices/east"


def named(*devices: str) -> dict[str, list[dict[str, str]]]:
    return {"devices": [{"product_key": "sensors", "device_name": device} for device in devices]}


async def test_sub_devices_from_binding_to_unbinding(admin: httpx.AsyncClient, gateway: str) -> None:
    bound = await admin.post(f"{gateway}/sub-devices/bind", json=named("sensor-1", "sensor-2", "sensor-3"))
    assert bound.json() == {"changed": 3}
    first = (await admin.get(f"{gateway}/sub-devices", params={"limit": 2})).json()
    rest = (await admin.get(f"{gateway}/sub-devices", params={"limit": 2, "cursor": first["next"]})).json()
    assert [each["device_name"] for each in first["items"] + rest["items"]] == ["sensor-1", "sensor-2", "sensor-3"]
    assert (first["total"], rest["next"]) == (3, None)
    assert first["items"][0]["added_at"] > 0
    assert "device_secret" not in first["items"][0]
    for wanted, total in (({"name_prefix": "sensor-3"}, 1), ({"online": False}, 3), ({"online": True}, 0)):
        assert (await admin.get(f"{gateway}/sub-devices", params=wanted)).json()["total"] == total
    sensor = (await admin.get("/api/v1/products/sensors/devices/sensor-2")).json()
    assert (sensor["gateway"], sensor["sub_devices"]) == ({"product_key": "gates", "device_name": "east"}, 0)
    east = (await admin.get(gateway)).json()
    assert (east["gateway"], east["sub_devices"]) == (None, 3)
    removed = await admin.post(f"{gateway}/sub-devices/unbind", json=named("sensor-1", "sensor-2"))
    assert removed.json() == {"changed": 2}
    west = "/api/v1/products/gates/devices/west"
    assert (await admin.post(f"{west}/sub-devices/bind", json=named("sensor-3"))).json() == {"changed": 1}
    assert (await admin.get(gateway)).json()["sub_devices"] == 0


async def test_what_is_refused_says_why(admin: httpx.AsyncClient, gateway: str) -> None:
    sensor = "/api/v1/products/sensors/devices/sensor-1"
    for path in ("sub-devices", "found-devices", "gateway-requests"):
        assert (await admin.get(f"{gateway}/{path}")).json()["items"] == []
        answer = await admin.get(f"{sensor}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (409, "gateway.not_a_gateway")
    offline = [
        await admin.post(f"{gateway}/sub-devices/ask-to-add", json=named("sensor-1")),
        await admin.post(f"{gateway}/permit", json={"product_key": "sensors"}),
    ]
    assert [(each.status_code, each.json()["code"]) for each in offline] == [(409, "gateway.offline")] * 2
    assert "gates/east is not connected" in offline[0].json()["title"]
    lamps = {"devices": [{"product_key": "gates", "device_name": "west"}]}
    answer = await admin.post(f"{gateway}/sub-devices/bind", json=lamps)
    assert (answer.status_code, answer.json()["code"]) == (409, "gateway.not_sub_devices")
    too_long = await admin.post(f"{gateway}/permit", json={"product_key": "sensors", "seconds": 3_601})
    assert too_long.status_code == 422
    assert (await admin.get(f"{gateway}/sub-devices", params={"cursor": "x"})).status_code == 422


async def test_one_foreign_sub_device_refuses_the_whole_call(
    admin: httpx.AsyncClient, gateway: str, door: Door
) -> None:
    await admin.post("/api/v1/products", json={"name": "Valves", "product_key": "valves", "node_type": "subdevice"})
    await admin.post("/api/v1/products/valves/devices", json={"device_name": "valve-1"})
    foreign = {"devices": [*named("sensor-1")["devices"], {"product_key": "valves", "device_name": "valve-1"}]}
    await admin.post(f"{gateway}/sub-devices/bind", json=foreign)
    token = await door.people.add("ann", grant("operator", "gates"), grant("operator", "sensors"))
    before = (await admin.get(f"{gateway}/sub-devices")).json()
    async with door.client(token) as ann:
        for call in ("bind", "unbind", "ask-to-add"):
            answer = await ann.post(f"{gateway}/sub-devices/{call}", json=foreign)
            assert answer.status_code in {404, 409}
        seen = (await ann.get(f"{gateway}/sub-devices")).json()
        assert [each["device_name"] for each in seen["items"]] == ["sensor-1"]
        assert (await ann.post(f"{gateway}/sub-devices/unbind", json=named("sensor-1"))).json() == {"changed": 1}
    assert before["total"] == 2
    assert (await admin.get(f"{gateway}/sub-devices")).json()["total"] == 1
