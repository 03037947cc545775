"""Devices on the official SDKs, unmodified, that know only their product's secret."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import _DRIVERS
from tests.conformance.sdk_process import SdkProcess, sdk_process
from tests.support.environments import node_environment, python_environment
from tests.support.operator import Operator, Shown, path_of, wait_until
from tests.support.programs import program
from tests.support.server import Server, running_server

BUILT_IN = "https://iot-auth.cn-shanghai.aliyuncs.com"
_NUMBERS = itertools.count(1)

Start = Callable[..., SdkProcess]


@pytest.fixture(scope="module")
def server(administered_data: tuple[Path, str]) -> Iterator[Server]:
    """A server whose certificate is also for the name that is built into the Python SDK."""
    data_dir, _ = administered_data
    with running_server(data_dir, data_dir.with_name("log"), device_url=BUILT_IN) as server:
        yield server


@pytest.fixture
def product(operator: Operator) -> Shown:
    """A product whose devices may register, with its secret."""
    made = operator.post("/products", {"name": f"pumps {next(_NUMBERS)}"})
    return opened(operator, str(made["product_key"]))


def opened(operator: Operator, product_key: str, *, listed_only: bool = True) -> Shown:
    rule = {"registration": True, "listed_only": listed_only}
    operator.client.put(f"/products/{product_key}/registration", json=rule).raise_for_status()
    secret = operator.post(f"/products/{product_key}/secret", {})["secret"]
    return {"product_key": product_key, "product_secret": secret}


@pytest.fixture
def linkkit(started: ExitStack, tmp_path: Path, server: Server) -> Start:
    """A device on the official Python SDK."""
    python = python_environment("linkkit-1.2.13", "aliyun-iot-linkkit==1.2.13", "paho-mqtt==1.6.1")
    door = {**server.mqtt_tls._asdict(), "ca": str(server.ca_certificate), "https_port": server.device_https.port}

    def start(**config: Any) -> SdkProcess:
        command = [str(python), str(_DRIVERS / "linkkit_registering.py")]
        # The name in the certificate is localhost; the SDK matches it.
        config = {**door, "host": "localhost", **config}
        return started.enter_context(sdk_process(command, config, tmp_path, os.environ))

    return start


@pytest.mark.parametrize("way", ["https", "register"])
def test_python_comes_to_its_secret(operator: Operator, product: Shown, linkkit: Start, way: str) -> None:
    device = operator.add_device(product["product_key"], "pump-1")
    pump = linkkit(**product, device_name="pump-1", way=way)
    told = pump.wait_for("registered", code=0)
    assert told["secret"] != device["device_secret"]
    pump.wait_for("connected", code=0)
    assert operator.get(path_of(device))["online"] is True
    assert operator.post(f"{path_of(device)}/secret", {})["secret"] == told["secret"]


def test_python_without_a_list(operator: Operator, product: Shown, linkkit: Start) -> None:
    opened(operator, product["product_key"], listed_only=False)
    pump = linkkit(**product, device_name="newcomer-1", way="regnwl")
    pump.wait_for("registered", code=0)
    pump.wait_for("connected", code=0)
    shown = operator.get(f"/products/{product['product_key']}/devices/newcomer-1")
    assert (shown["online"], shown["sdk_version"]) == (True, "1.2.13")


@pytest.mark.parametrize("way", ["https", "register", "regnwl"])
def test_python_with_a_wrong_secret(operator: Operator, product: Shown, linkkit: Start, way: str) -> None:
    operator.add_device(product["product_key"], "pump-1")
    pump = linkkit(**{**product, "product_secret": "0" * 16}, device_name="pump-1", way=way)
    told = pump.wait_for("registered")
    assert told["code"] != 0


def test_a_gateway_on_python(operator: Operator, linkkit: Start) -> None:
    names = {"gateway": f"gateways {next(_NUMBERS)}", "subdevice": f"sensors {next(_NUMBERS)}"}
    made = {kind: operator.post("/products", {"name": name, "node_type": kind}) for kind, name in names.items()}
    gateway = operator.add_device(made["gateway"]["product_key"], "gateway-1")
    sensors = opened(operator, made["subdevice"]["product_key"])
    subs = [operator.add_device(sensors["product_key"], f"sensor-{number}") for number in (1, 2)]
    listed = [[sub["product_key"], sub["device_name"], sensors["product_secret"]] for sub in subs]
    told = linkkit(**gateway, subs=listed)
    told.wait_for("connected", code=0)
    secrets = [told.wait_for("subs", code=200)["data"], told.wait_for("proven", code=200)["data"]["successes"]]
    assert [[each["deviceName"] for each in answer] for answer in secrets] == [["sensor-1", "sensor-2"]] * 2
    shown = [operator.post(f"{path_of(sub)}/secret", {})["secret"] for sub in subs]
    assert shown == [each["deviceSecret"] for each in secrets[-1]]


@pytest.mark.parametrize("package", ["alibabacloud-iot-device-sdk@1.2.8", "aliyun-iot-device-sdk@1.0.1"])
def test_node(
    operator: Operator, product: Shown, server: Server, started: ExitStack, tmp_path: Path, package: str
) -> None:
    device = operator.add_device(product["product_key"], "pump-1")
    name, _, version = package.partition("@")
    environment = {
        **os.environ,
        "NODE_PATH": str(node_environment(f"{name}-{version}", package)),
        "NODE_EXTRA_CA_CERTS": str(server.ca_certificate),
    }
    url = f"https://localhost:{server.device_https.port}/auth/register/device"
    config = {"sdk": name, "url": url, "device_name": "pump-1", **product}
    command = [program("node", package="nodejs"), str(_DRIVERS / "node_registering.js")]
    pump = started.enter_context(sdk_process(command, config, tmp_path, environment))
    answer = pump.wait_for("registered")["answer"]
    assert answer["code"] == 200
    wait_until(lambda: operator.post(f"{path_of(device)}/secret", {})["secret"], answer["data"]["deviceSecret"])
