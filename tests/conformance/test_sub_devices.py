"""Gateways on the official SDKs, unmodified, log their sub-devices in and act for them."""

import itertools
import os
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import StartDevice, Way
from tests.conformance.sdk_process import sdk_process
from tests.support.environments import node_environment, python_environment
from tests.support.operator import Operator, Shown, path_of, wait_until
from tests.support.programs import program
from tests.support.server import Server

_DRIVERS = Path(__file__).parent / "drivers"
_NUMBERS = itertools.count(1)

Plant = tuple[Shown, list[Shown]]
"""A gateway, and the sub-devices that hang on it."""


@pytest.fixture
def plant(server: Server, operator: Operator) -> Plant:
    number = next(_NUMBERS)
    gates = operator.post("/products", {"name": f"Carriers {number}", "node_type": "gateway"})["product_key"]
    meters = operator.post("/products", {"name": f"Meters {number}", "node_type": "subdevice"})["product_key"]
    gateway = operator.add_device(gates, "hall-1")
    subs = [operator.add_device(meters, name) for name in ("meter-1", "meter-2")]
    with closing(sqlite3.connect(server.data_dir / "linkops.db", timeout=30)) as db, db:
        db.execute(
            "INSERT INTO topology SELECT s.id, g.id, 0 FROM device s, device g, product m, product p"
            " WHERE s.product_id = m.id AND m.product_key = ? AND g.product_id = p.id AND p.product_key = ?",
            (meters, gates),
        )
    return gateway, subs


@pytest.fixture
def linkkit_gateway(started: ExitStack, tmp_path: Path) -> StartDevice:
    python = python_environment("linkkit-1.2.13", "aliyun-iot-linkkit==1.2.13", "paho-mqtt==1.6.1")
    command = [str(python), str(_DRIVERS / "linkkit_sub_devices.py")]
    return lambda config: started.enter_context(sdk_process(command, config, tmp_path, os.environ))


@pytest.fixture
def node_gateway(started: ExitStack, tmp_path: Path) -> StartDevice:
    name, version = "alibabacloud-iot-device-sdk", "1.2.8"
    modules = node_environment(f"{name}-{version}", f"{name}@{version}")
    command = [program("node", package="nodejs"), str(_DRIVERS / "node_sub_devices.js")]

    def start(config: dict[str, Any]) -> Any:
        environment = {**os.environ, "NODE_PATH": str(modules), "NODE_EXTRA_CA_CERTS": config.get("ca", "")}
        return started.enter_context(sdk_process(command, {**config, "sdk": name}, tmp_path, environment))

    return start


def names_of(sub: Shown) -> dict[str, str]:
    return {"productKey": sub["product_key"], "deviceName": sub["device_name"]}


def is_online(operator: Operator, device: Shown) -> bool:
    return bool(operator.get(path_of(device))["state"] == "online")


def test_node(operator: Operator, node_gateway: StartDevice, way: Way, plant: Plant) -> None:
    gateway, (meter, _) = plant
    operator.keep_messages(meter)
    sdk = node_gateway({**way, **gateway, "sub": meter})
    assert sdk.wait_for("logged in", code=200)["data"] == names_of(meter)
    sdk.wait_for("subscribed", error=None)
    sdk.wait_for("acknowledged", payload="hello")
    assert is_online(operator, meter)
    operator.send(meter, "get", "bye")
    assert sdk.wait_for("logged out", code=200)["data"] == names_of(meter)
    assert not is_online(operator, meter)
    assert [each["payload"] for each in operator.messages(meter)][-2:] == ["hello", "bye"]
    assert not [event for event in sdk.stop() if event["event"] in {"closed", "error", "refused"}]


def test_python(operator: Operator, linkkit_gateway: StartDevice, way: Way, plant: Plant) -> None:
    gateway, subs = plant
    triples = [[each["product_key"], each["device_name"], each["device_secret"]] for each in subs]
    sdk = linkkit_gateway({**way, **gateway, "subs": triples})
    assert sdk.wait_for("logged in", code=200)["data"] == [names_of(sub) for sub in subs]
    operator.wait_for_version(subs[0], "1.0.0")
    assert all(is_online(operator, sub) for sub in subs)
    package = operator.add_package(subs[0]["product_key"], "2.0.0", b"firmware")
    job = operator.start_job(package, targets="SPECIFIC", device_names=[subs[0]["device_name"]])
    assert operator.wait_for_job(job, "COMPLETED")["counts"]["SUCCEEDED"] == 1
    told = sdk.stop()
    assert [each["data"] for each in told if each["event"] == "logged out"] == [[names_of(sub) for sub in subs]]
    wait_until(lambda: [is_online(operator, each) for each in (gateway, *subs)], [False] * 3)
