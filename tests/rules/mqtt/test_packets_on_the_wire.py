"""Bytes as the standard prints them, and as device SDKs send them."""

import pytest

from linkops.mqtt.decode import client_decoder, server_decoder
from linkops.mqtt.encode import encode
from linkops.mqtt.packets import (
    ConnAck,
    Connect,
    Disconnect,
    PingReq,
    PingResp,
    PubAck,
    Publish,
    SubAck,
    Subscribe,
    Subscription,
    UnsubAck,
    Unsubscribe,
)
from linkops.mqtt.properties import Properties

CONNECT_3_1 = bytes.fromhex("10 0f 0006 4d5149736470 03 02 003c 0001 63")
CONNECT_3_1_1 = bytes.fromhex("10 13 0004 4d515454 04 c2 003c 0001 63 0001 75 0001 70")
CONNECT_5 = bytes.fromhex("10 13 0004 4d515454 05 02 003c 05 11 0000000a 0001 63")


@pytest.mark.parametrize(
    ("sent", "means"),
    [
        (CONNECT_3_1, Connect("c", 3, keep_alive_s=60)),
        (CONNECT_3_1_1, Connect("c", 4, keep_alive_s=60, username="u", password=b"p")),
        (CONNECT_5, Connect("c", 5, keep_alive_s=60, properties=Properties(session_expiry_s=10))),
    ],
)
def test_connect(sent: bytes, means: Connect) -> None:
    assert server_decoder().feed(sent) == [means]
    assert encode(means, means.version) == sent


@pytest.mark.parametrize(
    ("version", "sent", "means"),
    [
        (4, "30 07 0003 61 2f 62 6869", Publish("a/b", b"hi")),
        (4, "3a 09 0003 61 2f 62 0007 6869", Publish("a/b", b"hi", 1, 7, dup=True)),
        (5, "32 08 0001 61 0007 00 6869", Publish("a", b"hi", 1, 7)),
        # The C SDK sends an empty topic and an alias from its second message on.
        (5, "30 08 0000 03 23 0001 6869", Publish("", b"hi", properties=Properties(topic_alias=1))),
        (4, "40 02 0007", PubAck(7)),
        # MQTT 5, section 3.4.2.1: reason and properties may be left out, or the properties alone.
        (5, "40 02 0007", PubAck(7)),
        (5, "40 03 0007 10", PubAck(7, 0x10)),
        (4, "82 06 0001 0001 61 01", Subscribe(1, (Subscription("a", 1),))),
        (5, "82 07 0001 00 0001 61 2d", Subscribe(1, (Subscription("a", 1, True, True, 2),))),
        (4, "a2 05 0001 0001 61", Unsubscribe(1, ("a",))),
        (4, "c0 00", PingReq()),
        (4, "e0 00", Disconnect()),
        (5, "e0 01 04", Disconnect(4)),
    ],
)
def test_what_clients_send(version: int, sent: str, means: object) -> None:
    decoder = server_decoder()
    decoder.feed(CONNECT_5 if version == 5 else CONNECT_3_1_1)
    assert decoder.feed(bytes.fromhex(sent)) == [means]


@pytest.mark.parametrize(
    ("version", "sent", "means"),
    [
        # C SDK 4 wants the CONNACK of 3.1.1 to be exactly this long.
        (4, "20 02 00 00", ConnAck()),
        (4, "20 02 01 00", ConnAck(session_present=True)),
        (5, "20 03 00 87 00", ConnAck(0x87)),
        (5, "20 06 00 00 03 21 00 0a", ConnAck(properties=Properties(receive_maximum=10))),
        (4, "90 04 0001 01 80", SubAck(1, b"\x01\x80")),
        (5, "90 04 0001 00 01", SubAck(1, b"\x01")),
        (4, "b0 02 0001", UnsubAck(1)),
        (5, "b0 04 0001 00 11", UnsubAck(1, b"\x11")),
        (4, "d0 00", PingResp()),
        (5, "e0 01 8b", Disconnect(0x8B)),
    ],
)
def test_what_servers_send(version: int, sent: str, means: object) -> None:
    assert client_decoder(version).feed(bytes.fromhex(sent)) == [means]
    assert encode(means, version) == bytes.fromhex(sent)  # type: ignore[arg-type]  # a packet of each type


def test_a_long_remaining_length_takes_as_many_bytes_as_it_needs() -> None:
    for size, head in ((127, "7f"), (128, "8001"), (16_383, "ff7f"), (16_384, "808001")):
        packet = encode(Publish("t", bytes(size - 3)), 4)
        assert packet[1:].startswith(bytes.fromhex(head))
        assert client_decoder(4).feed(packet) == [Publish("t", bytes(size - 3))]
