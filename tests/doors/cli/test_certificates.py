"""The page about certificates, followed in a terminal, and devices that connect with what came of it."""

import json
import os
import re
import ssl
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import paho.mqtt.client as mqtt
import pytest
from cryptography import x509
from paho.mqtt.enums import CallbackAPIVersion

from tests.doors.cli.test_groups import Terminal
from tests.support.server import Server, running_server

pytestmark = [pytest.mark.slow, pytest.mark.long]

PAGE = (Path(__file__).parents[3] / "docs" / "certificates.md").read_text()
WITHIN_S = 60
REFUSED = "Bad user name or password"


class Shell:
    """Somebody who is logged in, in a folder of their own, and copies commands from the page."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder = folder / "desk"
        self.folder.mkdir()
        (folder / "bin").mkdir()
        linkops = folder / "bin" / "linkops"
        linkops.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m linkops "$@"\n')
        linkops.chmod(0o755)
        path = f"{linkops.parent}:{os.environ['PATH']}"
        self._environment = {**os.environ, "PATH": path, "XDG_CONFIG_HOME": str(folder / "config")}
        self.server = server
        self.product = "pumps"

    def copy(self, *beginnings: str) -> str:
        """Run the commands of the page that begin so, and return what they print."""
        commands = [command for start in beginnings for command in documented() if command.startswith(start)]
        assert len(commands) >= len(beginnings)
        return self.run(
            "set -e\n" + "\n".join(commands).replace("pumps", self.product).replace('"Pumps"', self.product)
        )

    @property
    def pump(self) -> dict[str, str]:
        """What the device of the page is told about itself."""
        return {"productKey": self.product, "deviceName": "pump-0001"}

    def run(self, script: str) -> str:
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def identity(self, certificate: str, key: str, *, websocket: bool = False) -> dict[str, str] | str:
        """Return what a device is told about itself, or how it is refused."""
        told: SimpleQueue[dict[str, str] | str] = SimpleQueue()
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id="pump", transport="websockets" if websocket else "tcp"
        )
        client.username_pw_set("&", "")
        trust = ssl.create_default_context(cafile=str(self.server.ca_certificate))
        trust.load_cert_chain(self.folder / certificate, self.folder / key)
        client.tls_set_context(trust)
        client.on_message = lambda _client, _data, message: told.put(json.loads(message.payload))
        client.on_connect = lambda _client, _data, _flags, reason, _properties: (
            told.put(str(reason)) if reason.is_failure else None
        )
        port = self.server.device_https.port if websocket else self.server.mqtt_tls.port
        client.connect("localhost", port, keepalive=60)
        client.loop_start()
        answer = told.get(timeout=WITHIN_S)
        client.disconnect()
        client.loop_stop()
        return answer


def documented() -> list[str]:
    """Return the commands of the page."""
    blocks = "\n".join(re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)).replace("\\\n", " ")
    return re.findall(r"^\$ (.+)$", blocks, re.MULTILINE)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("certificates")
    with running_server(folder / "data", folder / "server.log") as server:
        password = (folder / "data" / "first-password.txt").read_text()
        Terminal(folder).run("login", server.http, "--password-stdin", text=password)
        yield Shell(folder, server)


def test_our_own_authority(shell: Shell) -> None:
    shell.product = "pumps"
    shell.copy("linkops product create", "linkops device create", "linkops certificate issue pumps/pump-0001 --to")
    folder = shell.folder / "pump-0001"
    assert (folder / "device.key").stat().st_mode & 0o777 == 0o600
    assert shell.identity("pump-0001/device.pem", "pump-0001/device.key") == shell.pump
    assert shell.identity("pump-0001/device.pem", "pump-0001/device.key", websocket=True) == shell.pump

    shell.copy("openssl req -new -newkey ec", "linkops certificate sign")
    assert shell.identity("pump-0001/device.pem", "pump.key") == shell.pump
    listed = json.loads(shell.run(f"linkops certificate list --device {shell.product}/pump-0001 --json"))
    assert {each["state"] for each in listed} == {"replaced", "valid"}

    shell.run(f"! linkops certificate issue {shell.product}/stranger --to stranger && test ! -e stranger/device.key")
    shell.run(f"linkops device create {shell.product} pump-0002")
    shell.copy("linkops certificate issue-many pumps pumps.zip")
    with zipfile.ZipFile(shell.folder / "pumps.zip") as made:
        assert sorted(made.namelist()) == ["000001.crt.pem", "000001.key.pem", "ca.pem", "index.csv"]

    shell.run(f"linkops certificate revoke-device {shell.product}/pump-0001 --yes --reason key_compromise")
    assert shell.identity("pump-0001/device.pem", "pump.key") == REFUSED
    [refusal] = [line for line in shell.server.log.read_text().splitlines() if "certificate refused" in line]
    assert "why=revoked" in refusal
    assert f"device={shell.product}/pump-0001" in refusal
    shell.run("linkops authority show 1 --pem > own.pem; linkops authority crl 1 > crl.pem")
    assert "verify OK" in shell.run("openssl crl -in crl.pem -CAfile own.pem -noout 2>&1")
    crl = x509.load_pem_x509_crl((shell.folder / "crl.pem").read_bytes())
    assert {f"{entry.serial_number:x}" for entry in crl} == {each["serial"] for each in listed}


def test_an_authority_of_ones_own(shell: Shell) -> None:
    shell.product = "otherpumps"
    shell.copy("linkops product create", "linkops device create", "openssl req -x509")
    shell.copy("openssl req -new -newkey rsa:2048 -nodes -keyout device.key", "openssl x509 -req -in device.csr")
    shell.copy("CODE=", "openssl req -new -newkey rsa:2048 -nodes -keyout verification.key",
               "openssl x509 -req -in verification.csr", "linkops authority upload")  # fmt: skip
    assert shell.identity("device.pem", "device.key") == shell.pump
    authority = json.loads(shell.run("linkops authority list --json"))[-1]["id"]
    shell.run(f"linkops authority disable {authority} --yes")
    assert shell.identity("device.pem", "device.key") == REFUSED
    shell.run(f"linkops authority enable {authority}")
    assert shell.identity("device.pem", "device.key") == shell.pump
    assert "Pump maker" in shell.run("linkops authority list")
