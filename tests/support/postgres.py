"""A throw-away PostgreSQL server, and databases in it that are copies of one template.

It listens on a Unix socket only: nothing outside this machine reaches it, and two test runs never want the same port.
PostgreSQL refuses to run as root, so that root hands it to Debian's user ``postgres``.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support.programs import program

_START_WITHIN_S = 60
_OWNER = "postgres"


class PostgresServer:
    """A running server; `create` and `drop` are what tests ask of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._psql = program("psql", package="postgresql-client")
        self._serial = 0

    def url(self, database: str) -> str:
        """Return the URL by which a client opens ``database``."""
        return f"postgresql://{_OWNER}@/{database}?host={quote(str(self._folder), safe='')}"

    def create(self, template: str = "template0") -> str:
        """Create a database as a copy of ``template`` and return its name."""
        self._serial += 1
        name = f"t{self._serial}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Remove a database, and whatever is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement outside the databases that tests use."""
        command = [self._psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url("postgres"), "-c", statement]
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Initialise a server in a folder of its own, run it, and leave nothing behind."""
    initdb, postgres = (program(name, package="postgresql") for name in ("initdb", "postgres"))
    folder = Path(tempfile.mkdtemp(prefix="linkops-pg-"))
    owner: dict[str, Any] = {}
    if os.geteuid() == 0:
        owner = {"user": _OWNER, "group": _OWNER, "extra_groups": []}
        shutil.chown(folder, _OWNER, _OWNER)
    try:
        _initialise(initdb, folder, owner)
        with _running(postgres, folder, owner) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(initdb: str, folder: Path, owner: dict[str, Any]) -> None:
    # The cluster's own files need not survive a power cut; what tests write is synced as in production.
    options = ["--auth=trust", f"--username={_OWNER}", "--encoding=UTF8", "--locale=C", "--no-sync"]
    subprocess.run([initdb, "-D", folder / "db", *options], check=True, capture_output=True, cwd=folder, **owner)


@contextmanager
def _running(postgres: str, folder: Path, owner: dict[str, Any]) -> Iterator[PostgresServer]:
    options = {"listen_addresses": "", "unix_socket_directories": folder, "max_connections": 200, "fsync": "on"}
    command = [postgres, "-D", str(folder / "db"), *(f"--{name}={value}" for name, value in options.items())]
    with open(folder / "log", "wb") as log:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, **owner
        )
    try:
        server = PostgresServer(folder)
        _wait_until_ready(server, process, folder / "log")
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # "fast": does not wait for clients
        process.wait(_START_WITHIN_S)


def _wait_until_ready(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_WITHIN_S
    while True:
        try:
            return server.execute("SELECT 1")
        except subprocess.CalledProcessError as refused:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from refused
        time.sleep(0.05)
