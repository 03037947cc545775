"""What an operator does with configuration documents in a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.server import Server
from tests.support.terminal import Terminal

TYPED = b'{\r\n  "report_s": 60,\r\n  "name": "\xc3\xbc"\r\n}\r\n'
EDITOR = """
import pathlib, sys
file = pathlib.Path(sys.argv[1])
file.write_bytes(file.read_bytes().replace(b"60", {new!r}))
"""


@pytest.fixture
def terminal(server: Server, administered_data: tuple[Path, str], tmp_path: Path) -> Terminal:
    """Somebody with a file, and a product with two devices of which one is in a group."""
    (tmp_path / "pumps.json").write_bytes(TYPED)
    terminal = Terminal(server, tmp_path, administered_data[1])
    terminal.says("product", "create", "Pumps", "--key", "pumps")
    for name in ("pump-1", "pump-2"):
        terminal.says("device", "create", "pumps", name)
    return terminal


def edited(terminal: Terminal, new: bytes, code: int = 0) -> str:
    """Return what ``config edit`` prints when its editor writes ``new`` in place of 60."""
    script = terminal.folder / "editor.py"
    script.write_text(EDITOR.format(new=new))
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "linkops", "config", "edit", "pumps"],
            cwd=terminal.folder,
            env={**terminal._environment, "EDITOR": f"{sys.executable} {script}"},
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
    assert "There is no document" in terminal.refused("config", "show", "pumps")
    assert "Saved version 1" in terminal.says("config", "edit", "pumps", "--file", "pumps.json", "-m", "first")
    assert "same already" in terminal.says("config", "edit", "pumps", "--file", "pumps.json")
    shown = terminal.shows("config", "show", "pumps")
    assert shown["content"].encode() == TYPED

    assert "Saved version 2" in edited(terminal, b"30")
    assert '-  "report_s": 60,' in terminal.says("config", "diff", "pumps").splitlines()
    assert "/report_s" in terminal.says("config", "diff", "pumps", "1", "2", "--values")
    assert "Nothing was changed" in edited(terminal, b"30", code=1)
    assert "Saved version 3" in terminal.says("config", "restore", "pumps", "1", "--yes")
    assert "Line 2, column 15" in edited(terminal, b"NaN", code=1)
    refused = terminal.folder / "linkops-config-refused.json"
    assert refused.read_bytes() == TYPED.replace(b"60", b"NaN")
    older = terminal.refused("config", "edit", "pumps", "--file", "pumps.json", "--base", "1", "--device", "pump-1")
    assert "nobody saved this document yet" in older

    group = terminal.shows("group", "create", "beta", "--product", "pumps")["id"]
    terminal.says("group", "add", group, "pumps/pump-1")
    narrower = '{"report_s":5}'
    terminal.says("config", "edit", "pumps", "--group", group, "--priority", "3", "--file", "-", typed=narrower)
    terminal.says("config", "edit", "pumps", "--device", "pump-1", "--file", "-", typed='{"name":null}')
    preview = terminal.says("config", "preview", "pumps/pump-1")
    assert '{"report_s":5}' in preview
    assert f"/report_s  ← group {group} beta" in preview
    listed = terminal.says("config", "list", "pumps")
    assert "pump-1" in listed
    assert "beta" in listed
    terminal.says("config", "remove", "pumps", "--device", "pump-1", "--yes")
    assert [row["removed"] for row in terminal.shows("config", "versions", "pumps", "--device", "pump-1")] == [
        True,
        False,
    ]

    schema = '{"properties":{"report_s":{"minimum":100}}}'
    said = terminal.says("config", "schema", "edit", "pumps", "--file", "-", typed=schema)
    assert "60 is less than the minimum of 100" in said
    assert "does not allow it at '/report_s'" in edited(terminal, b"61", code=1)
    terminal.says("config", "schema", "remove", "pumps", "--yes")
    assert "Saved version 4" in edited(terminal, b"61")
    assert "is on" in terminal.says("config", "switch", "pumps", "--on")
    assert "version 4" in terminal.says("config", "status", "pumps")
