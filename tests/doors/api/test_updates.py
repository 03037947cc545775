"""Modules, uploads, packages, jobs and tasks over HTTP."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.api import MAX_FILE_BYTES, Door

CONTENT = b"firmware" * 1_000


async def product(admin: httpx.AsyncClient) -> str:
    """Create a product with three devices and return its key."""
    key = str((await admin.post("/api/v1/products", json={"name": "Pumps"})).json()["product_key"])
    for n in range(3):
        await admin.post(f"/api/v1/products/{key}/devices", json={"device_name": f"pump-{n}"})
    return key


async def upload(admin: httpx.AsyncClient, content: bytes = CONTENT) -> str:
    """Store a file and return the id of the upload."""
    answer = await admin.post("/api/v1/uploads", params={"file_name": "f.bin"}, content=content)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def package(admin: httpx.AsyncClient, key: str, version: str = "2.0.0") -> int:
    """Create a package and return its id."""
    body = {"product_key": key, "name": "package", "version": version, "upload_id": await upload(admin)}
    answer = await admin.post("/api/v1/ota/packages", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def test_modules_are_managed(admin: httpx.AsyncClient) -> None:
    path = f"/api/v1/products/{await product(admin)}/modules"
    made = await admin.post(path, json={"name": "mcu", "description": "The small one"})
    assert (made.status_code, made.json()["name"]) == (201, "mcu")
    assert (await admin.patch(f"{path}/mcu", json={"alias": "MCU"})).json()["alias"] == "MCU"
    assert [module["name"] for module in (await admin.get(path)).json()["items"]] == ["default", "mcu"]
    assert (await admin.delete(f"{path}/mcu")).status_code == 204
    assert (await admin.delete(f"{path}/mcu")).status_code == 404


async def test_an_upload_is_streamed_and_measured(admin: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(CONTENT), 1_000):
            yield CONTENT[at : at + 1_000]

    answer = await admin.post("/api/v1/uploads", params={"file_name": "f.bin"}, content=pieces())
    stored = answer.json()
    assert (answer.status_code, stored["file_name"], stored["size_bytes"]) == (201, "f.bin", len(CONTENT))
    assert stored["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert stored["md5"] == hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


NAMES = [
    "../../etc/x.bin",
    "..\\x.bin",
    "/etc/passwd",
    "C:\\x.bin",
    "C:x.bin",
    "a\x00.bin",
    "%2e%2e%2fx.bin",
    "x" * 300 + ".bin",
    "",
    "x.exe",
    "<img onerror>.bin",
    "\u202eexe.bin",
]


@pytest.mark.parametrize("name", NAMES)
async def test_whatever_a_file_is_called_it_is_stored_under_a_name_of_ours(
    door: Door, admin: httpx.AsyncClient, name: str
) -> None:
    answer = await admin.post("/api/v1/uploads", params={"file_name": name}, content=CONTENT)
    assert answer.status_code in {201, 422}
    if answer.status_code == 422:
        assert answer.json()["field"] == "file_name"
    else:
        assert answer.json()["file_name"] == name
    files = [path for path in door.folder.rglob("*") if path.is_file() and path.read_bytes() == CONTENT]
    assert all(door.folder / "files" in path.parents for path in files)
    assert len(files) == (answer.status_code == 201)


async def test_a_file_that_is_too_large_leaves_nothing(door: Door, admin: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MAX_FILE_BYTES // 2**16 + 2):
            yield bytes(2**16)

    announced = await admin.post("/api/v1/uploads", params={"file_name": "f.bin"}, content=bytes(MAX_FILE_BYTES + 1))
    streamed = await admin.post("/api/v1/uploads", params={"file_name": "f.bin"}, content=endless())
    assert announced.status_code == streamed.status_code == 413
    assert [path for path in (door.folder / "files").rglob("*") if path.is_file()] == []


async def test_an_upload_that_is_cut_off_leaves_nothing(door: Door, admin: httpx.AsyncClient) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", door.port)
    head = (
        "POST /api/v1/uploads?file_name=f.bin HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n"
        f"Authorization: {admin.headers['authorization']}\r\n\r\n"
    )
    writer.write(head.encode() + bytes(2_970_000))
    await writer.drain()
    writer.close()
    for _ in range(200):
        await asyncio.sleep(0.05)
        if door.blobs.free_bytes() and not [path for path in (door.folder / "files").rglob("*") if path.is_file()]:
            break
    assert [path for path in (door.folder / "files").rglob("*") if path.is_file()] == []


async def test_a_package_and_its_rollout(admin: httpx.AsyncClient) -> None:
    key = await product(admin)
    package_id = await package(admin, key)
    shown = (await admin.get(f"/api/v1/ota/packages/{package_id}")).json()
    assert (shown["product_key"], shown["version"], shown["files"][0]["size_bytes"]) == (key, "2.0.0", len(CONTENT))
    listed = (await admin.get("/api/v1/ota/packages", params={"product_key": key})).json()
    assert [item["id"] for item in listed["items"]] == [package_id]
    edited = await admin.patch(f"/api/v1/ota/packages/{package_id}", json={"description": "better"})
    assert edited.json()["description"] == "better"

    made = await admin.post("/api/v1/ota/jobs", json={"package_id": package_id, "rate_per_minute": 100})
    assert made.status_code == 201, made.text
    job = f"/api/v1/ota/jobs/{made.json()['id']}"
    assert (await admin.get(job)).json()["status"] == "IN_PROGRESS"
    assert "QUEUED" in (await admin.get(f"{job}/summary")).json()["counts"]
    assert (await admin.get(f"{job}/tasks", params={"limit": 1})).status_code == 200
    assert (await admin.get(f"{job}/tasks", params={"device_name_prefix": "pump"})).status_code == 200
    assert (await admin.get(f"/api/v1/products/{key}/devices/pump-0/tasks")).status_code == 200
    assert (await admin.delete(f"/api/v1/ota/packages/{package_id}")).status_code == 409
    assert (await admin.post(f"{job}/cancel", json={"reason": "enough"})).json()["stop_reason"] == "enough"
    jobs = (await admin.get("/api/v1/ota/jobs", params={"package_id": package_id})).json()["items"]
    assert [item["id"] for item in jobs] == [made.json()["id"]]


async def test_a_repeated_creation_is_done_once(admin: httpx.AsyncClient) -> None:
    key = await product(admin)
    body = {"product_key": key, "name": "once", "version": "2.0.0", "upload_id": await upload(admin)}
    headers = {"Idempotency-Key": "create-once"}
    answers = [await admin.post("/api/v1/ota/packages", json=body, headers=headers) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    other = await admin.post("/api/v1/ota/packages", json={**body, "name": "other"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency.other_request")
    job = {"package_id": answers[0].json()["id"]}
    ids = {
        (await admin.post("/api/v1/ota/jobs", json=job, headers={"Idempotency-Key": "job"})).json()["id"]
        for _ in range(3)
    }
    assert len(ids) == 1
    assert len((await admin.get("/api/v1/ota/jobs")).json()["items"]) == 1


async def test_an_unknown_job_is_not_found(admin: httpx.AsyncClient) -> None:
    for path in ("", "/summary", "/tasks"):
        assert (await admin.get(f"/api/v1/ota/jobs/4711{path}")).status_code == 404
