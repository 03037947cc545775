"""Requests made up from the OpenAPI document: answered as it says, or refused; never a fault of ours."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from prometheus_client import CollectorRegistry

from linkops.api.app import rest_app
from linkops.clock import SystemClock
from linkops.db import open_database
from linkops.services import Services
from tests.support.api import Door, first_admin, open_door

EXAMPLES = 4
# The first two end the session that all others are made with; the third is slow by design, the fourth never ends.
LEFT_OUT = {
    "DELETE /api/v1/sessions/current",
    "PUT /api/v1/me/password",
    "POST /api/v1/products/{product_key}/devices/generate",
    "GET /api/v1/events/stream",
}


def operations() -> list[Any]:
    """Return what the document of the API describes."""
    document = rest_app(cast("Services", None), CollectorRegistry()).openapi()
    found: list[Any] = [result.ok() for result in schemathesis.openapi.from_dict(document).get_all_operations()]  # type: ignore[union-attr]  # an error has none, and fails
    return [operation for operation in found if operation.label not in LEFT_OUT]


OPERATIONS = operations()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """URL of a door that listens in a thread of its own, and the token of an administrator."""
    folder = tmp_path_factory.mktemp("door")
    ready, stop = threading.Event(), threading.Event()
    found: list[tuple[str, str]] = []

    async def serve() -> None:
        db = open_database(str(folder / "linkops.db"))
        async with open_door(db, SystemClock(), Path(folder)) as door:
            found.append((door.url, await _something(door)))
            ready.set()
            await asyncio.to_thread(stop.wait)
        db.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(30)
    yield found[0]
    stop.set()
    thread.join(30)


async def _something(door: Door) -> str:
    token = await first_admin(door)
    async with door.client(token) as admin:
        await admin.post("/api/v1/products", json={"name": "Pumps", "product_key": "pumps"})
        await admin.post("/api/v1/products/pumps/devices", json={"device_name": "pump-1"})
    return token


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_no_made_up_request_is_a_fault(operation: Any, served: tuple[str, str]) -> None:
    url, token = served

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        answer = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code < 500, answer.text

    ask()
