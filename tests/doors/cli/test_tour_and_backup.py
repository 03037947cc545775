"""What a newcomer and an administrator do in a terminal: the tour, a simulated fleet, a backup and back."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.support.postgres import PostgresServer
from tests.support.server import running_server

pytestmark = pytest.mark.long

WITHIN_S = 180


def linkops(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINKOPS_")}
    return subprocess.run(
        [sys.executable, "-m", "linkops", *arguments],
        cwd=cwd,
        env={**inherited, "XDG_CONFIG_HOME": str(cwd / "config"), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


FREE_PORTS = {f"LINKOPS_{door}_PORT": "0" for door in ("MQTT", "MQTT_TLS", "HTTP", "DEVICE_HTTPS")}


@pytest.mark.timeout(2 * WITHIN_S)
def test_a_second_tour_goes_on_with_the_next_version(tmp_path: Path) -> None:
    first = linkops("demo", "--devices", "5", "--exit-after-rollout", cwd=tmp_path, **FREE_PORTS)
    assert first.returncode == 0, first.stderr
    assert "5 of 5 devices run 1.1.0" in first.stdout
    assert "admin, password " in first.stdout
    second = linkops("demo", "--devices", "5", "--exit-after-rollout", cwd=tmp_path, **FREE_PORTS)
    assert second.returncode == 0, second.stderr
    assert "5 of 5 devices run 1.2.0" in second.stdout
    assert "user reset-password admin --local" in second.stdout
    assert first.stderr == second.stderr == ""


@pytest.mark.timeout(2 * WITHIN_S)
def test_a_restored_server_knows_its_devices_and_opens_their_secrets(tmp_path: Path) -> None:
    linkops("demo", "--devices", "3", "--exit-after-rollout", cwd=tmp_path, **FREE_PORTS)
    made = linkops("backup", "all.tar.gz", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    restored = linkops("restore", "all.tar.gz", "--data-dir", "again", cwd=tmp_path)
    assert restored.returncode == 0, restored.stderr
    again = linkops("demo", "--devices", "3", "--exit-after-rollout", "--data-dir", "again", cwd=tmp_path, **FREE_PORTS)
    assert "3 of 3 devices run 1.2.0" in again.stdout, again.stderr


@pytest.mark.postgres
@pytest.mark.timeout(2 * WITHIN_S)
def test_a_server_on_postgresql_is_restored_into_another_database(tmp_path: Path, postgres: PostgresServer) -> None:
    old, new = (postgres.create() for _ in range(2))
    tour = ("demo", "--devices", "3", "--exit-after-rollout")
    linkops(*tour, cwd=tmp_path, LINKOPS_DATABASE_URL=postgres.url(old), **FREE_PORTS)
    made = linkops("backup", "all.tar.gz", cwd=tmp_path, LINKOPS_DATABASE_URL=postgres.url(old))
    assert made.returncode == 0, made.stderr
    into = {"LINKOPS_DATABASE_URL": postgres.url(new), "LINKOPS_DATA_DIR": "again"}
    restored = linkops("restore", "all.tar.gz", cwd=tmp_path, **into)
    assert restored.returncode == 0, restored.stderr
    again = linkops(*tour, cwd=tmp_path, **into, **FREE_PORTS)
    assert "3 of 3 devices run 1.2.0" in again.stdout, again.stderr
    postgres.drop(old)
    postgres.drop(new)


def test_a_backup_has_no_half_uploads(tmp_path: Path) -> None:
    linkops("demo", "--devices", "1", "--exit-after-rollout", cwd=tmp_path, **FREE_PORTS)
    (tmp_path / "linkops-data" / "blobs" / "ab").mkdir()
    (tmp_path / "linkops-data" / "blobs" / "ab" / "0123#1").write_bytes(b"half")
    linkops("backup", "all.tar.gz", cwd=tmp_path)
    with tarfile.open(tmp_path / "all.tar.gz") as archive:
        assert [name for name in archive.getnames() if "#" in name] == []


def test_a_damaged_backup_restores_nothing(tmp_path: Path) -> None:
    linkops("demo", "--devices", "1", "--exit-after-rollout", cwd=tmp_path, **FREE_PORTS)
    linkops("backup", "all.tar.gz", "--without-key", cwd=tmp_path)
    archive = tmp_path / "all.tar.gz"
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)
    refused = linkops("restore", "all.tar.gz", "--data-dir", "again", cwd=tmp_path)
    assert refused.returncode != 0
    assert "damaged" in refused.stderr
    assert not (tmp_path / "again").exists()


def test_a_restore_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").write_text("precious")
    (tmp_path / "any.tar.gz").write_bytes(b"")
    refused = linkops("restore", "any.tar.gz", "--data-dir", "used", cwd=tmp_path)
    assert "not empty" in refused.stderr
    assert (tmp_path / "used" / "file").read_text() == "precious"


def test_a_fleet_is_simulated_and_found_again_by_its_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_server(data, tmp_path / "server.log") as server:
        password = (data / "first-password.txt").read_text()
        logged_in = subprocess.run(
            [sys.executable, "-m", "linkops", "login", server.http, "--password-stdin"],
            input=password,
            env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")},
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        assert logged_in.returncode == 0, logged_in.stderr
        door = f"{server.mqtt.host}:{server.mqtt.port}"
        command = ("simulate", "--devices", "20", "--identities", "fleet.csv", "--mqtt", door, "--duration-s", "8")
        for _ in range(2):
            done = linkops(*command, "--json", cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            seen = json.loads(done.stdout)
            assert (seen["connects"], seen["reports"], seen["refusals"]) == (20, 20, {})
        assert len((tmp_path / "fleet.csv").read_text().splitlines()) == 21
