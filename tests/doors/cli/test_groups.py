"""What an operator does with groups in a terminal."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import running_server

WITHIN_S = 60


class Terminal:
    """Somebody who is logged in."""

    def __init__(self, folder: Path) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINKOPS_")}
        self._environment = {**inherited, "XDG_CONFIG_HOME": str(folder / "config")}

    def run(self, *arguments: str, text: str | None = None, code: int = 0) -> str:
        """Return what the command printed."""
        done = subprocess.run(
            [sys.executable, "-m", "linkops", *arguments],
            env=self._environment,
            input=text or "",
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    data = tmp_path / "data"
    with running_server(data, tmp_path / "server.log") as server:
        terminal = Terminal(tmp_path)
        terminal.run("login", server.http, "--password-stdin", text=(data / "first-password.txt").read_text())
        yield terminal


def names(devices: list[dict[str, Any]]) -> list[str]:
    return [device["device_name"] for device in devices]


@pytest.mark.timeout(300)
def test_groups_in_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("product", "create", "Pumps", "--key", "pumps")
    for name in ("pump-1", "pump-2", "pump-3"):
        terminal.run("device", "create", "pumps", name)
    hall = str(terminal.json("group", "create", "Hall", "--product", "pumps")["id"])
    row = str(terminal.json("group", "create", "Row 1", "--below", hall)["id"])
    assert "Added 2 of 2" in terminal.run("group", "add", row, "pumps/pump-1", "pumps/pump-2")
    listed = tmp_path / "devices.csv"
    listed.write_text("pump-3\nnobody\n")
    assert "line 2: nobody: There is no device nobody." in terminal.run("group", "import", hall, str(listed), code=1)
    assert names(terminal.json("group", "members", hall)) == ["pump-1", "pump-2", "pump-3"]
    assert names(terminal.json("group", "members", hall, "--direct")) == ["pump-3"]
    assert "Removed 1 of 1" in terminal.run("group", "remove", row, "pumps/pump-2", "--yes")
    assert names(terminal.json("device", "list", "--group", row)) == ["pump-1"]
    assert "Hall / Row 1" in terminal.run("device", "show", "pumps/pump-1")
    assert "  Row 1" in terminal.run("group", "list")

    terminal.run("device", "tag", "pumps/pump-2", "--set", "site=berlin")
    where = ("--product", "pumps", "--where", "tag:site=berlin", "--where", "offline")
    assert "pumps/pump-2" in terminal.run("group", "preview", *where)
    dynamic = str(terminal.json("group", "create", "Berlin", *where)["id"])
    assert "tag:site=berlin and offline" in terminal.run("group", "show", dynamic)
    terminal.run("group", "edit", dynamic, "--where", "inactive", "--name", "New")
    assert names(terminal.json("group", "members", dynamic)) == ["pump-1", "pump-2", "pump-3"]

    assert "has groups below it" in terminal.run("group", "delete", hall, "--yes", code=1)
    for group in (row, hall, dynamic):
        terminal.run("group", "delete", group, "--yes")
    assert terminal.json("group", "list") == []
    assert len(terminal.json("device", "list")) == 3
