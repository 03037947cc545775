"""Files and logs of a device in a terminal, as an operator sees them."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from linkops.devices.model import DeviceKey, NewDevice
from tests.support.mqtt import MqttClient, connect_of
from tests.support.operator import Operator
from tests.support.server import Server
from tests.support.uploads import Uploader

pytestmark = pytest.mark.long

CONTENT = b"core dump \x00\x1b" * 500
WITHIN_S = 120


@pytest.fixture
def environment(server: Server, operator: Operator, tmp_path: Path) -> dict[str, str]:
    """Who commands are run as."""
    token = str(operator.client.headers["Authorization"]).removeprefix("Bearer ")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINKOPS_")}
    home = {"XDG_CONFIG_HOME": str(tmp_path), "LINKOPS_URL": server.http, "LINKOPS_TOKEN": token}
    return {**inherited, **home, "COLUMNS": "200"}


def linkops(environment: dict[str, str], folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "linkops", *arguments],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    return done.stdout if done.returncode == 0 else f"failed: {done.stderr}"


@pytest.fixture
async def device(server: Server, operator: Operator) -> NewDevice:
    key = operator.post("/products", {"name": f"Pumps {socket.gethostname()[:8]}"})["product_key"]
    made = operator.add_device(key, "pump-1")
    return NewDevice(1, DeviceKey(key, "pump-1"), made["device_secret"])


async def test_files_and_logs(server: Server, device: NewDevice, environment: dict[str, str], tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        return linkops(environment, tmp_path, *arguments)

    name = str(device.key)
    assert "shall upload its log" in run("device", "logs", name, "--on")
    client = await MqttClient.open(server.mqtt)
    async with client:
        assert (await client.login(connect_of(device))).reason == 0
        assert (await Uploader(client, device.key).upload("crash.bin", CONTENT)).data["complete"] is True
        line = {"utcTime": "2026/11/24 6:52:10", "logLevel": "ERROR", "module": "net", "logContent": "bad\x1b[2J news"}
        topic = f"/sys/{device.key.product_key}/{device.key.device_name}/thing/log/post"
        await client.publish(topic, json.dumps({"id": "1", "params": [line]}).encode())

    logs = run("device", "logs", name, "--level", "error")
    assert "bad\N{REPLACEMENT CHARACTER}[2J news" in logs
    assert "\x1b" not in logs
    assert "not" in run("product", "logs", device.key.product_key)

    (file,) = json.loads(run("file", "list", "--device", name, "--json"))
    assert "crash.bin" in run("file", "list", "--product", device.key.product_key, "--order", "largest")
    assert f"Wrote crash.bin, {len(CONTENT):,} bytes." in run("file", "get", str(file["id"]))
    assert (tmp_path / "crash.bin").read_bytes() == CONTENT
    assert "exists already" in run("file", "get", str(file["id"]))
    assert "repeat the command with --yes" in run("file", "delete", str(file["id"]))
    assert run("file", "delete", str(file["id"]), "--yes").strip() == "Deleted 1 files."
    assert run("file", "list", "--device", name).strip() == "No such files."
