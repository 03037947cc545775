"""What people read when their machine lacks something that the Makefile needs."""

import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[1] / "scripts"


def run(script: str, *arguments: str, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", SCRIPTS / script, *arguments], env={"PATH": str(path)}, capture_output=True, text=True, check=False
    )


def stub(folder: Path, name: str, text: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)


TOO_OLD = 'case "$*" in *version_info*) exit 1 ;; *) echo Python 3.9.2 ;; esac'
WITHOUT_VENV = 'case "$*" in *ensurepip*) exit 1 ;; esac'


@pytest.mark.parametrize(
    ("interpreter", "message"),
    [(None, "'python3' is not here"), (TOO_OLD, "is Python 3.9.2"), (WITHOUT_VENV, "venv module is missing")],
    ids=["none", "too old", "without venv"],
)
def test_missing_prerequisite_is_named_with_its_package(tmp_path: Path, interpreter: str | None, message: str) -> None:
    if interpreter is not None:
        stub(tmp_path, "python3", interpreter)
    outcome = run("prerequisites.sh", "python3", path=tmp_path)
    assert outcome.returncode != 0
    assert message in outcome.stderr
    assert "apt-get install" in outcome.stderr
    assert "python3-venv" in outcome.stderr


def test_a_complete_machine_hears_nothing(tmp_path: Path) -> None:
    stub(tmp_path, "python3", "exit 0")
    outcome = run("prerequisites.sh", "python3", path=tmp_path)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


def test_who_may_not_install_is_told_what_to_install(tmp_path: Path) -> None:
    stub(tmp_path, "id", "echo 1000")
    stub(tmp_path, "here", "")
    outcome = run("debian-packages.sh", "here:one", "no-such-command:two", "nor-this:three", path=tmp_path)
    assert outcome.returncode == 0
    assert "apt-get install two three" in outcome.stderr


def test_who_may_install_installs_only_what_is_missing(tmp_path: Path) -> None:
    stub(tmp_path, "id", "echo 0")
    stub(tmp_path, "here", "")
    stub(tmp_path, "apt-get", f'echo "$*" >>{tmp_path}/asked')
    run("debian-packages.sh", "here:one", "no-such-command:two", path=tmp_path)
    assert (tmp_path / "asked").read_text().splitlines() == ["update -qq", "install -qq --no-install-recommends two"]
