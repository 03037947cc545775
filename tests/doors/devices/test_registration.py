"""Registration and bootstrap at the HTTPS door for devices, by what old C SDKs offer."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from linkops.devices.model import DeviceKey, NewDevice
from tests.support.c_sdk import ask, trust
from tests.support.mqtt import MqttClient, connect_of
from tests.support.operator import Operator
from tests.support.registration import connect_to_register, form
from tests.support.server import Server, running_server

TLS_RSA_WITH_AES_128_CBC_SHA256 = "AES128-SHA256"
NAMES = re.compile(r"[A-Z][A-Za-z]*(-[A-Z][A-Za-z]*)*:")


@pytest.fixture(scope="module")
def server(administered_data: tuple[Path, str]) -> Iterator[Server]:
    """A server that logs whatever it can."""
    data_dir, _ = administered_data
    with running_server(data_dir, data_dir.with_name("log"), log_level="debug") as server:
        yield server


@pytest.fixture(scope="module")
def secret(operator: Operator) -> str:
    """The secret of the product ``pumps``."""
    operator.post("/products", {"name": "Pumps", "product_key": "pumps"})
    operator.client.put("/products/pumps/registration", json={"registration": True}).raise_for_status()
    shown: str = operator.post("/products/pumps/secret", {})["secret"]
    return shown


def post(server: Server, path: str, fields: dict[str, str]) -> tuple[str, bytes]:
    tls = trust(server.ca_certificate, TLS_RSA_WITH_AES_128_CBC_SHA256)
    form_type = "Content-Type: application/x-www-form-urlencoded;charset=utf-8"
    return ask(server.device_https, tls, path, form_type, method="POST", body=urlencode(fields).encode())


async def test_a_c_sdk_comes_to_its_secret_and_logs_in(server: Server, operator: Operator, secret: str) -> None:
    operator.add_device("pumps", "pump-1")
    key = DeviceKey("pumps", "pump-1")
    head, content = post(server, "/auth/register/device", form(key, secret))
    assert head.startswith("HTTP/1.1 200 ")
    assert f"\r\nContent-Length: {len(content)}\r\n" in f"{head}\r\n"
    # Old SDKs compare names of headers letter by letter; the date is uvicorn's own, and read by nobody.
    headers = [line for line in head.split("\r\n")[1:] if not line.startswith(("date:", "server:", "connection:"))]
    assert [line for line in headers if not NAMES.match(line)] == []
    device = NewDevice(0, key, json.loads(content)["data"]["deviceSecret"])
    async with await MqttClient.open(server.mqtt) as client:
        assert (await client.login(connect_of(device))).reason == 0
    _, content = post(server, "/auth/register/device", form(key, secret))
    assert content == b'{"code":6289,"data":{},"message":"device is already active"}'


def test_where_to_connect(server: Server) -> None:
    fields = {"productKey": "pumps", "deviceName": "pump-1", "clientId": "x", "resources": "mqtt"}
    _, content = post(server, "/auth/bootstrap", fields)
    mqtt = {"host": server.mqtt.host, "port": server.mqtt.port, "ip": server.mqtt.host}
    assert json.loads(content) == {"code": 200, "data": {"resources": {"mqtt": mqtt}}}


async def test_no_secret_is_in_the_log(server: Server, operator: Operator, secret: str) -> None:
    operator.add_device("pumps", "pump-2")
    key = DeviceKey("pumps", "pump-2")
    _, content = post(server, "/auth/register/device", form(key, secret))
    post(server, "/auth/register/device", form(key, "guess"))
    async with await MqttClient.open(server.mqtt) as client:
        assert (await client.login(connect_to_register(key, secret))).reason == 2
    text = server.log.read_text()
    assert "registration refused" in text
    assert secret not in text
    assert json.loads(content)["data"]["deviceSecret"] not in text
