import pytest

from linkops.clock import FixedClock
from linkops.db import Database
from tests.support.devices import DeviceServices


@pytest.fixture
def services(db: Database, clock: FixedClock) -> DeviceServices:
    return DeviceServices(db, clock)
