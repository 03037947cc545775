"""Packages from a terminal to simulated devices: signed, of several files, and as patches."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.images import AFTER, BEFORE
from tests.support.server import Server
from tests.support.terminal import Terminal


def start_fleet(terminal: Terminal, server: Server, product: str, publisher_key: Path) -> "subprocess.Popen[str]":
    """Let three devices connect that install only what this key has signed, and stay for a while."""
    mqtt = f"{server.mqtt.host}:{server.mqtt.port}"
    options = ["--devices", "3", "--product", product, "--identities", "fleet.csv", "--duration-s", "60", "--json"]
    return subprocess.Popen(
        [sys.executable, "-m", "linkops", "simulate", *options, "--mqtt", mqtt, "--publisher-key", publisher_key],
        cwd=terminal.folder,
        env=terminal.environment,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def terminal(server: Server, administered_data: tuple[Path, str], tmp_path: Path) -> Terminal:
    (tmp_path / "a.bin").write_bytes(BEFORE)
    (tmp_path / "b.bin").write_bytes(AFTER)
    return Terminal(server, tmp_path, administered_data[1])


def test_devices_that_know_the_publisher_install_what_it_signed_and_nothing_else(
    terminal: Terminal, server: Server
) -> None:
    product = terminal.shows("product", "create", "Signed pumps")["product_key"]
    files = ("package", "create", "a.bin", "b.bin", "--product", product)
    unsigned = terminal.shows(*files, "--version", "2.0", "--name", "unsigned")
    assert "Packages are signed from now on" in terminal.says("signing", "on", product)
    signed = terminal.shows(*files, "--version", "3.0", "--name", "signed")
    key = terminal.folder / "publisher.pem"
    key.write_text(terminal.says("signing", "show", product, "--pem"))
    assert [file["file_name"] for file in signed["files"]] == ["a.bin", "b.bin"]
    fleet = start_fleet(terminal, server, product, key)
    try:
        for package, ended in ((unsigned, "FAILED"), (signed, "SUCCEEDED")):
            while len(terminal.shows("device", "list", "--product", product, "--online")) < 3:
                pass
            job = terminal.shows("job", "create", "--package", str(package["id"]), "--all", "--unlimited")
            assert terminal.run("job", "watch", str(job["id"])).returncode == (0 if ended == "SUCCEEDED" else 5)
            assert terminal.shows("job", "show", str(job["id"]))["counts"][ended] == 3
            if ended == "FAILED":
                [task, *_] = terminal.shows("job", "tasks", str(job["id"]))
                assert (task["failure_kind"], task["description"]) == ("verify", "the signature is missing")
    finally:
        fleet.terminate()
        fleet.communicate()


def test_a_patch_is_made_and_what_it_saves_is_shown(terminal: Terminal) -> None:
    product = terminal.shows("product", "create", "Patched pumps")["product_key"]
    of = ("--product", product)
    first = terminal.shows("package", "create", "a.bin", *of, "--version", "1.0")["id"]
    said = terminal.says("package", "create", "b.bin", *of, "--version", "2.0", "--diff-from", str(first))
    assert "b-2-0-from-1-0" in said
    assert "which saves 9" in said
    second = terminal.shows("package", "list", *of, "--version", "2.0", "--kind", "full")[0]["id"]
    again = terminal.run("package", "diff", str(first), str(second))
    assert (again.returncode, "already" in again.stderr) == (1, True)
    [patch] = terminal.shows("package", "list", *of, "--kind", "diff")
    assert (patch["source_version"], patch["version"]) == ("1.0", "2.0")
    assert patch["patch_format"] == "detools/sequential/heatshrink"
    terminal.says("package", "delete", str(patch["id"]), "--yes")
    packed = terminal.shows("package", "diff", str(first), str(second), "--compression", "crle", "--name", "other")
    assert (packed["status"], packed["name"], packed["saved_percent"] > 90) == ("SUCCEEDED", "other", True)
    assert [diff["status"] for diff in terminal.shows("package", "diffs", *of)] == ["SUCCEEDED"] * 2


def test_a_key_is_imported_exported_and_destroyed(terminal: Terminal) -> None:
    product = terminal.shows("product", "create", "Keyed pumps")["product_key"]
    (terminal.folder / "wrong.pem").write_text("no key")
    refused = terminal.run("signing", "import-key", product, "wrong.pem")
    assert (refused.returncode, "(field: private_key)" in refused.stderr) == (1, True)
    terminal.says("signing", "new-key", product)
    assert terminal.run("signing", "new-key", product).returncode == 1
    shown = terminal.shows("signing", "show", product)
    assert (shown["enabled"], shown["key"]["bits"]) == (False, 2048)
    terminal.says("signing", "delete-key", product, "--yes")
    assert terminal.shows("signing", "show", product)["key"] is None
