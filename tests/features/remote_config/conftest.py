"""Documents over SQLite."""

import pytest

from linkops.clock import FixedClock
from linkops.db import Database
from tests.support.configuration import Office


@pytest.fixture
async def office(sqlite_db: Database, clock: FixedClock) -> Office:
    """A product without documents yet."""
    return await Office(sqlite_db, clock).start()
