"""Carriers of events over SQLite, and receivers."""

from collections.abc import AsyncIterator

import pytest

from linkops.clock import FixedClock
from linkops.db import Database
from tests.support.receiver import Receiver, open_receiver
from tests.support.subscriptions import Carriers


@pytest.fixture
async def carriers(sqlite_db: Database, clock: FixedClock) -> AsyncIterator[Carriers]:
    """Everything about carrying events, with one product and one device."""
    carriers = Carriers(sqlite_db, clock)
    await carriers.start()
    yield carriers
    await carriers.services.stop()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """An application that takes webhooks."""
    async with open_receiver() as opened:
        yield opened
