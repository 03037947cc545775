"""A fleet with configuration over SQLite."""

from pathlib import Path

import pytest

from linkops.clock import FixedClock
from linkops.db import Database
from tests.support.config_fleet import ConfigFleet


@pytest.fixture
async def fleet(sqlite_db: Database, clock: FixedClock, tmp_path: Path) -> ConfigFleet:
    """A product without devices yet."""
    return ConfigFleet(sqlite_db, clock, tmp_path)
