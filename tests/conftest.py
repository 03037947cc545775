"""Fixtures that tests of every tier share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from linkops.clock import FixedClock
from linkops.db import Database, open_database
from tests.support.ci import IN_CI
from tests.support.operator import Operator, add_administrator
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.server import Server, running_server

pytest_plugins = ["tests.support.failures", "tests.support.skips"]

# A busy machine is no failure, and in CI the same examples run every time.
settings.register_profile("linkops", deadline=None, derandomize=IN_CI)
settings.load_profile("linkops")

NOW = 1_800_000_000_000


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still at a round time until the test advances it."""
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test process's own."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """Name of a database with the current schema and no rows, which nobody is connected to."""
    name = postgres.create()
    open_database(postgres.url(name)).close()
    return name


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """URL of a PostgreSQL database with the current schema and no rows."""
    name = postgres.create(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
async def sqlite_db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database in a file."""
    db = open_database(str(tmp_path / "linkops.db"))
    yield db
    db.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database, of each kind in turn."""
    url = str(tmp_path / "linkops.db") if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    db = open_database(url)
    yield db
    db.close()


@pytest.fixture(scope="module")
def administered_data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A server's folder with nothing in it but an administrator, and the password."""
    data_dir = tmp_path_factory.mktemp("server") / "data"
    return data_dir, add_administrator(str(data_dir / "linkops.db"))


@pytest.fixture(scope="module")
def server(administered_data: tuple[Path, str]) -> Iterator[Server]:
    """A server in a process of its own, on free ports, that the tests of a file share."""
    data_dir, _ = administered_data
    with running_server(data_dir, data_dir.with_name("log")) as server:
        yield server


@pytest.fixture(scope="module")
def operator(server: Server, administered_data: tuple[Path, str]) -> Iterator[Operator]:
    """An administrator of the server."""
    operator = Operator(server.http, administered_data[1])
    yield operator
    operator.client.close()
