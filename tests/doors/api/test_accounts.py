"""Logging in and managing accounts over HTTP."""

import httpx

from tests.support.accounts import PASSWORD
from tests.support.api import Door


async def log_in(door: Door, name: str, password: str) -> httpx.Response:
    async with door.client() as client:
        return await client.post("/api/v1/sessions", json={"name": name, "password": password})


async def test_a_login_opens_the_door(door: Door, admin: httpx.AsyncClient) -> None:
    new = {"name": "ann", "password": PASSWORD, "grants": [{"role": "operator"}]}
    assert (await admin.post("/api/v1/users", json=new)).status_code == 201
    session = (await log_in(door, "ann", PASSWORD)).json()
    assert session["must_change"] is False
    async with door.client(session["token"]) as ann:
        assert (await ann.get("/api/v1/me")).json() == {"name": "ann", "role": "operator"}
        assert (await ann.delete("/api/v1/sessions/current")).status_code == 204
        assert (await ann.get("/api/v1/me")).status_code == 401


async def test_refused_logins_look_the_same(door: Door, admin: httpx.AsyncClient) -> None:
    await admin.post("/api/v1/users", json={"name": "ann", "password": PASSWORD})
    unknown = await log_in(door, "nobody", PASSWORD)
    wrong = await log_in(door, "ann", "not her password")
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.json() == wrong.json()


async def test_a_generated_password_must_be_changed_first(door: Door, admin: httpx.AsyncClient) -> None:
    made = await admin.post("/api/v1/users", json={"name": "ann", "grants": [{"role": "viewer"}]})
    password = made.json()["password"]
    session = (await log_in(door, "ann", password)).json()
    assert session["must_change"] is True
    async with door.client(session["token"]) as ann:
        refused = await ann.get("/api/v1/me")
        assert (refused.status_code, refused.json()["code"]) == (403, "password.must_change")
        change = {"old_password": password, "new_password": PASSWORD}
        assert (await ann.put("/api/v1/me/password", json=change)).status_code == 204
        assert (await ann.get("/api/v1/me")).status_code == 200


async def test_users_are_listed_in_pages(admin: httpx.AsyncClient) -> None:
    for name in ("ann", "bob"):
        await admin.post("/api/v1/users", json={"name": name, "password": PASSWORD})
    first = (await admin.get("/api/v1/users", params={"limit": 2})).json()
    assert [user["name"] for user in first["items"]] == ["admin", "ann"]
    second = (await admin.get("/api/v1/users", params={"limit": 2, "cursor": first["next"]})).json()
    assert [user["name"] for user in second["items"]] == ["bob"]
    assert second["next"] is None


async def test_an_account_is_managed(door: Door, admin: httpx.AsyncClient) -> None:
    await admin.post("/api/v1/users", json={"name": "ann", "password": PASSWORD})
    granted = await admin.put("/api/v1/users/ann/grants", json={"grants": [{"role": "viewer"}]})
    assert granted.json()["grants"] == [{"role": "viewer", "product_key": None}]
    assert (await admin.post("/api/v1/users/ann/disable")).status_code == 204
    assert (await log_in(door, "ann", PASSWORD)).status_code == 401
    assert (await admin.post("/api/v1/users/ann/enable")).status_code == 204
    password = (await admin.post("/api/v1/users/ann/reset-password")).json()["password"]
    assert (await log_in(door, "ann", password)).status_code == 201
    assert (await admin.delete("/api/v1/users/ann")).status_code == 204
    assert (await admin.get("/api/v1/users/ann")).status_code == 404
    assert (await admin.delete("/api/v1/users/admin")).json()["code"] == "account.last_admin"


async def test_tokens_are_made_and_revoked(door: Door, admin: httpx.AsyncClient) -> None:
    made = (await admin.post("/api/v1/tokens", json={"name": "ci"})).json()
    async with door.client(made["token"]) as program:
        assert (await program.get("/api/v1/me")).json()["name"] == "admin"
        listed = (await program.get("/api/v1/tokens")).json()["items"]
        assert [(token["id"], token["name"]) for token in listed] == [(made["id"], "ci")]
        assert (await admin.delete(f"/api/v1/tokens/{made['id']}")).status_code == 204
        assert (await program.get("/api/v1/me")).status_code == 401


async def test_changes_are_in_the_audit_trail(admin: httpx.AsyncClient) -> None:
    await admin.post("/api/v1/users", json={"name": "ann", "password": PASSWORD})
    page = (await admin.get("/api/v1/audit", params={"action": "account.create", "limit": 1})).json()
    assert page["items"][0]["target"] == "account:ann"
    assert page["items"][0]["address"] == "127.0.0.1"
    beyond = await admin.get("/api/v1/audit", params={"action": "account.create", "cursor": page["next"]})
    assert [line["target"] for line in beyond.json()["items"]] == ["account:admin"]
