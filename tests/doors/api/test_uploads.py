"""Uploads over HTTP that go on after an interruption."""

import asyncio

import httpx

from tests.support.api import MAX_FILE_BYTES, Door
from tests.support.ota import sha256

FILE = bytes(range(256)) * 4 * 1_024 * 2 + b"the end"


async def cut_off(door: Door, token: str, path: str, content: bytes, announced: int) -> None:
    """Announce more bytes than come, and close the connection."""
    _, writer = await asyncio.open_connection("127.0.0.1", door.port)
    head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Length: {announced}\r\n\r\n"
    writer.write(head.encode() + content)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def arrived(admin: httpx.AsyncClient, path: str) -> int:
    """Return how much of an upload is there, once some is."""
    while True:
        have_bytes = int((await admin.get(path)).json()["have_bytes"])
        if have_bytes:
            return have_bytes


async def test_a_broken_connection_costs_the_last_mebibyte_at_most(door: Door, admin: httpx.AsyncClient) -> None:
    new = {"file_name": "image.bin", "size_bytes": len(FILE), "resume_key": "2026"}
    begun = (await admin.post("/api/v1/uploads/begin", json=new)).json()
    path = f"/api/v1/uploads/{begun['id']}"
    await cut_off(door, admin.headers["Authorization"], f"{path}/content?offset=0", FILE[:1_500_000], len(FILE))
    at = await arrived(admin, path)
    assert (await admin.post("/api/v1/uploads/begin", json=new)).json()["id"] == begun["id"]
    refused = await admin.put(f"{path}/content", params={"offset": at + 1}, content=b"x")
    assert (refused.status_code, refused.json()["params"]) == (409, {"have_bytes": at})
    sent = await admin.put(f"{path}/content", params={"offset": at}, content=FILE[at:])
    assert (sent.status_code, sent.json()["have_bytes"]) == (200, len(FILE))
    done = (await admin.post(f"{path}/finish", json={"sha256": sha256(FILE)})).json()
    assert (done["finished"], done["sha256"]) == (True, sha256(FILE))
    assert [upload["id"] for upload in (await admin.get("/api/v1/uploads")).json()] == [begun["id"]]
    assert (await admin.delete(path)).status_code == 204
    assert (await admin.get(path)).status_code == 404


async def test_what_is_too_large_is_refused_before_it_comes(admin: httpx.AsyncClient) -> None:
    new = {"file_name": "image.bin", "size_bytes": MAX_FILE_BYTES + 1}
    assert (await admin.post("/api/v1/uploads/begin", json=new)).status_code == 413
    new = {"file_name": "image.exe", "size_bytes": 3}
    refused = await admin.post("/api/v1/uploads/begin", json=new)
    assert (refused.status_code, refused.json()["field"]) == (422, "file_name")
