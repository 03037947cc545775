"""Gateways on the official SDKs, unmodified, against the server."""

import itertools
from typing import NamedTuple

import pytest

from tests.conformance.conftest import StartDevice, Way
from tests.support.operator import Operator, Shown, path_of

_NUMBERS = itertools.count(1)


class Hall(NamedTuple):
    """A gateway and two sub-devices."""

    gateway: Shown
    sensors: list[Shown]

    def names(self, *which: int) -> list[dict[str, str]]:
        """Return sub-devices as messages name them."""
        sensors = [self.sensors[each] for each in which]
        return [{"productKey": each["product_key"], "deviceName": each["device_name"]} for each in sensors]

    def triples(self) -> list[dict[str, str]]:
        """Return all sub-devices with their secrets, as the Node SDK wants them."""
        secrets = [each["device_secret"] for each in self.sensors]
        return [{**name, "deviceSecret": secret} for name, secret in zip(self.names(0, 1), secrets, strict=True)]


@pytest.fixture
def hall(operator: Operator) -> Hall:
    number = next(_NUMBERS)
    gates = operator.post("/products", {"name": f"Gateways {number}", "node_type": "gateway"})["product_key"]
    sensors = operator.post("/products", {"name": f"Sensors {number}", "node_type": "subdevice"})["product_key"]
    gateway = operator.add_device(gates, "hall-1")
    return Hall(gateway, [operator.add_device(sensors, name) for name in ("sensor-1", "sensor-2")])


def sub_devices(operator: Operator, hall: Hall) -> list[str]:
    listed = operator.get(f"{path_of(hall.gateway)}/sub-devices")["items"]
    return [device["device_name"] for device in listed]


def test_node(operator: Operator, node_gateway: StartDevice, way: Way, hall: Hall) -> None:
    gateway = node_gateway({**way, **hall.gateway})
    gateway.wait_for("connected")
    gateway.do("add", devices=hall.triples())
    assert gateway.wait_for("added", code=200)["data"] == hall.names(0, 1)
    gateway.do("get")
    assert gateway.wait_for("got", code=200)["data"] == hall.names(0, 1)
    gateway.do("remove", devices=hall.names(0))
    assert gateway.wait_for("removed", code=200)["data"] == hall.names(0)
    assert sub_devices(operator, hall) == ["sensor-2"]
    forged = [{**triple, "deviceSecret": "x" * 32} for triple in hall.triples()]
    gateway.do("add", devices=forged)
    assert gateway.wait_for("added", code=401)["data"] == {}
    assert sub_devices(operator, hall) == ["sensor-2"]
    assert not [event for event in gateway.stop() if event["event"] in {"closed", "error"}]


def test_python(operator: Operator, linkkit_gateway: StartDevice, way: Way, hall: Hall) -> None:
    gateway = linkkit_gateway({**way, **hall.gateway})
    gateway.wait_for("connected", code=0)
    triples = [[sensor["product_key"], sensor["device_name"], sensor["device_secret"]] for sensor in hall.sensors]
    gateway.do("add", devices=triples)
    assert gateway.wait_for("added", code=200)["data"] == hall.names(0, 1)
    operator.post("/devices/disable", {"devices": [hall.sensors[1] | {"device_secret": None}]})
    assert gateway.wait_for("changed")["params"] == {"status": 8, "subList": hall.names(1)}
    operator.post("/devices/enable", {"devices": [hall.sensors[1] | {"device_secret": None}]})
    assert gateway.wait_for("changed")["params"] == {"status": 2, "subList": hall.names(1)}
    gateway.do("remove", devices=[triple[:2] for triple in triples])
    assert gateway.wait_for("removed", code=200)["data"] == hall.names(0, 1)
    assert sub_devices(operator, hall) == []
    gateway.do("remove", devices=[triples[0][:2]])
    assert gateway.wait_for("removed", code=6401)["data"] == {}
