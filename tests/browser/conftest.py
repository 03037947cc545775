"""People in front of the console: a browser for each, and a server that the tests of a file share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.browser import Visitor, chromium, visitor
from tests.support.server import Server, running_server


@pytest.fixture(scope="module")
def server(administered_data: tuple[Path, str]) -> Iterator[Server]:
    """A server with a console, in a process of its own, that the tests of a file share."""
    data_dir, _ = administered_data
    with running_server(data_dir, data_dir.with_name("log"), console=True) as server:
        yield server


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:
    """Chromium, for the tests of a file.

    Playwright keeps an event loop running meanwhile: what needs one of its own, as ``server`` does, comes first, and
    tests of the browser are no coroutines.
    """
    del server
    with chromium() as browser:
        yield browser


@pytest.fixture
def admin(browser: Browser, server: Server, administered_data: tuple[object, str]) -> Iterator[Visitor]:
    """An administrator who has just logged in; the page may complain of nothing."""
    with visitor(browser, server.http) as somebody:
        somebody.log_in("admin", administered_data[1])
        yield somebody
        assert somebody.complaints == []
