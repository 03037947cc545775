"""Files and logs of devices over REST: lists, ranges, headers, and who may."""

from typing import Any

import httpx
import pytest

from linkops.alink.logs import LogEntry
from linkops.clock import FixedClock
from linkops.devices.logs.model import Posted
from linkops.devices.logs.uplinks import record_posts
from linkops.devices.model import DeviceKey, NodeType
from linkops.devices.presence.model import Accepted
from tests.conftest import NOW
from tests.support.api import Door
from tests.support.device_files import Site

FILES = "/api/v1/device-files"
DEVICE = "/api/v1/products/pumps/devices/pump-1"
CONTENT = bytes(range(256)) * 40


class Pump:
    """A device that has uploaded a file."""

    def __init__(self, door: Door, device: Accepted) -> None:
        self.door = door
        self.device = device
        self.site = Site(door.db, FixedClock(NOW), door.folder)
        self.site.blobs = door.blobs
        self.site.restart()

    async def upload(self, name: str, content: bytes = CONTENT) -> None:
        await self.site.upload(self.device, name, content)

    async def log(self, *contents: str) -> None:
        entries = [LogEntry("2026-11-24 11:52:10", "ERROR", "net", "1", "0", content) for content in contents]
        await self.door.db.write(record_posts, [Posted(self.device.device_id, entries, NOW)])


@pytest.fixture
async def pump(door: Door, admin: httpx.AsyncClient) -> Pump:
    await admin.post("/api/v1/products", json={"name": "Pumps", "product_key": "pumps"})
    await admin.post("/api/v1/products/pumps/devices", json={"device_name": "pump-1"})
    ids = await door.db.read(lambda tx: tx.one("SELECT id, product_id FROM device"))
    assert ids is not None
    key = DeviceKey("pumps", "pump-1")
    return Pump(door, Accepted(ids[0], ids[1], key, NodeType.DEVICE, session_present=False, subscriptions={}))


async def only_file(admin: httpx.AsyncClient) -> dict[str, Any]:
    (file,) = (await admin.get(FILES)).json()["items"]
    return dict(file)


async def test_lists_and_filters(admin: httpx.AsyncClient, pump: Pump) -> None:
    await pump.upload("crash.bin")
    await pump.upload("log_1", b"x")
    first = (await admin.get(FILES, params={"order": "name", "limit": 1})).json()
    assert (first["total"], first["total_capped"], [file["file_name"] for file in first["items"]]) == (
        2, False, ["crash.bin"],
    )  # fmt: skip
    rest = (await admin.get(FILES, params={"order": "name", "limit": 1, "cursor": first["next"]})).json()
    assert ([file["file_name"] for file in rest["items"]], rest["next"]) == (["log_1"], None)
    asked: dict[str, str | int] = {
        "product_key": "pumps",
        "device_name": "pump-1",
        "name_prefix": "log",
        "since": NOW,
        "until": NOW + 1,
    }
    (shown,) = (await admin.get(FILES, params=asked)).json()["items"]
    assert (shown["size_bytes"], shown["checked"], shown["created_at"]) == (1, False, NOW)
    assert "blob_key" not in shown
    assert (await admin.get(f"{FILES}/{shown['id']}")).json() == shown


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"device_name": "pump-1"}, "device_file.filter_needs_product"),
        ({"product_key": "fans"}, "product.not_found"),
        ({"product_key": "pumps", "device_name": "pump-2"}, "device.not_found"),
        ({"cursor": "x"}, "page.cursor_invalid"),
        ({"order": "random"}, "request.invalid"),
    ],
)
async def test_questions_that_are_refused(
    admin: httpx.AsyncClient, pump: Pump, asked: dict[str, str], code: str
) -> None:
    assert (await admin.get(FILES, params=asked)).json()["code"] == code


async def test_downloads(admin: httpx.AsyncClient, pump: Pump) -> None:
    await pump.upload("crash.bin")
    content = f"{FILES}/{(await only_file(admin))['id']}/content"
    whole = await admin.get(content)
    assert (whole.status_code, whole.content) == (200, CONTENT)
    assert whole.headers["Content-Disposition"] == 'attachment; filename="crash.bin"'
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Content-Type"] == "application/octet-stream"
    assert "default-src 'none'" in whole.headers["Content-Security-Policy"]
    part = await admin.get(content, headers={"Range": "bytes=1000-1999", "If-Range": whole.headers["ETag"]})
    assert (part.status_code, part.content) == (206, CONTENT[1_000:2_000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(CONTENT)}"
    assert (await admin.get(content, headers={"Range": "bytes=-5"})).content == CONTENT[-5:]
    beyond = await admin.get(content, headers={"Range": f"bytes={len(CONTENT)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")
    (line, *_) = (await admin.get("/api/v1/audit", params={"action": "device_file.download"})).json()["items"]
    assert (line["target"], line["details"]["file_name"]) == ("device:pumps/pump-1", "crash.bin")


async def test_a_file_whose_bytes_are_gone(admin: httpx.AsyncClient, pump: Pump) -> None:
    await pump.upload("crash.bin")
    (file,) = await pump.site.files()
    await pump.door.blobs.delete(file.blob_key)
    answer = await admin.get(f"{FILES}/{file.id}/content")
    assert (answer.status_code, answer.json()["code"]) == (404, "device_file.gone")


async def test_deleting(admin: httpx.AsyncClient, pump: Pump) -> None:
    await pump.upload("crash.bin")
    file_id = (await only_file(admin))["id"]
    refused = await admin.post(f"{FILES}/delete", json={"ids": [file_id, 999]})
    assert (refused.status_code, refused.json()["code"]) == (404, "device_file.not_found")
    assert (await admin.post(f"{FILES}/delete", json={"ids": [file_id]})).json() == {"deleted": 1}
    assert (await admin.get(f"{FILES}/{file_id}")).status_code == 404
    assert (await admin.get(FILES)).json()["items"] == []


async def test_strangers(door: Door, admin: httpx.AsyncClient, pump: Pump) -> None:
    await pump.upload("crash.bin")
    file_id = (await only_file(admin))["id"]
    await admin.post("/api/v1/products", json={"name": "Fans", "product_key": "fans"})
    async with door.client(await door.token("ann", "operator", "fans")) as ann:
        assert (await ann.get(FILES)).json()["items"] == []
        for path in (f"{FILES}/{file_id}", f"{FILES}/{file_id}/content", f"{DEVICE}/log"):
            assert (await ann.get(path)).status_code == 404
        assert (await ann.post(f"{FILES}/delete", json={"ids": [file_id]})).status_code == 404
    async with door.client(await door.token("bob", "viewer", "pumps")) as bob:
        assert (await bob.get(f"{FILES}/{file_id}")).status_code == 200
        assert (await bob.get(f"{FILES}/{file_id}/content")).status_code == 403
        assert (await bob.get(f"{DEVICE}/log")).status_code == 403
        assert (await bob.get(f"{DEVICE}/log-switch")).json() == {"on": False, "own": None}


async def test_logs(admin: httpx.AsyncClient, pump: Pump) -> None:
    assert (await admin.put("/api/v1/products/pumps/log-switch", json={"on": True})).status_code == 204
    assert (await admin.get(f"{DEVICE}/log-switch")).json() == {"on": True, "own": None}
    await pump.log("one", "two\x1b", "<three>")
    page = (await admin.get(f"{DEVICE}/log", params={"limit": 2})).json()
    assert [line["content"] for line in page["items"]] == ["<three>", "two\x1b"]
    assert page["items"][0]["logged_at"] == 1_795_521_130_000
    rest = (await admin.get(f"{DEVICE}/log", params={"limit": 2, "cursor": page["next"]})).json()
    assert ([line["content"] for line in rest["items"]], rest["next"]) == (["one"], None)
    behind = (await admin.get(f"{DEVICE}/log", params={"after": rest["items"][0]["id"]})).json()
    assert [line["content"] for line in behind["items"]] == ["two\x1b", "<three>"]
    assert (await admin.get(f"{DEVICE}/log", params={"level": "info"})).json()["items"] == []
    assert (await admin.put(f"{DEVICE}/log-switch", json={"on": False})).json() == {"on": False, "own": False}
    await pump.log("off")
    assert len((await admin.get(f"{DEVICE}/log")).json()["items"]) == 3
