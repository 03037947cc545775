"""Tags, custom topics and calls (RRPC) of devices on the official SDKs, unmodified."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import StartDevice, Way
from tests.conformance.sdk_process import sdk_process
from tests.support.environments import node_environment, python_environment
from tests.support.operator import Operator, Shown, path_of
from tests.support.programs import program
from tests.support.server import Server

DRIVERS = Path(__file__).parent / "drivers"
NODE, OLD_NODE = "alibabacloud-iot-device-sdk@1.2.8", "aliyun-iot-device-sdk@1.0.1"


@pytest.fixture
def tcp(server: Server) -> Way:
    return dict(server.mqtt._asdict())


@pytest.fixture
def linkkit(started: Any, tmp_path: Path) -> StartDevice:
    python = python_environment("linkkit-1.2.13", "aliyun-iot-linkkit==1.2.13", "paho-mqtt==1.6.1")
    command = [str(python), str(DRIVERS / "linkkit_services.py")]
    return lambda config: started.enter_context(sdk_process(command, config, tmp_path, os.environ))


@pytest.fixture(params=[NODE, OLD_NODE])
def node_sdk(request: pytest.FixtureRequest) -> str:
    package: str = request.param
    return package


@pytest.fixture
def node(node_sdk: str, started: Any, tmp_path: Path) -> StartDevice:
    name, _, version = node_sdk.partition("@")
    environment = {**os.environ, "NODE_PATH": str(node_environment(f"{name}-{version}", node_sdk))}
    command = [program("node", package="nodejs"), str(DRIVERS / "node_services.js")]
    return lambda config: started.enter_context(sdk_process(command, {**config, "sdk": name}, tmp_path, environment))


def tags(operator: Operator, device: Shown) -> dict[str, tuple[str, str]]:
    return {tag["key"]: (tag["value"], tag["origin"]) for tag in operator.get(f"{path_of(device)}/tags")["items"]}


def test_the_python_sdk(operator: Operator, linkkit: StartDevice, tcp: Way, product_key: str) -> None:
    device = operator.add_device(product_key, "pump-1")
    pump = linkkit({**tcp, **device})
    pump.wait_for("tags set", code=200, data={}, message="success")
    pump.wait_for("tag deleted", code=200)
    assert tags(operator, device) == {"site": ("here", "device")}

    get = f"/{product_key}/pump-1/user/get"
    operator.send(device, "get", "hello")
    pump.wait_for("message", topic=get, payload="hello")
    answer = operator.post(f"{path_of(device)}/rrpc", {"path": "get", "payload": "how are you?", "timeout_s": 8})
    call = pump.wait_for("call", payload="how are you?")
    assert call["topic"].startswith("/ext/rrpc/")
    assert call["topic"].endswith(get)
    assert (answer["outcome"], answer["payload"]) == ("answered", "echo how are you?")


def test_the_node_sdks(operator: Operator, node: StartDevice, node_sdk: str, tcp: Way, product_key: str) -> None:
    device = operator.add_device(product_key, "lamp-1")
    operator.client.patch(f"{path_of(device)}/tags", json={"tags": {"site": "berlin"}}).raise_for_status()
    lamp = node({**tcp, **device})
    lamp.wait_for("tags set", code=200, data={"kept": ["site"]})
    lamp.wait_for("tag deleted", code=200, data={})
    found = tags(operator, device)
    assert found.pop("site") == ("berlin", "operator")
    if node_sdk == OLD_NODE:  # it says so at every login
        assert found.pop("SYS_SDK_LANGUAGE") == ("NodeJS", "system")
        assert {key: origin for key, (_, origin) in found.items()} == {
            "SYS_LP_SDK_VERSION": "system",
            "SYS_SDK_IF_INFO": "system",
        }
        return
    assert found == {}
    call = {"id": "77", "version": "1.0", "params": {"verbose": True}, "method": "thing.service.state"}
    answer = operator.post(f"{path_of(device)}/rrpc", {"payload": json.dumps(call), "timeout_s": 8})
    assert answer["outcome"] == "answered"
    assert json.loads(answer["payload"]) == {"id": "77", "code": 200, "data": {"lit": True}}
