"""HTTPS for devices alone: downloads by what C SDKs offer, and no way in to anything else."""

import json
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from linkops.devices.model import DeviceKey, NewDevice
from linkops.mqtt.packets import Publish
from tests.support.c_sdk import ask, trust
from tests.support.mqtt import MqttClient, connect_of
from tests.support.operator import Operator
from tests.support.server import Server, running_server

TLS_RSA_WITH_AES_128_CBC_SHA256 = "AES128-SHA256"
FIRMWARE = b"firmware 2.0.0" * 1_000
FOR_PEOPLE = [
    "/",
    "/?Action=QueryProduct",
    "/api/v1/products",
    "/api/v1/docs",
    "/api/v1/openapi.json",
    "/healthz",
    "/readyz",
    "/metrics",
    "/console",
    "/files",
    "/%2e%2e/metrics",
    "//api/v1/products",
]


@pytest.fixture
async def link(server: Server, operator: Operator) -> str:
    """The path of the download link that a device was given."""
    product_key = operator.post("/products", {"name": "HTTPS pumps"})["product_key"]
    shown = operator.add_device(product_key, "pump-1")
    operator.start_job(operator.add_package(product_key, "2.0.0", FIRMWARE))
    device = NewDevice(1, DeviceKey(product_key, "pump-1"), shown["device_secret"])
    async with await MqttClient.open(server.mqtt) as client:
        await client.login(connect_of(device))
        await client.publish(f"/ota/device/inform/{product_key}/pump-1", b'{"params":{"version":"1.0.0"}}')
        while not isinstance(push := await client.next(), Publish):
            pass
    url: str = json.loads(push.payload)["data"]["url"]
    return urlsplit(url).path


def c_sdk(server: Server) -> ssl.SSLContext:
    return trust(server.ca_certificate, TLS_RSA_WITH_AES_128_CBC_SHA256)


async def test_a_client_of_one_old_suite_downloads(server: Server, link: str) -> None:
    head, body = ask(server.device_https, c_sdk(server), link, "Range: bytes=0-")
    assert head.startswith("HTTP/1.1 206 ")
    assert f"\r\nContent-Length: {len(FIRMWARE)}\r\n" in head
    assert body == FIRMWARE


@pytest.mark.parametrize("path", FOR_PEOPLE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_for_devices_is_not_there(server: Server, operator: Operator, path: str, method: str) -> None:
    token = f"Authorization: {operator.client.headers['Authorization']}"
    head, body = ask(server.device_https, c_sdk(server), path, token, method=method)
    assert head.startswith("HTTP/1.1 404 ")
    assert "\r\nContent-Length: 0\r\n" in f"{head}\r\n"
    assert body == b""


def test_the_old_suites_go_with_their_setting(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", tmp_path / "log", tls_legacy_suites=False) as server:
        with pytest.raises(ssl.SSLError):
            ask(server.device_https, c_sdk(server), "/files/x")
        modern = trust(server.ca_certificate, "ECDHE+AESGCM")
        assert ask(server.device_https, modern, "/files/x")[0].startswith("HTTP/1.1 403 ")
