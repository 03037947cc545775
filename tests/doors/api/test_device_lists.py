"""Lists of devices by name, over HTTP."""

import csv
import io
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.api import Door

LINES = 100_000
FORMULAS = ['=cmd|"/c calc"!A1', "+1+1", "-2", "@SUM(A1)"]


@pytest.fixture
async def pumps(admin: httpx.AsyncClient) -> str:
    """The path of a product with three devices."""
    await admin.post("/api/v1/products", json={"name": "Pumps", "product_key": "pumps"})
    for number in range(3):
        await admin.post("/api/v1/products/pumps/devices", json={"device_name": f"pump-{number}"})
    return "/api/v1/products/pumps"


async def refusals(client: httpx.AsyncClient, list_id: int, language: str = "en") -> list[dict[str, str]]:
    answer = await client.get(f"/api/v1/device-lists/{list_id}/refusals.csv", headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert f"device-list-{list_id}-refusals.csv" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_a_hundred_thousand_names_are_streamed_and_the_wrong_ones_reported(
    admin: httpx.AsyncClient, pumps: str
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"device_name\npump-0\npump-1\npump-0\n"
        for start in range(0, LINES, 1_000):
            yield "".join(f"ghost-{number}\n" for number in range(start, start + 1_000)).encode()

    answer = await admin.post(f"{pumps}/device-lists", content=pieces(), headers={"Content-Type": "text/csv"})
    assert answer.status_code == 201, answer.text
    listed = answer.json()
    assert (listed["devices"], listed["refused"], listed["kept"]) == (2, LINES, False)
    assert (await admin.get(f"/api/v1/device-lists/{listed['id']}")).json() == listed
    rows = await refusals(admin, listed["id"])
    assert len(rows) == LINES
    assert (rows[0]["line"], rows[0]["content"], rows[0]["code"]) == ("5", "ghost-0", "device.not_found")
    assert rows[0]["message"] == "There is no device ghost-0."
    assert rows[-1]["content"] == f"ghost-{LINES - 1}"


async def test_no_spreadsheet_takes_a_refused_line_for_a_formula(admin: httpx.AsyncClient, pumps: str) -> None:
    quoted = "\n".join('"{}"'.format(cell.replace('"', '""')) for cell in FORMULAS)
    listed = (await admin.post(f"{pumps}/device-lists", content=quoted)).json()
    rows = await refusals(admin, listed["id"])
    assert [row["content"] for row in rows] == [f"'{cell}" for cell in FORMULAS]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    chinese = await refusals(admin, listed["id"], "zh")
    assert chinese[0]["message"] != rows[0]["message"]


async def test_a_job_is_made_of_a_list_once_it_names_devices(admin: httpx.AsyncClient, pumps: str) -> None:
    upload = (await admin.post("/api/v1/uploads", params={"file_name": "f.bin"}, content=b"x")).json()["id"]
    package = {"product_key": "pumps", "name": "p", "version": "2", "upload_id": upload}
    new = {"package_id": (await admin.post("/api/v1/ota/packages", json=package)).json()["id"], "targets": "SPECIFIC"}
    good = (await admin.post(f"{pumps}/device-lists", content=b"pump-0\npump-2\n")).json()["id"]
    empty = (await admin.post(f"{pumps}/device-lists", content=b"ghost\n")).json()["id"]
    refused = await admin.post("/api/v1/ota/jobs", json={**new, "device_list_id": empty})
    assert (refused.status_code, refused.json()["code"]) == (422, "device_list.not_for_product")
    preview = await admin.post("/api/v1/ota/jobs/preview", json={**new, "device_list_id": good})
    assert preview.json()["devices"] == 2
    assert (await admin.post("/api/v1/ota/jobs", json={**new, "device_list_id": good})).status_code == 201
    assert (await admin.get(f"/api/v1/device-lists/{good}")).json()["kept"]


async def test_a_list_is_for_its_uploader(door: Door, admin: httpx.AsyncClient, pumps: str) -> None:
    listed = (await admin.post(f"{pumps}/device-lists", content=b"pump-0\nghost\n")).json()["id"]
    for name, role, product_key in (("ann", "operator", "pumps"), ("bob", "admin", None)):
        async with door.client(await door.token(name, role, product_key)) as other:
            for path in ("", "/refusals.csv"):
                assert (await other.get(f"/api/v1/device-lists/{listed}{path}")).status_code == 404
    async with door.client(await door.token("eve", "viewer", "pumps")) as viewer:
        assert (await viewer.post(f"{pumps}/device-lists", content=b"pump-0\n")).status_code == 403
    await admin.post("/api/v1/products", json={"name": "Fans", "product_key": "fans"})
    async with door.client(await door.token("tom", "operator", "fans")) as stranger:
        assert (await stranger.post(f"{pumps}/device-lists", content=b"pump-0\n")).status_code == 404
