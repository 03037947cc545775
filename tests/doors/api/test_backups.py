"""Backups over REST."""

import asyncio
from typing import Any

import httpx

from tests.support.api import Door

ENDED_WITHIN_S = 60
LOOK_AGAIN_S = 0.05


async def ended(admin: httpx.AsyncClient) -> Any:
    """Return what there is once nothing is being made any more."""
    deadline = asyncio.get_running_loop().time() + ENDED_WITHIN_S
    while not (shown := (await admin.get("/api/v1/backups")).json())["making"]["ended"]:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(LOOK_AGAIN_S)
    return shown


async def test_a_backup_is_made_listed_and_handed_out_nowhere(door: Door, admin: httpx.AsyncClient) -> None:
    assert (await admin.get("/api/v1/backups")).json() == {"items": [], "making": None}
    begun = await admin.post("/api/v1/backups", json={"with_key": False})
    assert begun.status_code == 202
    name = begun.json()["name"]
    again = await admin.post("/api/v1/backups", json={})
    assert (again.status_code, again.json()["code"]) == (409, "backup.under_way")
    shown = await ended(admin)
    assert shown["making"]["why_not"] == ""
    (made,) = shown["items"]
    assert (made["name"], made["holds_key"]) == (name, False)
    for path in (f"/api/v1/backups/{name}", f"/files/{name}", f"/console/static/{name}"):
        assert (await admin.get(path)).status_code in {403, 404}


async def test_administrators_of_one_product_make_none(door: Door, admin: httpx.AsyncClient) -> None:
    await admin.post("/api/v1/products", json={"name": "Pumps", "product_key": "pumps"})
    async with door.client(await door.token("ann", "admin", "pumps")) as ann:
        assert (await ann.get("/api/v1/backups")).status_code == 403
        assert (await ann.post("/api/v1/backups", json={})).status_code == 403
