"""Remote configuration on the official Node SDK, unmodified, against the server; the Python SDK has none."""

import hashlib
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.conftest import Way
from tests.conformance.sdk_process import SdkProcess, sdk_process
from tests.support.environments import node_environment
from tests.support.operator import Operator, Shown, wait_until
from tests.support.programs import program

SDK, VERSION = "alibabacloud-iot-device-sdk", "1.2.8"
DRIVER = Path(__file__).parent / "drivers" / "node_configuration.js"
DOCUMENT = '{ "interval": 30 }'


def configured_device(started: ExitStack, folder: Path, config: dict[str, Any]) -> SdkProcess:
    modules = node_environment(f"{SDK}-{VERSION}", f"{SDK}@{VERSION}")
    command = [program("node", package="nodejs"), str(DRIVER)]
    environment = {**os.environ, "NODE_PATH": str(modules), "NODE_EXTRA_CA_CERTS": config.get("ca", "")}
    return started.enter_context(sdk_process(command, {**config, "sdk": SDK}, folder, environment))


def put(operator: Operator, path: str, body: Shown) -> None:
    assert operator.client.put(path, json=body).is_success


def assert_fetchable(described: Shown) -> None:
    assert (described["signMethod"], described["getType"], described["configSize"]) == ("Sha256", "file", len(DOCUMENT))
    body = httpx.get(described["url"]).content
    assert body == DOCUMENT.encode()
    assert described["sign"] == hashlib.sha256(body).hexdigest()


@pytest.mark.timeout(300)
def test_it_is_pulled_and_pushed(
    operator: Operator, started: ExitStack, tmp_path: Path, way: Way, product_key: str
) -> None:
    path = f"/products/{product_key}/configuration"
    put(operator, f"{path}/switch", {"enabled": True})
    put(operator, f"{path}/document", {"content": DOCUMENT, "base_version": 0})
    device = operator.add_device(product_key, "lamp-1")
    lamp = configured_device(started, tmp_path, {**way, **device})
    lamp.wait_for("connected")
    got = lamp.wait_for("got")["message"]
    assert got["code"] == 200
    assert_fetchable(got["data"])

    push = operator.post(f"{path}/pushes", {})
    pushed = lamp.wait_for("pushed")["message"]
    assert (pushed["id"], pushed["method"]) == (str(push["id"]), "thing.config.push")
    assert_fetchable(pushed["params"])
    results = f"/configuration/pushes/{push['id']}/results"
    wait_until(lambda: [result["status"] for result in operator.get(results)["items"]], ["DOWNLOADED"])
