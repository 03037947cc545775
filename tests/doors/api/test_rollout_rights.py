"""Who may steer rollouts, and what is done once although it is asked for twice."""

from typing import Any, NamedTuple

import httpx
import pytest

from tests.support.api import Door

LOOKS = ("", "/summary", "/tasks")
STEPS: dict[str, dict[str, Any]] = {
    "pause": {},
    "resume": {},
    "approve": {},
    "clone": {},
    "cancel": {},
    "update-again": {"task_ids": [1]},
}


class Made(NamedTuple):
    """A job, its package, and their routes."""

    package_id: int
    job: str
    package: str


@pytest.fixture
async def made(admin: httpx.AsyncClient) -> Made:
    for key in ("pumps", "fans"):
        await admin.post("/api/v1/products", json={"name": key, "product_key": key})
    await admin.post("/api/v1/products/pumps/devices", json={"device_name": "pump-0"})
    upload = (await admin.post("/api/v1/uploads", params={"file_name": "f.bin"}, content=b"x")).json()["id"]
    package = {"product_key": "pumps", "name": "p", "version": "2", "upload_id": upload}
    package_id = (await admin.post("/api/v1/ota/packages", json=package)).json()["id"]
    job = (await admin.post("/api/v1/ota/jobs", json={"package_id": package_id})).json()["id"]
    return Made(package_id, f"/api/v1/ota/jobs/{job}", f"/api/v1/ota/packages/{package_id}")


async def _statuses(client: httpx.AsyncClient, made: Made) -> tuple[set[int], set[int]]:
    """Return how looking is answered, and how changing is."""
    looks = {(await client.get(made.job + path)).status_code for path in LOOKS}
    looks.add((await client.get("/api/v1/products/pumps/ota-rule")).status_code)
    changes = {(await client.post(f"{made.job}/{step}", json=body)).status_code for step, body in STEPS.items()}
    changes.add((await client.patch(made.job, json={"rate_per_minute": 10})).status_code)
    changes.add((await client.post(f"{made.package}/verify", json={"device_names": ["pump-0"]})).status_code)
    changes.add((await client.post(f"{made.package}/cancel-tasks", json={"device_names": ["pump-0"]})).status_code)
    changes.add((await client.post("/api/v1/ota/jobs", json={"package_id": made.package_id})).status_code)
    changes.add((await client.post("/api/v1/ota/jobs/preview", json={"package_id": made.package_id})).status_code)
    return looks, changes


async def test_a_viewer_looks_and_changes_nothing(door: Door, made: Made) -> None:
    async with door.client(await door.token("eve", "viewer", "pumps")) as viewer:
        assert await _statuses(viewer, made) == ({200}, {403})


async def test_what_another_product_rolls_out_does_not_exist(door: Door, made: Made, admin: httpx.AsyncClient) -> None:
    before = (await admin.get(made.job)).json()
    async with door.client(await door.token("tom", "operator", "fans")) as stranger:
        assert await _statuses(stranger, made) == ({404}, {404})
    assert (await admin.get(made.job)).json() == before


async def test_only_an_administrator_decides_for_all_jobs(door: Door, made: Made) -> None:
    rule = {"windows": [], "needs_approval": True}
    for name, product, status in (("ann", "pumps", 403), ("tom", "fans", 403)):
        async with door.client(await door.token(name, "operator", product)) as operator:
            assert (await operator.put("/api/v1/products/pumps/ota-rule", json=rule)).status_code == status
    async with door.client(await door.token("ada", "admin", "pumps")) as administrator:
        assert (await administrator.put("/api/v1/products/pumps/ota-rule", json=rule)).json() == rule


async def test_a_job_is_copied_once_although_it_is_asked_for_twice(made: Made, admin: httpx.AsyncClient) -> None:
    answers = [await admin.post(f"{made.job}/clone", json={}, headers={"Idempotency-Key": "copy"}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}, answers[0].text
    assert len({answer.text for answer in answers}) == 1
    assert len((await admin.get("/api/v1/ota/jobs")).json()["items"]) == 2


async def test_a_package_is_tried_out_once_although_it_is_asked_for_twice(made: Made, admin: httpx.AsyncClient) -> None:
    unneeded = await admin.post(f"{made.package}/verify", json={"device_names": ["pump-0"]})
    assert (unneeded.status_code, unneeded.json()["code"]) == (409, "package.not_verifiable")
    upload = (await admin.post("/api/v1/uploads", params={"file_name": "g.bin"}, content=b"y")).json()["id"]
    new = {"product_key": "pumps", "name": "q", "version": "3", "upload_id": upload, "needs_verification": True}
    package = f"/api/v1/ota/packages/{(await admin.post('/api/v1/ota/packages', json=new)).json()['id']}"
    body = {"device_names": ["pump-0"], "timeout_s": 600}
    answers = [await admin.post(f"{package}/verify", json=body, headers={"Idempotency-Key": "try"}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}, answers[0].text
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["kind"] == "VERIFY"
    to_many = await admin.post("/api/v1/ota/jobs", json={"package_id": answers[0].json()["package_id"]})
    assert (to_many.status_code, to_many.json()["code"]) == (409, "package.not_verified")


async def test_a_wrong_strategy_is_refused_by_its_field(made: Made, admin: httpx.AsyncClient) -> None:
    window = {"days": [1], "start": "22:00", "end": "04:00", "zone": "Mars/Olympus"}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"stages": [{"percent": 50}, {"percent": 10}]}, "stages.1.percent"),
        ({"abort": [{"percent": 10, "failures": 3}]}, "abort.0"),
        ({"windows": [window]}, "windows.0.zone"),
        ({"retry": {"interval_s": 600, "count": 3}, "timeout_s": 300}, "retry.interval_s"),
        ({"growth": {"base_per_minute": 10, "factor": 2}}, "growth"),
        ({"start_at": 1}, "start_at"),
        ({"targets": "GRAY"}, "percent"),
        ({"selection": "DYNAMIC"}, "source_versions"),
    ]
    for fields, field in wrong:
        answer = await admin.post("/api/v1/ota/jobs", json={"package_id": made.package_id, **fields})
        assert (answer.status_code, answer.json().get("field")) == (422, field), answer.text
