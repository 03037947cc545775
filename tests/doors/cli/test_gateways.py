"""What an operator does with gateways in a terminal, while a gateway is connected."""

from pathlib import Path

import msgspec
import pytest

from linkops.devices.model import DeviceKey, NewDevice
from linkops.mqtt.packets import Publish
from tests.support.mqtt import MqttClient, connect_of
from tests.support.operator import Operator, Shown
from tests.support.server import Server
from tests.support.terminal import Terminal

pytestmark = pytest.mark.long


def registered(device: Shown) -> NewDevice:
    return NewDevice(0, DeviceKey(device["product_key"], device["device_name"]), device["device_secret"])


async def test_gateways_in_a_terminal(
    server: Server, operator: Operator, administered_data: tuple[Path, str], tmp_path: Path
) -> None:
    terminal = Terminal(server, tmp_path, administered_data[1])
    terminal.says("product", "create", "Gateways", "--key", "gates", "--node-type", "gateway")
    operator.post("/products", {"name": "Sensors", "product_key": "sensors", "node_type": "subdevice"})
    east = registered(operator.add_device("gates", "east"))
    for name in ("sensor-1", "sensor-2", "sensor-3"):
        operator.add_device("sensors", name)
    both = ("sensors/sensor-1", "sensors/sensor-2")
    assert "Bound 2 of 2 devices to gates/east" in terminal.says("gateway", "bind", "gates/east", *both)
    offline = terminal.shows("gateway", "sub-devices", "gates/east", "--offline", "--prefix", "sensor")
    assert [each["device_name"] for each in offline] == ["sensor-1", "sensor-2"]
    assert "gates/east" in terminal.says("device", "show", both[0])
    told = terminal.says("event", "tail", "--after", 0, "--kind", "gateway.topology_changed", "--count", 1)
    assert "gates/east  action=create  devices=sensors/sensor-1, sensors/sensor-2" in told
    assert "is not connected" in terminal.refused("gateway", "permit", "gates/east", "sensors")

    async with await MqttClient.open(server.mqtt) as gateway:
        assert (await gateway.login(connect_of(east))).reason == 0
        found = b'{"id":"1","params":[{"productKey":"sensors","deviceName":"sensor-3"}]}'
        await gateway.publish("/sys/gates/east/thing/list/found", found)
        assert (await heard(gateway)).topic == "/sys/gates/east/thing/list/found_reply"
        assert "sensors/sensor-3" in terminal.says("gateway", "found", "gates/east")
        terminal.says("gateway", "ask-to-add", "gates/east", "sensors/sensor-3")
        asked = await heard(gateway)
        assert asked.topic == "/sys/gates/east/thing/topo/add/notify"
        terminal.says("gateway", "permit", "gates/east", "sensors", "--seconds", "30")
        permit = msgspec.json.decode((await heard(gateway)).payload)
        assert permit["params"] == {"time": 30, "productKey": "sensors"}
        answer = b'{"id":"%s","code":200,"data":{}}' % permit["id"].encode()
        await gateway.publish("/sys/gates/east/thing/gateway/permit_reply", answer)
        requests = {each["kind"]: each for each in terminal.shows("gateway", "requests", "gates/east")}
        assert (requests["permit"]["answer_code"], requests["add"]["answer_code"]) == (200, None)
        unbound = terminal.says("gateway", "unbind", "gates/east", *both, "sensors/sensor-3", "--yes")
        assert "Took 2 of 3 devices from gates/east" in unbound
        change = msgspec.json.decode((await heard(gateway)).payload)
        assert [each["deviceName"] for each in change["params"]["subList"]] == ["sensor-1", "sensor-2"]


async def heard(client: MqttClient) -> Publish:
    packet = await client.next()
    assert isinstance(packet, Publish)
    return packet
