"""What an operator does with configuration documents in a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.operator import Operator
from tests.support.server import Server
from tests.support.terminal import Terminal

pytestmark = pytest.mark.long

TYPED = b'{\r\n  "report_s": 60,\r\n  "name": "\xc3\xbc"\r\n}\r\n'
EDITOR = """
import pathlib, sys
file = pathlib.Path(sys.argv[1])
file.write_bytes(file.read_bytes().replace(b"60", {new!r}))
"""


@pytest.fixture(scope="module")
def products(operator: Operator) -> None:
    """Have two products."""
    for key, device in (("pumps", "pump-1"), ("fans", "fan-1")):
        operator.post("/products", {"name": f"The {key}", "product_key": key})
        operator.add_device(key, device)


@pytest.fixture
def terminal(products: None, server: Server, administered_data: tuple[Path, str], tmp_path: Path) -> Terminal:
    """Somebody with a file."""
    (tmp_path / "pumps.json").write_bytes(TYPED)
    (tmp_path / "other.json").write_bytes(b"{}")
    return Terminal(server, tmp_path, administered_data[1])


def edited(terminal: Terminal, new: bytes, code: int = 0) -> str:
    """Return what ``config edit`` prints when its editor writes ``new`` in place of 60."""
    script = terminal.folder / "editor.py"
    script.write_text(EDITOR.format(new=new))
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "linkops", "config", "edit", "pumps"],
            cwd=terminal.folder,
            env={**terminal.environment, "EDITOR": f"{sys.executable} {script}", "TMPDIR": str(terminal.folder)},
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_configuration_in_a_terminal(terminal: Terminal) -> None:
    assert "Saved version 1" in terminal.says("config", "edit", "pumps", "--file", "pumps.json", "-m", "first")
    assert terminal.shows("config", "show", "pumps")["content"].encode() == TYPED
    assert "Saved version 2" in edited(terminal, b"30")
    assert '-  "report_s": 60,' in terminal.says("config", "diff", "pumps").splitlines()
    assert "Saved version 3" in terminal.says("config", "restore", "pumps", "1", "--yes")
    said = edited(terminal, b"NaN", code=1)
    assert "Line 2, column 15" in said
    assert Path(said.rsplit(" ", 1)[1].strip()).read_bytes() == TYPED.replace(b"60", b"NaN")
    assert "saved version 3 since" in terminal.refused("config", "edit", "pumps", "--file", "other.json", "--base", "2")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_narrower_configuration_and_a_schema_in_a_terminal(terminal: Terminal) -> None:
    terminal.says("config", "edit", "fans", "--file", "pumps.json")
    terminal.says("config", "edit", "fans", "--device", "fan-1", "--file", "-", typed='{"name":null}')
    preview = terminal.says("config", "preview", "fans/fan-1")
    assert '{"report_s":60}' in preview
    assert "/report_s  ← the product" in preview
    assert "fan-1" in terminal.says("config", "list", "fans")
    terminal.says("config", "remove", "fans", "--device", "fan-1", "--yes")
    schema = '{"properties":{"report_s":{"minimum":100}}}'
    said = terminal.says("config", "schema", "edit", "fans", "--file", "-", typed=schema)
    assert "60 is less than the minimum of 100" in said
    terminal.says("config", "schema", "remove", "fans", "--yes")
    assert "is on" in terminal.says("config", "switch", "fans", "--on")
    assert "version 1" in terminal.says("config", "status", "fans")
