"""What an operator says to devices in a terminal, and what a simulated device answers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from linkops.devices.model import DeviceKey, NewDevice
from linkops.mqtt.reasons import Reason
from linkops.simulator import DeviceIdentity, Fleet, ServerAddress
from tests.support.hub import reached
from tests.support.mqtt import MqttClient, connect_of
from tests.support.operator import Operator, add_administrator
from tests.support.server import Server, running_server
from tests.support.terminal import Terminal

pytestmark = pytest.mark.long

LAMP, SECOND = "lamps/lamp-1", "lamps/lamp-2"


@pytest.fixture
def terminal(server: Server, operator: Operator, administered_data: tuple[Path, str], tmp_path: Path) -> Terminal:
    if not operator.get("/products", prefix="Lamps")["items"]:
        operator.post("/products", {"name": "Lamps", "product_key": "lamps"})
    return Terminal(server, tmp_path, administered_data[1])


@asynccontextmanager
async def on_the_wire(server: Server, secret: str) -> AsyncIterator[Fleet]:
    async with Fleet(ServerAddress(*server.mqtt), [DeviceIdentity("lamps", "lamp-1", secret)]) as fleet:
        fleet.ask_time()
        await fleet.settled()
        yield fleet


@pytest.mark.timeout(300)
async def test_messages_and_questions(server: Server, operator: Operator, terminal: Terminal, tmp_path: Path) -> None:
    async def says(*arguments: object) -> str:
        return await asyncio.to_thread(terminal.says, *arguments)

    async def refused(*arguments: object) -> str:
        return await asyncio.to_thread(terminal.refused, *arguments)

    device = operator.add_device("lamps", "lamp-1")
    async with on_the_wire(server, device["device_secret"]) as fleet:
        assert await says("device", "ask", LAMP, "--text", "how are you?") == "how are you?\n"
        (tmp_path / "call.json").write_text('{"id":"7","params":{},"method":"thing.service.state"}')
        answer = json.loads(await says("device", "ask", LAMP, "--file", "call.json", "--json"))
        assert (answer["outcome"], answer["payload"]) == ("answered", '{"id":"7","code":200,"data":{}}')
        assert "does not listen" in await refused("device", "ask", LAMP, "--path", "get", "--text", "x")
        assert fleet.statistics.answers == 2
        await reached(lambda: fleet.devices[0].clock_offset_ms is not None)
        assert "1 of 1 devices did not get it" in await refused("device", "send", LAMP, "--text", "hello")
        assert "Written to 0 devices" in await says("product", "broadcast", "lamps", "--path", "news", "--text", "hi")
    assert "is not connected" in await refused("device", "ask", LAMP, "--text", "x")


@pytest.mark.timeout(300)
def test_topics_and_tags(operator: Operator, terminal: Terminal) -> None:
    operator.add_device("lamps", "lamp-2")
    rules = [{"path": "cmd/#", "access": "subscribe"}, {"path": "get", "access": "both"}]
    assert terminal.shows("product", "topic", "set", "lamps", "--subscribe", "cmd/#", "--both", "get") == rules
    assert "cmd/#" in terminal.says("product", "topic", "list", "lamps")
    assert terminal.run("device", "send", SECOND, "--path", "update", "--text", "x").stdout.count("not_allowed") == 1
    assert "either" in terminal.refused("product", "topic", "set", "lamps", "--open", "--defaults")
    assert len(terminal.shows("product", "topic", "set", "lamps", "--defaults")) == 3
    assert "is open" in terminal.says("product", "topic", "set", "lamps", "--open")
    operator.client.patch("/products/lamps/devices/lamp-2/tags", json={"tags": {"site": "berlin"}}).raise_for_status()
    assert terminal.shows("device", "tags", SECOND) == [{"key": "site", "value": "berlin", "origin": "operator"}]


@pytest.mark.timeout(300)
async def test_rules_hold_after_a_restart(tmp_path: Path) -> None:
    password = await asyncio.to_thread(add_administrator, str(tmp_path / "data" / "linkops.db"))
    with running_server(tmp_path / "data", tmp_path / "log") as server:
        operator = Operator(server.http, password)
        with closing(operator.client) as client:
            operator.post("/products", {"name": "Lamps", "product_key": "lamps"})
            lamp = operator.add_device("lamps", "lamp-1")
            rules = [{"path": "get", "access": "both"}]
            client.put("/products/lamps/topics", json={"rules": rules}).raise_for_status()
    device = NewDevice(1, DeviceKey("lamps", "lamp-1"), lamp["device_secret"])
    with running_server(tmp_path / "data", tmp_path / "log") as server:
        async with await MqttClient.open(server.mqtt, 5) as mqtt:
            assert (await mqtt.login(connect_of(device, 5))).reason == 0
            assert (await mqtt.publish("/lamps/lamp-1/user/get", b"x")).reason == 0
            assert (await mqtt.publish("/lamps/lamp-1/user/other", b"x")).reason == Reason.NOT_AUTHORIZED
