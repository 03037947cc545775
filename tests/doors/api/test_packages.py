"""What is particular about packages over HTTP: several files, patches, keys."""

import asyncio

import httpx
import pytest

from linkops.ota.signing import keys
from linkops.texts.refusals import TEXTS
from tests.doors.api.test_updates import product, upload
from tests.support.api import Door
from tests.support.images import AFTER, BEFORE


async def whole(admin: httpx.AsyncClient, key: str, version: str, content: bytes) -> int:
    body = {
        "product_key": key,
        "name": f"image{version}",
        "version": version,
        "upload_id": await upload(admin, content),
    }
    return int((await admin.post("/api/v1/ota/packages", json=body)).json()["id"])


async def test_a_package_of_twenty_files_and_not_of_twenty_one(admin: httpx.AsyncClient) -> None:
    key = await product(admin)
    files = [{"upload_id": await upload(admin), "file_name": f"part-{n}.bin"} for n in range(21)]
    body = {"product_key": key, "name": "parts", "version": "2", "files": files[:20], "required_versions": ["1"]}
    refused = await admin.post("/api/v1/ota/packages", json={**body, "files": files})
    assert (refused.status_code, refused.json()["field"]) == (422, "files")
    made = (await admin.post("/api/v1/ota/packages", json=body)).json()
    assert [file["file_name"] for file in made["files"]] == [file["file_name"] for file in files[:20]]
    assert (made["required_versions"], made["kind"], made["status"]) == (["1"], "full", "not_required")
    assert (made["diff_id"], made["saved_percent"]) == (None, None)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "files"),
        ({"upload_id": "a", "files": [{"upload_id": "b"}]}, "upload_id"),
        ({"files": [{"upload_id": "a"}, {"upload_id": "a"}]}, "files"),
        ({"upload_id": "a", "kind": "diff"}, "source_version"),
        ({"upload_id": "a", "kind": "half"}, "kind"),
        ({"upload_id": "a", "required_versions": ["2"]}, "required_versions"),
        ({"upload_id": "a", "compression": "zip"}, "compression"),
    ],
)
async def test_a_wrong_field_is_named(admin: httpx.AsyncClient, asked: dict[str, object], field: str) -> None:
    body = {"product_key": await product(admin), "name": "parts", "version": "2", **asked}
    refused = await admin.post("/api/v1/ota/packages", json=body)
    assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_a_patch_from_asking_to_package(door: Door, admin: httpx.AsyncClient) -> None:
    key = await product(admin)
    first, second = await whole(admin, key, "1", BEFORE), await whole(admin, key, "2", AFTER)
    asked = {"from_package_id": first, "to_package_id": second, "compression": "crle"}
    diff = (await admin.post("/api/v1/ota/diffs", json=asked, headers={"Idempotency-Key": "d"})).json()
    again = (await admin.post("/api/v1/ota/diffs", json=asked, headers={"Idempotency-Key": "d"})).json()
    assert (again, diff["status"]) == (diff, "QUEUED")
    await door.services.ota.diff_maker.make_next()
    shown = (await admin.get(f"/api/v1/ota/diffs/{diff['id']}")).json()
    assert (shown["status"], shown["progress"], shown["patch_size_bytes"] < len(AFTER) / 10) == ("SUCCEEDED", 100, True)
    patch = (await admin.get(f"/api/v1/ota/packages/{shown['package_id']}")).json()
    assert (patch["kind"], patch["source_version"], patch["patch_format"]) == ("diff", "1", "detools/sequential/crle")
    assert patch["saved_percent"] == shown["saved_percent"]
    assert (await admin.get("/api/v1/ota/diffs", params={"product_key": key})).json()["total"] == 1
    refused = await admin.post(f"/api/v1/ota/diffs/{diff['id']}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "diff.ended")


async def test_what_can_go_wrong_with_a_patch_has_a_text() -> None:
    for code in ("cut_off", "failed", "image_damaged", "not_proven", "not_smaller", "package_gone"):
        assert f"diff.{code}" in TEXTS
    assert {"diff.too_much_memory", "diff.took_too_long"} <= TEXTS.keys()


async def test_a_key_goes_in_and_only_its_public_half_comes_out(door: Door, admin: httpx.AsyncClient) -> None:
    path = f"/api/v1/products/{await product(admin)}/signing"
    private = await asyncio.to_thread(keys.new_private_key)
    answers = [
        await admin.post(f"{path}/key", json={"private_key": private}),
        await admin.put(path, json={"enabled": True}),
        await admin.get(path),
        await admin.post(f"{path}/key", json={"private_key": private[:-200]}),
        await admin.post(f"{path}/key", json={"private_key": ["x"]}),
        await admin.get("/api/v1/audit"),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 422, 422, 200]
    assert answers[3].json()["field"] == "private_key"
    shown = answers[2].json()
    assert (shown["enabled"], shown["key"]["public_key"]) == (True, keys.public_key(private)[0])
    secret_lines = [line for line in private.splitlines() if not line.startswith("-")]
    assert not [line for line in secret_lines for answer in answers if line in answer.text]
    assert (await admin.delete(f"{path}/key")).status_code == 409
    await admin.put(path, json={"enabled": False})
    assert (await admin.delete(f"{path}/key")).json()["key"] is None
