"""A server with a small fleet, whose surroundings fail."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from linkops.simulator import DeviceIdentity
from tests.support.operator import Operator
from tests.support.restarts import RestartedServer, add_fleet


class Site(NamedTuple):
    """A running server, its operator, and devices that nobody has switched on."""

    server: RestartedServer
    operator: Operator
    product_key: str
    identities: list[DeviceIdentity]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    server = RestartedServer(tmp_path / "data")
    server.start()
    operator = server.operator()
    yield Site(server, operator, *add_fleet(operator, 60))
    operator.client.close()
    server.kill()
    assert server.sound(), server.log.read_text()[-8_000:]
