"""Accounts over SQLite and a clock that the test moves."""

from collections.abc import Iterator

import pytest

from linkops.clock import FixedClock
from linkops.db import Database
from tests.support.accounts import People, people


@pytest.fixture
def staff(sqlite_db: Database, clock: FixedClock) -> Iterator[People]:
    """The services around accounts, with nobody in them yet."""
    made = people(sqlite_db, clock)
    yield made
    made.passwords.close()
