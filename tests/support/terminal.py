"""Somebody at a terminal, who is logged in."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.server import Server

_WITHIN_S = 120


class Terminal:
    """Runs commands as one person, in a folder."""

    def __init__(self, server: Server, folder: Path, password: str, name: str = "admin") -> None:
        self.folder = folder
        inherited = {variable: value for variable, value in os.environ.items() if not variable.startswith("LINKOPS_")}
        self.environment = {**inherited, "XDG_CONFIG_HOME": str(folder / f"config-{name}"), "TZ": "Europe/Berlin"}
        self.says("login", server.http, "--name", name, "--password-stdin", typed=password)

    def run(self, *arguments: object, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Return what became of a command."""
        return subprocess.run(
            [sys.executable, "-m", "linkops", *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=_WITHIN_S,
            check=False,
        )

    def says(self, *arguments: object, typed: str = "") -> str:
        """Return what a command that works prints."""
        done = self.run(*arguments, typed=typed)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shows(self, *arguments: object) -> Any:
        """Return the document that a command prints."""
        return json.loads(self.says(*arguments, "--json"))

    def refused(self, *arguments: object, code: int = 1) -> str:
        """Return why a command is refused."""
        done = self.run(*arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stderr
