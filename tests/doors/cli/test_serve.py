"""How ``linkops serve`` answers settings that do not go together, and what it serves with those that do."""

import os
import re
import sqlite3
import ssl
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from linkops.certificates import development_certificates
from linkops.clock import SystemClock
from tests.support.c_sdk import ask
from tests.support.mqtt import MqttClient
from tests.support.restarts import free_port
from tests.support.server import running_server

WITHIN_S = 60


def refused(cwd: Path, *arguments: str) -> str:
    """Return what a server says that does not start."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINKOPS_")}
    done = subprocess.run(
        [sys.executable, "-m", "linkops", "serve", "--data-dir", "data", *arguments],
        cwd=cwd,
        env=inherited,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--bind-host", "0.0.0.0"], "device_url is required"),  # noqa: S104 - refused
        (["--device-url", "ops.example.com"], "device_url must be a scheme and a host"),
        (["--device-url", "https://ops.example.com/files"], "device_url must be a scheme and a host"),
        (["--tls-certificate", "chain.pem"], "belong together"),
        (["--first-admin", "page", "--console", "false"], "needs the console"),
        (["--http-prot", "1"], "no option and no setting"),
        (["--http-port", "70000"], "http_port"),
        (["--trusted-proxies", '["not a network"]'], "trusted_proxies"),
    ],
)
def test_settings_that_do_not_go_together_are_named(tmp_path: Path, arguments: list[str], said: str) -> None:
    assert said in refused(tmp_path, *arguments)


async def test_certificates_of_the_operators_own_are_shown_at_every_door(tmp_path: Path) -> None:
    files = development_certificates(tmp_path / "ca", ["localhost"], SystemClock().now())
    trust = ssl.create_default_context(cafile=str(files.authority))
    https_port = free_port()
    given = {"tls_certificate": files.chain, "tls_private_key": files.private_key, "https_port": https_port}
    with running_server(tmp_path / "data", tmp_path / "log", **given) as server:
        assert ask(server.device_https, trust, "/files/x")[0].startswith("HTTP/1.1 403 ")
        for address in (server.mqtt, server.mqtt_tls):
            async with await MqttClient.open(address, tls=trust):
                pass
        async with httpx.AsyncClient(verify=trust) as client:
            assert (await client.get(f"https://localhost:{https_port}/healthz")).status_code == 200
    assert not (tmp_path / "data" / "tls").exists()


def test_nobody_else_reads_what_a_server_writes(tmp_path: Path) -> None:
    """Also in a folder that an administrator has made, with the rights that folders have."""
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    with running_server(data, tmp_path / "log"):
        open_to_others = [
            path.name for path in data.rglob("*") if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077
        ]
    assert open_to_others == []


def test_of_twenty_who_set_up_at_once_one_becomes_the_administrator(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running_server(tmp_path / "data", log, first_admin="page", console=True) as server:
        (code,) = re.findall(r"/console/welcome\?code=(\S+)", log.read_text())

        def set_up(number: int) -> int:
            form = {"code": code, "name": f"admin-{number}", "new": "correct horse", "again": "correct horse"}
            return httpx.post(f"{server.http}/console/welcome", data=form, timeout=WITHIN_S).status_code

        with ThreadPoolExecutor(20) as threads:
            answers = sorted(threads.map(set_up, range(20)))
        assert answers == [303] + [404] * 19
    with running_server(tmp_path / "data", log, first_admin="page", console=True):
        assert log.read_text().count("/console/welcome") == 1
    with sqlite3.connect(tmp_path / "data" / "linkops.db") as db:
        assert db.execute("SELECT count(*) FROM account").fetchone() == (1,)
    db.close()
