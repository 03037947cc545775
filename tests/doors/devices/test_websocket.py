"""MQTT over WebSocket, with a client that others wrote, and with frames that no such client would send."""

import ssl
from contextlib import ExitStack, closing
from pathlib import Path
from queue import Queue
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from linkops.devices.model import DeviceKey, NewDevice
from linkops.mqtt.decode import client_decoder
from linkops.mqtt.encode import encode
from linkops.mqtt.packets import ConnAck, Packet, PingReq, PingResp, PubAck, Publish
from linkops.settings import Settings
from tests.support.c_sdk import ask
from tests.support.mqtt import connect_of
from tests.support.operator import Operator, path_of
from tests.support.server import Address, Server, running_server

Door = tuple[str, Address, ssl.SSLContext | None]
"""Scheme, address and trust."""

WITHIN_S = 30
MAX_PACKET_BYTES: int = Settings.model_fields["max_packet_bytes"].default


@pytest.fixture(scope="module")
def product_key(operator: Operator) -> str:
    key: str = operator.post("/products", {"name": "WebSocket pumps"})["product_key"]
    return key


@pytest.fixture
def device(operator: Operator, product_key: str) -> NewDevice:
    shown = operator.post(f"/products/{product_key}/devices", {})
    return NewDevice(1, DeviceKey(product_key, shown["device_name"]), shown["device_secret"])


@pytest.fixture(params=["ws", "wss"])
def door(request: pytest.FixtureRequest, server: Server) -> Door:
    """The plain HTTP port, and HTTPS for devices."""
    if request.param == "ws":
        return "ws", Address.parse(server.http.removeprefix("http://")), None
    return "wss", server.device_https, ssl.create_default_context(cafile=str(server.ca_certificate))


class PahoDevice:
    """A device that speaks with Eclipse Paho, on a thread of its own."""

    def __init__(self, device: NewDevice, door: Door, path: str, version: MQTTProtocolVersion) -> None:
        _, address, tls = door
        said = connect_of(device)
        self.answers: Queue[Any] = Queue()
        self.messages: Queue[paho.MQTTMessage] = Queue()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, said.client_id, protocol=version, transport="websockets")
        self.client.ws_set_options(path)
        if tls is not None:
            self.client.tls_set_context(tls)
        assert said.username is not None
        assert said.password is not None
        self.client.username_pw_set(said.username, said.password.decode())
        self.client.on_connect = lambda _client, _data, _flags, reason, _properties: self.answers.put(reason)
        self.client.on_message = lambda _client, _data, message: self.messages.put(message)
        self.client.connect("localhost", address.port, keepalive=60)
        self.client.loop_start()

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.mark.parametrize("version", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])
@pytest.mark.parametrize("path", ["/mqtt", "/"])
def test_a_device_reports_and_is_told_things(
    operator: Operator, device: NewDevice, door: Door, path: str, version: MQTTProtocolVersion
) -> None:
    product_key, name = device.key
    shown = {"product_key": product_key, "device_name": name}
    with closing(PahoDevice(device, door, path, version)) as client:
        assert client.answers.get(timeout=WITHIN_S) == 0
        client.client.subscribe(f"/{product_key}/{name}/user/get", qos=1)
        report = client.client.publish(f"/ota/device/inform/{product_key}/{name}", b'{"params":{"version":"1.0"}}', 1)
        report.wait_for_publish(WITHIN_S)
        assert operator.versions(shown) == {"default": "1.0"}
        assert operator.get(path_of(shown))["address"] == "127.0.0.1"
        operator.send(shown, "get", "x" * 100_000)
        message = client.messages.get(timeout=WITHIN_S)
        assert (message.topic, message.payload) == (f"/{product_key}/{name}/user/get", b"x" * 100_000)


def opened(door: Door, path: str = "/mqtt", subprotocol: str | None = "mqtt", **more: Any) -> ClientConnection:
    """Return a WebSocket on which nothing has been said."""
    scheme, address, tls = door
    offered = [Subprotocol(subprotocol)] if subprotocol else None
    url = f"{scheme}://localhost:{address.port}{path}"
    socket: ClientConnection = connect(url, ssl=tls, subprotocols=offered, **more)
    return socket


def heard(socket: ClientConnection, count: int = 1) -> list[Packet]:
    """Return the next packets, however they are cut into frames."""
    decoder = client_decoder(4)
    packets: list[Packet] = []
    while len(packets) < count:
        received = socket.recv(timeout=WITHIN_S)
        assert isinstance(received, bytes)
        packets += decoder.feed(received)
    return packets


def closed_with(socket: ClientConnection) -> int:
    """Return the code with which the server closes."""
    with pytest.raises(ConnectionClosed) as closed:
        list(iter(lambda: socket.recv(timeout=WITHIN_S), None))
    assert closed.value.rcvd is not None
    return int(closed.value.rcvd.code)


@pytest.mark.parametrize("subprotocol", ["mqtt", "mqttv3.1"])
def test_packets_need_not_keep_to_frames(door: Door, device: NewDevice, subprotocol: str) -> None:
    """MQTT-6.0.0-2."""
    topic = "/ota/device/inform/{}/{}".format(*device.key)
    said = encode(connect_of(device), 4)
    both = encode(Publish(topic, b'{"params":{"version":"1"}}', 1, 7), 4) + encode(PingReq(), 4)
    with opened(door, subprotocol=subprotocol) as socket:
        assert socket.subprotocol == subprotocol
        for at in range(0, len(said), 9):
            socket.send(said[at : at + 9])
        assert heard(socket) == [ConnAck(0)]
        socket.send(b"")
        socket.send([both[:5], both[5:50], both[50:]])
        assert sorted(map(repr, heard(socket, 2))) == sorted(map(repr, [PubAck(7), PingResp()]))


def test_a_client_that_offers_no_mqtt_is_told_what_to_offer(door: Door) -> None:
    for subprotocol in (None, "chat"):
        with pytest.raises(InvalidStatus) as refused:
            opened(door, subprotocol=subprotocol)
        assert refused.value.response.status_code == 400
        assert refused.value.response.body == b"Offer the sub-protocol mqtt."


@pytest.mark.parametrize("path", ["/api/v1/products", "/files/x", "/console", "/mqtt/", "/nowhere"])
def test_there_is_no_other_websocket_for_devices(server: Server, path: str) -> None:
    trust = ssl.create_default_context(cafile=str(server.ca_certificate))
    with pytest.raises(InvalidStatus) as refused:
        opened(("wss", server.device_https, trust), path)
    assert refused.value.response.status_code == 404


def test_text_is_not_mqtt(door: Door) -> None:
    """MQTT-6.0.0-1."""
    with opened(door) as socket:
        socket.send("CONNECT")
        assert closed_with(socket) == 1003


def test_text_that_is_none_is_not_worth_a_traceback(door: Door) -> None:
    with opened(door) as socket:
        socket.send(b"\xff\xfe", text=True)
        assert closed_with(socket) == 1007


def test_a_message_that_is_too_large_is_refused_by_its_head(door: Door, device: NewDevice) -> None:
    with opened(door) as socket:
        socket.send(encode(connect_of(device), 4))
        heard(socket)
        socket.send(bytes(2 * MAX_PACKET_BYTES + 1))
        assert closed_with(socket) == 1009


def test_what_is_not_mqtt_ends_the_connection(door: Door) -> None:
    with opened(door) as socket:
        socket.send(b"GET / HTTP/1.1\r\n\r\n")
        assert closed_with(socket) == 1000


def test_a_wrong_secret_is_answered_before_the_end(door: Door, device: NewDevice) -> None:
    with opened(door) as socket:
        socket.send(encode(connect_of(device, secret="wrong"), 4))
        assert heard(socket) == [ConnAck(4)]
        assert closed_with(socket) == 1000


def test_a_second_login_takes_over(server: Server, door: Door, device: NewDevice) -> None:
    with opened(door) as first, opened(door) as second:
        for socket in (first, second):
            socket.send(encode(connect_of(device), 4))
            assert heard(socket) == [ConnAck(0)]
        assert closed_with(first) == 1000
        second.send(encode(PingReq(), 4))
        assert heard(second) == [PingResp()]


@pytest.mark.parametrize("key", [None, "", "short", "=" * 24])
def test_a_handshake_that_is_none_is_not_worth_a_traceback(server: Server, key: str | None) -> None:
    trust = ssl.create_default_context(cafile=str(server.ca_certificate))
    headers = ["Upgrade: websocket", "Sec-WebSocket-Version: 99"]
    headers += [] if key is None else [f"Sec-WebSocket-Key: {key}"]
    head, _ = ask(server.device_https, trust, "/mqtt", *headers, connection="Upgrade")
    assert head.startswith(("HTTP/1.1 400 ", "HTTP/1.1 426 "))


def test_behind_a_trusted_proxy_the_devices_address_is_its_own(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_server(data, tmp_path / "log", trusted_proxies='["127.0.0.1/32"]') as server:
        operator = Operator(server.http, (data / "first-password.txt").read_text().strip())
        product_key = operator.post("/products", {"name": "Pumps"})["product_key"]
        shown = operator.add_device(product_key, "pump-1")
        device = NewDevice(1, DeviceKey(product_key, "pump-1"), shown["device_secret"])
        door = ("ws", Address.parse(server.http.removeprefix("http://")), None)
        with opened(door, additional_headers={"X-Forwarded-For": "198.51.100.7"}) as socket:
            socket.send(encode(connect_of(device), 4))
            assert heard(socket) == [ConnAck(0)]
            assert operator.get(path_of(shown))["address"] == "198.51.100.7"
        operator.client.close()


def test_a_server_stops_while_devices_are_connected(tmp_path: Path) -> None:
    with ExitStack() as stack:
        with running_server(tmp_path / "data", tmp_path / "log") as server:
            door = ("ws", Address.parse(server.http.removeprefix("http://")), None)
            socket = stack.enter_context(opened(door))
        assert closed_with(socket) == 1012
