"""The official SDKs as fixtures: each gives a function that starts one device of that SDK."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.sdk_process import SdkProcess, sdk_process
from tests.support.environments import node_environment, python_environment
from tests.support.operator import Operator
from tests.support.programs import program
from tests.support.server import Server

_DRIVERS = Path(__file__).parent / "drivers"
_NUMBERS = itertools.count(1)

StartDevice = Callable[[dict[str, Any]], SdkProcess]
"""Starts a device: where it connects to (``host``, ``port``, and ``ca`` for TLS) and who it is."""

Way = dict[str, Any]
"""How a device connects: ``host``, ``port``, and ``ca`` for TLS."""


@pytest.fixture(params=["tcp", "tls", "tls on the tcp port"])
def way(request: pytest.FixtureRequest, server: Server) -> Way:
    """Every way into the server."""
    address = server.mqtt_tls if request.param == "tls" else server.mqtt
    trust = {} if request.param == "tcp" else {"ca": str(server.ca_certificate)}
    return {**address._asdict(), **trust}


@pytest.fixture
def product_key(operator: Operator) -> str:
    """A new product."""
    return str(operator.post("/products", {"name": f"pumps {next(_NUMBERS)}"})["product_key"])


@pytest.fixture
def started() -> Iterator[ExitStack]:
    """What a test started; all of it ends with the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def linkkit_device(started: ExitStack, tmp_path: Path) -> StartDevice:
    """Firmware on the official Python SDK."""
    python = python_environment("linkkit-1.2.13", "aliyun-iot-linkkit==1.2.13", "paho-mqtt==1.6.1")

    def start(config: dict[str, Any]) -> SdkProcess:
        command = [str(python), str(_DRIVERS / "linkkit_firmware.py")]
        return started.enter_context(sdk_process(command, {**config, "folder": str(tmp_path)}, tmp_path, os.environ))

    return start


@pytest.fixture(params=["alibabacloud-iot-device-sdk@1.2.8", "aliyun-iot-device-sdk@1.0.1"])
def node_device(request: pytest.FixtureRequest, started: ExitStack, tmp_path: Path) -> StartDevice:
    """A device on each of the official Node SDKs."""
    package: str = request.param
    name, _, version = package.partition("@")
    modules = node_environment(f"{name}-{version}", package)
    node = program("node", package="nodejs")

    def start(config: dict[str, Any]) -> SdkProcess:
        command = [node, str(_DRIVERS / "node_device.js")]
        environment = {**os.environ, "NODE_PATH": str(modules), "NODE_EXTRA_CA_CERTS": config.get("ca", "")}
        return started.enter_context(sdk_process(command, {**config, "sdk": name}, tmp_path, environment))

    return start


@pytest.fixture
def linkkit_gateway(started: ExitStack, tmp_path: Path) -> StartDevice:
    """A gateway on the official Python SDK."""
    python = python_environment("linkkit-1.2.13", "aliyun-iot-linkkit==1.2.13", "paho-mqtt==1.6.1")

    def start(config: dict[str, Any]) -> SdkProcess:
        command = [str(python), str(_DRIVERS / "linkkit_gateway.py")]
        return started.enter_context(sdk_process(command, config, tmp_path, os.environ))

    return start


@pytest.fixture
def node_gateway(started: ExitStack, tmp_path: Path) -> StartDevice:
    """A gateway on the official Node SDK."""
    name, version = "alibabacloud-iot-device-sdk", "1.2.8"
    modules = node_environment(f"{name}-{version}", f"{name}@{version}")
    node = program("node", package="nodejs")

    def start(config: dict[str, Any]) -> SdkProcess:
        command = [node, str(_DRIVERS / "node_gateway.js")]
        environment = {**os.environ, "NODE_PATH": str(modules), "NODE_EXTRA_CA_CERTS": config.get("ca", "")}
        return started.enter_context(sdk_process(command, {**config, "sdk": name}, tmp_path, environment))

    return start
