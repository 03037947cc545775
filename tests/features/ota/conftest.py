"""A fleet over SQLite."""

from pathlib import Path

import pytest

from linkops.clock import FixedClock
from linkops.db import Database
from tests.support.ota import Fleet


@pytest.fixture
async def fleet(sqlite_db: Database, clock: FixedClock, tmp_path: Path) -> Fleet:
    """A product without devices yet."""
    return Fleet(sqlite_db, clock, tmp_path)
