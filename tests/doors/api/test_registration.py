"""Registration and bootstrap over HTTP: the raw bytes that devices read, and what operators say."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from linkops.devices.model import DeviceKey
from tests.support.api import Door
from tests.support.registration import form, sign

REGISTER, BOOTSTRAP = "/auth/register/device", "/auth/bootstrap"
KEY = DeviceKey("pumps", "pump-1")


@pytest.fixture
async def secret(admin: httpx.AsyncClient) -> str:
    """The secret of a product whose devices may register, with one device in its list."""
    await admin.post("/api/v1/products", json={"name": "Pumps", "product_key": "pumps"})
    await admin.post("/api/v1/products/pumps/devices", json={"device_name": "pump-1"})
    answer = await admin.put("/api/v1/products/pumps/registration", json={"registration": True})
    assert (answer.status_code, answer.json()["registration"], answer.json()["listed_only"]) == (200, True, True)
    shown: str = (await admin.post("/api/v1/products/pumps/secret")).json()["secret"]
    return shown


async def posted(door: Door, path: str, body: str | bytes, *headers: str, method: str = "POST") -> tuple[str, bytes]:
    """Return head and body of an answer, as they came."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", f"Content-Length: {len(data)}", *headers]
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write("\r\n".join([*lines, "", ""]).encode() + data)
    async with asyncio.timeout(120):
        answer = await reader.read()
    writer.close()
    head, _, content = answer.partition(b"\r\n\r\n")
    return head.decode(), content


async def register(door: Door, fields: dict[str, str]) -> Any:
    _, content = await posted(door, REGISTER, urlencode(fields))
    return json.loads(content)


async def test_the_answer_byte_by_byte(door: Door, secret: str) -> None:
    head, content = await posted(door, REGISTER, urlencode(form(KEY, secret)))
    assert head.startswith("HTTP/1.1 200 ")
    assert f"\r\nContent-Length: {len(content)}\r\n" in f"{head}\r\n"
    assert "transfer-encoding" not in head.lower()
    told = json.loads(content)
    assert content == json.dumps(told, separators=(",", ":")).encode()
    assert list(told) == ["code", "data", "message"]
    assert (told["code"], told["message"], len(told["data"].pop("deviceSecret"))) == (200, "success", 32)
    assert told["data"] == {"productKey": "pumps", "deviceName": "pump-1"}


@pytest.mark.parametrize(
    ("digest", "method"), [("md5", ""), ("md5", "HmacMD5"), ("sha1", "hmacsha1"), ("sha256", "hmacSha256")]
)
async def test_every_method_of_signing(door: Door, secret: str, digest: str, method: str) -> None:
    fields = form(KEY, secret, signMethod=method, sign=sign(KEY, secret, digest=digest).upper())
    assert (await register(door, fields))["code"] == 200


async def test_whatever_else_is_sent_is_signed_too(door: Door, secret: str) -> None:
    fields = {**form(KEY, secret), "instanceId": "iot-cn-1"}
    assert (await register(door, fields))["code"] == 6600


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"productKey": ""}, 460),
        ({"deviceName": "a/b/c"}, 460),
        ({"deviceName": "x" * 33}, 460),
        ({"random": ""}, 460),
        ({"random": "r" * 129}, 460),
        ({"sign": ""}, 460),
        ({"sign": "ff"}, 6600),
        ({"sign": "äöü"}, 6600),
        ({"random": "another"}, 6600),
        ({"signMethod": "hmacsha512"}, 6292),
        ({"productKey": "nosuchkey"}, 6250),
    ],
)
async def test_what_is_refused(door: Door, secret: str, changes: dict[str, str], code: int) -> None:
    answer = await register(door, form(KEY, secret, **changes))
    assert answer["code"] == code
    assert answer["data"] == {}
    assert answer["message"]


async def test_more_of_what_is_refused(door: Door, admin: httpx.AsyncClient, secret: str) -> None:
    assert (await register(door, form(DeviceKey("pumps", "pump-2"), secret)))["code"] == 6100
    await admin.post("/api/v1/products/pumps/devices/pump-1/disable")
    assert (await register(door, form(KEY, secret)))["code"] == 6204
    await admin.put("/api/v1/products/pumps/registration", json={"registration": False})
    assert (await register(door, form(KEY, secret)))["code"] == 6288
    for _ in range(5):
        assert (await register(door, form(KEY, "guess")))["code"] == 6600
    head, content = await posted(door, REGISTER, urlencode(form(KEY, "guess")))
    assert head.startswith("HTTP/1.1 429 ")
    assert "\r\nRetry-After: 60" in head
    assert json.loads(content)["code"] == 429


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b'{"productKey":"pumps"}',
        b"productKey=pumps&productKey=pumps&deviceName=pump-1&random=1&sign=1",
        b"&".join(b"f%d=1" % number for number in range(30)),
        b"productKey=" + b"p" * 5_000,
        b"x" * 2_000_000,
    ],
)
@pytest.mark.parametrize("path", [REGISTER, BOOTSTRAP])
async def test_bodies_that_are_no_such_form(door: Door, path: str, body: bytes) -> None:
    try:
        _, content = await posted(door, path, body)
    except ConnectionError:
        assert len(body) > 1_000_000  # hung up on in the middle
        return
    assert json.loads(content)["code"] == 460


@pytest.mark.parametrize("path", [REGISTER, BOOTSTRAP])
async def test_it_has_to_be_posted(door: Door, path: str) -> None:
    head, _ = await posted(door, path, b"", method="GET")
    assert head.startswith("HTTP/1.1 405 ")
    assert "\r\nAllow: POST" in head


async def test_where_to_connect(door: Door) -> None:
    fields = {"productKey": "pumps", "deviceName": "pump-1", "clientId": "x", "resources": "mqtt,http2"}
    head, content = await posted(door, BOOTSTRAP, urlencode(fields))
    assert "\r\nContent-Length: " in head
    assert content == b'{"code":200,"data":{"resources":{"mqtt":{"host":"mqtt.example.com","port":1883,"ip":""}}}}'
    for wrong in ({"resources": "http2"}, {"deviceName": "a/b"}, {"productKey": ""}):
        _, content = await posted(door, BOOTSTRAP, urlencode({**fields, **wrong}))
        assert json.loads(content)["code"] == 460


async def test_a_product_shows_what_holds(admin: httpx.AsyncClient, secret: str) -> None:
    shown = (await admin.get("/api/v1/products/pumps")).json()
    assert (shown["registration"], shown["listed_only"]) == (True, True)
    renewed = (await admin.post("/api/v1/products/pumps/reset-secret")).json()["secret"]
    assert renewed != secret
    assert (await admin.post("/api/v1/products/pumps/secret")).json()["secret"] == renewed


async def test_certificates_instead_of_secrets(admin: httpx.AsyncClient) -> None:
    await admin.post("/api/v1/products", json={"name": "Meters", "product_key": "meters", "auth_type": "x509"})
    answer = await admin.put("/api/v1/products/meters/registration", json={"registration": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "registration.certificates")


async def test_letting_devices_register_again(door: Door, admin: httpx.AsyncClient, secret: str) -> None:
    body = {"devices": [KEY._asdict()]}
    assert (await admin.post("/api/v1/devices/let-register", json=body)).json() == {"changed": 0}
    await door.db.write(lambda tx: tx.run("UPDATE device SET activated_at = 1, online_at = 1"))
    assert (await register(door, form(KEY, secret)))["code"] == 6289
    assert (await admin.post("/api/v1/devices/let-register", json=body)).json() == {"changed": 1}
    assert (await register(door, form(KEY, secret)))["code"] == 200


async def test_a_device_that_is_away_is_not_sent_anywhere(admin: httpx.AsyncClient, secret: str) -> None:
    answer = await admin.post("/api/v1/products/pumps/devices/pump-1/bootstrap")
    assert (answer.status_code, answer.json()["code"]) == (409, "bootstrap.device_away")
