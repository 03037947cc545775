"""What an operator says to devices in a terminal, and what simulated devices answer."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from linkops.devices.model import DeviceKey, NewDevice
from linkops.mqtt.reasons import Reason
from linkops.simulator import DeviceIdentity, Fleet, ServerAddress
from tests.support.hub import reached
from tests.support.mqtt import MqttClient, connect_of
from tests.support.server import Server, running_server

WITHIN_S = 60


class Terminal:
    """Somebody who is logged in at a server."""

    def __init__(self, folder: Path, server: Server) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINKOPS_")}
        self._environment = {**inherited, "XDG_CONFIG_HOME": str(folder / "config")}
        self.server = server

    def run(self, *arguments: str, text: str | None = None, code: int = 0) -> str:
        """Return what the command printed."""
        done = subprocess.run(
            [sys.executable, "-m", "linkops", *arguments],
            env=self._environment,
            input=text or "",
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    @asynccontextmanager
    async def lamp(self) -> AsyncIterator[Fleet]:
        """Keep lamp-1 on the wire."""
        created = self.json("device", "create", "lamps", "lamp-1")[0]
        address = ServerAddress(*self.server.mqtt)
        async with Fleet(address, [DeviceIdentity("lamps", "lamp-1", created["device_secret"])]) as fleet:
            fleet.ask_time()
            await fleet.settled()
            yield fleet


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    data = tmp_path / "data"
    with running_server(data, tmp_path / "server.log") as server:
        terminal = Terminal(tmp_path, server)
        terminal.run("login", server.http, "--password-stdin", text=(data / "first-password.txt").read_text())
        terminal.run("product", "create", "Lamps", "--key", "lamps")
        yield terminal


@pytest.mark.timeout(300)
async def test_messages_and_questions_in_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    async def run(*arguments: str, code: int = 0) -> str:
        return await asyncio.to_thread(terminal.run, *arguments, code=code)

    async with terminal.lamp() as fleet:
        lamp = "lamps/lamp-1"
        assert await run("device", "ask", lamp, "--text", "how are you?") == "how are you?\n"
        (tmp_path / "call.json").write_text('{"id":"7","params":{},"method":"thing.service.state"}')
        answer = json.loads(await run("device", "ask", lamp, "--file", str(tmp_path / "call.json"), "--json"))
        assert (answer["outcome"], answer["payload"]) == ("answered", '{"id":"7","code":200,"data":{}}')
        assert "does not listen" in await run("device", "ask", lamp, "--path", "get", "--text", "x", code=1)
        assert fleet.statistics.answers == 2
        await reached(lambda: fleet.devices[0].clock_offset_ms is not None)

        assert "not_delivered" in await run("device", "send", lamp, "--text", "hello", code=1)
        assert "Written to 0 devices" in await run("product", "broadcast", "lamps", "--path", "news", "--text", "hi")

        assert "open" in await run("product", "topic", "list", "lamps")
        assert "cmd/#" in await run("product", "topic", "set", "lamps", "--subscribe", "cmd/#", "--both", "get")
        assert "not_allowed" in await run("device", "send", lamp, "--path", "update", "--text", "x", code=1)
        assert "error" in await run("product", "topic", "set", "lamps", "--defaults")
        await run("product", "topic", "set", "lamps", code=1)
        assert "open" in await run("product", "topic", "set", "lamps", "--open")

        await run("device", "tag", lamp, "--set", "site=berlin")
        tags = json.loads(await run("device", "tags", lamp, "--json"))
        assert tags == [{"key": "site", "value": "berlin", "origin": "operator"}]
    assert "is not connected" in await run("device", "ask", lamp, "--text", "x", code=1)


@pytest.mark.timeout(300)
def test_rules_hold_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_server(data, tmp_path / "server.log") as server:
        terminal = Terminal(tmp_path, server)
        terminal.run("login", server.http, "--password-stdin", text=(data / "first-password.txt").read_text())
        terminal.run("product", "create", "Lamps", "--key", "lamps")
        secret = terminal.json("device", "create", "lamps", "lamp-1")[0]["device_secret"]
        terminal.run("product", "topic", "set", "lamps", "--both", "get")
    with running_server(data, tmp_path / "server.log") as server:
        asyncio.run(_may_publish_only_there(server, DeviceIdentity("lamps", "lamp-1", secret)))


async def _may_publish_only_there(server: Server, lamp: DeviceIdentity) -> None:
    device = NewDevice(1, DeviceKey(lamp.product_key, lamp.device_name), lamp.device_secret)
    async with await MqttClient.open(server.mqtt, 5) as client:
        assert (await client.login(connect_of(device, 5))).reason == 0
        assert (await client.publish("/lamps/lamp-1/user/get", b"x")).reason == 0
        assert (await client.publish("/lamps/lamp-1/user/other", b"x")).reason == Reason.NOT_AUTHORIZED
