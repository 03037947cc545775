"""A listening HTTP door over SQLite, and clients of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from linkops.clock import SystemClock
from linkops.db import Database
from tests.support.api import Door, first_admin, open_door


@pytest.fixture
async def door(sqlite_db: Database, tmp_path: Path) -> AsyncIterator[Door]:
    """The door, with nobody in it yet."""
    async with open_door(sqlite_db, SystemClock(), tmp_path) as opened:
        yield opened


@pytest.fixture
async def admin(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is logged in as the first administrator."""
    async with door.client(await first_admin(door)) as client:
        yield client
