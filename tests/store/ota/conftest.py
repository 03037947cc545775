"""A fleet over each kind of database in turn."""

from pathlib import Path

import pytest

from linkops.clock import FixedClock
from linkops.db import Database
from tests.support.ota import Fleet


@pytest.fixture
async def fleet(db: Database, clock: FixedClock, tmp_path: Path) -> Fleet:
    """A product without devices yet."""
    return Fleet(db, clock, tmp_path)
