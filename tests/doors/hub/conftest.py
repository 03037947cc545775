"""A listening hub over SQLite."""

from collections.abc import AsyncIterator

import pytest

from linkops.certificates import CertificateFiles, development_certificates
from linkops.clock import SystemClock
from linkops.db import Database
from tests.support.hub import HubDoor, open_hub


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    """A development CA and a certificate for localhost."""
    return development_certificates(tmp_path_factory.mktemp("tls"), ["localhost", "127.0.0.1"], SystemClock().now())


@pytest.fixture
async def door(sqlite_db: Database, certificates: CertificateFiles) -> AsyncIterator[HubDoor]:
    """The hub with default settings."""
    async with open_hub(sqlite_db, SystemClock(), certificates) as opened:
        yield opened


@pytest.fixture(params=[3, 4, 5])
def version(request: pytest.FixtureRequest) -> int:
    """Each version of MQTT in turn."""
    level: int = request.param
    return level
