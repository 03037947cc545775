"""Charts and files of results over HTTP."""

import csv
import io

import httpx

from linkops.devices.model import DeviceKey
from linkops.events.actor import SYSTEM
from linkops.ota.uplinks.reports import Pull, ReportedProgress, ReportedVersion
from tests.support.api import Door

FORMULA = "=HYPERLINK(1)"


async def rollout(door: Door, admin: httpx.AsyncClient) -> tuple[str, int]:
    """Update three pumps: one succeeds, one fails saying something nasty, one says nothing; return product and job."""
    key = str((await admin.post("/api/v1/products", json={"name": "Pumps"})).json()["product_key"])
    ids = []
    for number in range(3):
        await admin.post(f"/api/v1/products/{key}/devices", json={"device_name": f"pump-{number}"})
        ids.append((await door.services.devices.get(SYSTEM, DeviceKey(key, f"pump-{number}"))).id)
    product_id = (await door.services.products.get(SYSTEM, key)).id
    uplinks = door.services.ota.uplinks
    for device_id in ids[:2]:
        await uplinks.report_version(ReportedVersion(device_id, product_id, "default", "1.0", 1))
    upload = (await admin.post("/api/v1/uploads", params={"file_name": "f.bin"}, content=b"image")).json()["id"]
    package = {"product_key": key, "name": "package", "version": "2.0", "upload_id": upload}
    package_id = (await admin.post("/api/v1/ota/packages", json=package)).json()["id"]
    job_id = int((await admin.post("/api/v1/ota/jobs", json={"package_id": package_id})).json()["id"])
    while await door.services.ota.filler.fill():
        pass
    for device_id in ids[:2]:
        await uplinks.pull(Pull(device_id, "default", 2))
    await uplinks.report_version(ReportedVersion(ids[0], product_id, "default", "2.0", 3))
    await uplinks.report_progress(ReportedProgress(ids[1], product_id, "default", -2, FORMULA, 3))
    return key, job_id


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    """Return the rows of a file, after a look at what it calls itself."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def test_versions_are_ready_for_a_chart(door: Door, admin: httpx.AsyncClient) -> None:
    key, _ = await rollout(door, admin)
    shown = (await admin.get("/api/v1/ota/statistics/versions", params={"product_key": key})).json()
    table = [{"version": "1.0", "devices": 1, "share": 0.5}, {"version": "2.0", "devices": 1, "share": 0.5}]
    assert shown == {"items": table, "next": None, "devices": 2, "versions": 2, "top": table, "others": None}
    devices = (
        await admin.get("/api/v1/ota/statistics/versions/devices", params={"product_key": key, "version": "2.0"})
    ).json()
    assert devices["items"] == [{"device_name": "pump-0", "version": "2.0", "reported_at": 3}]
    assert (devices["total"], devices["next"]) == (1, None)
    found = rows(await admin.get("/api/v1/ota/statistics/versions.csv", params={"product_key": key}))
    assert found[0] == {"version": "1.0", "devices": "1", "share": "50.00%"}


async def test_outcomes_are_ready_for_a_chart(door: Door, admin: httpx.AsyncClient) -> None:
    _, job_id = await rollout(door, admin)
    shown = (await admin.get("/api/v1/ota/statistics/outcomes", params={"job_id": job_id})).json()
    assert {name: shown[name] for name in ("total", "succeeded", "failed", "unfinished", "success_rate")} == {
        "total": 3, "succeeded": 1, "failed": 1, "unfinished": 1, "success_rate": 0.5,
    }  # fmt: skip
    assert shown["failures"] == [{"failure_kind": "download", "tasks": 1, "share": 1.0}]
    assert [(row["source_version"], row["total"], row["success_rate"]) for row in shown["items"]] == [
        ("1.0", 2, 0.5), ("", 1, None),
    ]  # fmt: skip
    found = rows(await admin.get("/api/v1/ota/statistics/outcomes.csv", params={"order": "failed"}))
    assert [(row["source_version"], row["share"], row["failure_rate"]) for row in found] == [
        ("1.0", "66.67%", "50.00%"), ("", "33.33%", ""),
    ]  # fmt: skip


async def test_results_are_a_file_in_which_nothing_is_a_formula(door: Door, admin: httpx.AsyncClient) -> None:
    _, job_id = await rollout(door, admin)
    answer = await admin.get(f"/api/v1/ota/jobs/{job_id}/tasks.csv")
    found = rows(answer)
    assert f'filename="job-{job_id}-tasks.csv"' in answer.headers["content-disposition"]
    assert [(row["device_name"], row["source_version"], row["status"], row["description"]) for row in found] == [
        ("pump-0", "1.0", "SUCCEEDED", "success"),
        ("pump-1", "1.0", "FAILED", f"'{FORMULA}"),
        ("pump-2", "", "QUEUED", ""),
    ]
    failed = await admin.get(f"/api/v1/ota/jobs/{job_id}/tasks.csv", params={"failure_kind": "download"})
    assert [row["device_name"] for row in rows(failed)] == ["pump-1"]
    nothing = await admin.get(f"/api/v1/ota/jobs/{job_id}/tasks.csv", params={"status": "CANCELED"})
    assert nothing.text == answer.text.split("\r\n")[0] + "\r\n"


async def test_who_may_look_at_other_products_only_gets_nothing(door: Door, admin: httpx.AsyncClient) -> None:
    key, job_id = await rollout(door, admin)
    await admin.post("/api/v1/products", json={"name": "Fans", "product_key": "fans"})
    async with door.client(await door.token("ann", "admin", "fans")) as ann:
        for path, query in (
            (f"/api/v1/ota/jobs/{job_id}/tasks.csv", {}),
            ("/api/v1/ota/statistics/versions", {"product_key": key}),
            ("/api/v1/ota/statistics/versions.csv", {"product_key": key}),
            ("/api/v1/ota/statistics/versions/devices", {"product_key": key}),
            ("/api/v1/ota/statistics/outcomes", {"product_key": key}),
            ("/api/v1/ota/statistics/outcomes.csv", {"job_id": str(job_id)}),
        ):
            answer = await ann.get(path, params=query)
            assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path
        assert (await ann.get("/api/v1/ota/statistics/outcomes")).json()["total"] == 0
        assert len(rows(await ann.get("/api/v1/ota/statistics/outcomes.csv"))) == 0


async def test_a_made_up_cursor_is_refused(door: Door, admin: httpx.AsyncClient) -> None:
    key, _ = await rollout(door, admin)
    # ["devices", 10 to the 30th, "1"]: of the right kind, but larger than any number of ours
    cursor = "WyJkZXZpY2VzIiwxMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwLCIxIl0"
    answer = await admin.get("/api/v1/ota/statistics/versions", params={"product_key": key, "cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "page.cursor_invalid")
