"""A server with a console, somebody's product and somebody else's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.console import Session
from tests.support.operator import Operator
from tests.support.server import Server, running_server

PASSWORD = "correct horse battery"
NETWORK = "10.255.255.0/24"  # nobody answers there


@pytest.fixture(scope="module")
def server(administered_data: tuple[Path, str]) -> Iterator[Server]:
    """A server with a console, in a process of its own, that the tests of a file share."""
    data_dir, _ = administered_data
    log = data_dir.with_name("log")
    with running_server(data_dir, log, console=True, webhook_allowed_networks=NETWORK) as server:
        yield server


class People:
    """Makes accounts, and has them log in; closes their connections in the end."""

    def __init__(self, url: str, operator: Operator) -> None:
        self._url = url
        self._operator = operator
        self._sessions: list[Session] = []

    def with_token(self, token: str = "") -> Session:
        """Return somebody whose browser sends this as its session."""
        return self._kept(Session(self._url, token))

    def logged_in(self, name: str, password: str) -> Session:
        """Return somebody who has logged in."""
        return self._kept(Session.opened(self._url, name, password))

    def new(self, name: str, role: str, product_key: str | None = None) -> Session:
        """Return the owner of a new account with a role, logged in."""
        grant = {"role": role, "product_key": product_key}
        self._operator.post("/users", {"name": name, "password": PASSWORD, "grants": [grant]})
        return self.logged_in(name, PASSWORD)

    def close(self) -> None:
        for session in self._sessions:
            session.client.close()

    def _kept(self, session: Session) -> Session:
        self._sessions.append(session)
        return session


@pytest.fixture(scope="module")
def people(server: Server, operator: Operator) -> Iterator[People]:
    """Everybody who comes to the console."""
    people = People(server.http, operator)
    yield people
    people.close()


@pytest.fixture(scope="module")
def admin(people: People, administered_data: tuple[Path, str]) -> Session:
    """An administrator of everything at the console."""
    return people.logged_in("admin", administered_data[1])


@pytest.fixture(scope="module")
def nobody(people: People) -> Session:
    """Somebody who has not logged in."""
    return people.with_token()
