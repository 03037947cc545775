"""Fixtures of tests that work on the database itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from linkops.db import Database, open_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def two_databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """Two writers of one database."""
    url = str(tmp_path / "linkops.db") if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    first, second = open_database(url), open_database(url)
    yield first, second
    first.close()
    second.close()
