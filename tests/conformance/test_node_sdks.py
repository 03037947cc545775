"""Devices on the official Node SDKs, unmodified, against the server."""

import pytest

from tests.conformance.conftest import StartDevice, Way
from tests.support.operator import Operator
from tests.support.server import Server


def test_custom_messages_both_ways(operator: Operator, node_device: StartDevice, way: Way, product_key: str) -> None:
    device = operator.add_device(product_key, "lamp-1")
    operator.keep_messages(device)
    lamp = node_device({**way, **device})
    lamp.wait_for("connected")
    lamp.wait_for("subscribed", error=None)
    lamp.wait_for("acknowledged", payload="hello", error=None)

    operator.send(device, "get", "how are you?")

    lamp.wait_for("message", topic=f"/{product_key}/lamp-1/user/get", payload="how are you?")
    lamp.wait_for("acknowledged", payload="echo how are you?", error=None)
    heard = [message["payload"] for message in operator.messages(device) if message["topic"].endswith("/user/update")]
    assert heard == ["hello", "echo how are you?"]


def test_subscriptions_of_the_sdk_itself_do_not_end_the_connection(
    operator: Operator, node_device: StartDevice, way: Way, product_key: str
) -> None:
    device = operator.add_device(product_key, "lamp-1")
    lamp = node_device({**way, **device})
    lamp.wait_for("connected")
    lamp.wait_for("subscribed", error=None)

    operator.send(device, "get", "still there?")
    lamp.wait_for("acknowledged", payload="echo still there?")

    told = lamp.stop()
    assert not [event for event in told if event["event"] in {"closed", "error"}]
    granted = [event["codes"] for event in told if event["event"] == "granted"]
    # 16 topics of the newer SDK, 11 of the older one, and our own; gateway topics are among them.
    assert len(granted) in {12, 17}


@pytest.mark.parametrize("path", ["/", "/mqtt"])
def test_over_websocket(
    server: Server, operator: Operator, node_device: StartDevice, product_key: str, path: str
) -> None:
    device = operator.add_device(product_key, "lamp-1")
    url = f"wss://localhost:{server.device_https.port}{path}"
    lamp = node_device({"url": url, "ca": str(server.ca_certificate), **device})
    lamp.wait_for("connected")
    lamp.wait_for("acknowledged", payload="hello", error=None)
    operator.send(device, "get", "how are you?")
    lamp.wait_for("acknowledged", payload="echo how are you?", error=None)
