"""Every route, asked by those who may not: refused, and no row changed."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from linkops.api.app import SUBJECTS
from linkops.api.auth import Needs, bearer_token
from linkops.api.rest import operations
from linkops.db import Database, Tx
from linkops.events.actor import Role
from tests.support.api import Door

PUBLIC = {("POST", "/api/v1/sessions"), ("GET", "/healthz"), ("GET", "/readyz")}
PARAMETERS = {
    "product_key": "pumps",
    "device_name": "pump-1",
    "name": "admin",
    "id": "1",
    "letter_id": "1",
    "number": "1",
}
# What is open to programs on this machine is not open to those whom a proxy lets through.
FORWARDED = {"X-Forwarded-For": "192.0.2.1"}


class Route:
    """A route and the role that it names."""

    def __init__(self, route: APIRoute) -> None:
        (self.method,) = route.methods or {""}
        self.pattern = route.path
        self.path = route.path_format.format_map(PARAMETERS)
        calls = list(_calls(route.dependant))
        self.role = max((call.role for call in calls if isinstance(call, Needs)), default=None)
        self.own_token = bearer_token in calls
        self.local = operations.local_or_viewer in calls

    @property
    def name(self) -> str:
        return f"{self.method} {self.pattern}"

    async def ask(self, client: httpx.AsyncClient) -> int:
        """Return the status of the answer."""
        body = {"old_password": "x", "new_password": "y" * 12} if self.own_token and self.role is None else {}
        with_body = {"json": body} if self.method in {"POST", "PUT", "PATCH"} else {}
        return (await client.request(self.method, self.path, **with_body)).status_code  # type: ignore[arg-type]  # json only


def _calls(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)


ALL = [Route(route) for subject in SUBJECTS for route in subject.router.routes if isinstance(route, APIRoute)]
ROUTES = [route for route in ALL if (route.method, route.pattern) not in PUBLIC]


def rows(tx: Tx) -> dict[str, list[Any]]:
    tables = [name for (name,) in tx.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {table: list(tx.all(f"SELECT * FROM {table} ORDER BY 1")) for table in tables}  # noqa: S608 - our own names


@pytest.fixture
async def something(admin: httpx.AsyncClient) -> None:
    """Have a product and a device for the routes to be about."""
    await admin.post("/api/v1/products", json={"name": "Pumps", "product_key": "pumps"})
    await admin.post("/api/v1/products/pumps/devices", json={"device_name": "pump-1"})


async def test_the_walk_knows_every_route(door: Door) -> None:
    async with door.client() as client:
        paths = (await client.get("/api/v1/openapi.json")).json()["paths"]
    documented = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert documented == {(route.method, route.pattern) for route in ALL}
    assert len(documented) > 50


def test_every_route_names_who_may_ask() -> None:
    assert [route.name for route in ROUTES if not (route.role or route.own_token or route.local)] == []


@pytest.mark.parametrize("token", [None, "lo_" + "x" * 43, "nonsense"])
async def test_without_a_valid_token(door: Door, something: None, sqlite_db: Database, token: str | None) -> None:
    before = await sqlite_db.read(rows)
    async with door.client(token) as nobody:
        nobody.headers.update(FORWARDED)
        answers = {route.name: await route.ask(nobody) for route in ROUTES}
    assert {name: status for name, status in answers.items() if status != 401} == {}
    assert await sqlite_db.read(rows) == before


async def test_with_an_expired_token(door: Door, something: None, sqlite_db: Database) -> None:
    token = await door.token("ann", "admin")
    await sqlite_db.write(lambda tx: tx.run("UPDATE api_token SET expires_at = 1"))
    before = await sqlite_db.read(rows)
    async with door.client(token) as ann:
        ann.headers.update(FORWARDED)
        assert {await route.ask(ann) for route in ROUTES} == {401}
    assert await sqlite_db.read(rows) == before


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_with_too_low_a_role(door: Door, something: None, sqlite_db: Database, role: str) -> None:
    token = await door.token("ann", role)
    before = await sqlite_db.read(rows)
    higher = [route for route in ROUTES if route.role is not None and route.role > Role[role.upper()]]
    assert len(higher) > 10
    async with door.client(token) as ann:
        answers = {route.name: await route.ask(ann) for route in higher}
    assert {name: status for name, status in answers.items() if status != 403} == {}
    assert await sqlite_db.read(rows) == before


async def test_with_rights_for_another_product(
    door: Door, admin: httpx.AsyncClient, something: None, sqlite_db: Database
) -> None:
    await admin.post("/api/v1/products", json={"name": "Fans", "product_key": "fans"})
    token = await door.token("ann", "admin", "fans")
    before = await sqlite_db.read(rows)
    about_pumps = [route for route in ROUTES if "{product_key}" in route.pattern]
    async with door.client(token) as ann:
        answers = {route.name: await route.ask(ann) for route in about_pumps}
    assert {name: status for name, status in answers.items() if status not in {403, 404, 422}} == {}
    assert await sqlite_db.read(rows) == before


async def test_an_account_that_must_change_its_password_does_nothing_else(
    door: Door, something: None, sqlite_db: Database
) -> None:
    token = await door.token("ann", "admin")
    await sqlite_db.write(lambda tx: tx.run("UPDATE account SET must_change = 1 WHERE name = 'ann'"))
    before = await sqlite_db.read(rows)
    async with door.client(token) as ann:
        assert {await route.ask(ann) for route in ROUTES if route.role is not None} == {403}
    assert await sqlite_db.read(rows) == before
