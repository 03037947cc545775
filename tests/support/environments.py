"""The official SDKs, each in an environment of its own: they want libraries that are years older than ours.

Environments are made once and kept in ``.tools/`` (which git ignores, and ``make clean`` removes).
"""

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.programs import program

_TOOLS = Path(__file__).parents[2] / ".tools"


def python_environment(name: str, *requirements: str) -> Path:
    """Return the interpreter of a Python environment that holds just ``requirements``."""

    def make(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", *requirements], check=True)

    return _made_once(name, make) / "bin" / "python"


def node_environment(name: str, *packages: str) -> Path:
    """Return the ``node_modules`` folder of an environment that holds just ``packages``."""
    npm = program("npm", package="npm")

    def make(folder: Path) -> None:
        folder.mkdir()
        options = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
        subprocess.run([npm, "install", *options, "--prefix", folder, *packages], check=True)

    return _made_once(name, make) / "node_modules"


def _made_once(name: str, make: Callable[[Path], None]) -> Path:
    folder = _TOOLS / name
    complete = folder / ".complete"
    with _alone(name):
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            complete.touch()
    return folder


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Keep other test processes out while an environment is made."""
    _TOOLS.mkdir(exist_ok=True)
    with open(_TOOLS / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
