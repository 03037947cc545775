"""Everything wrong is refused with the reason that MQTT has for it, and before memory is spent on it."""

import tracemalloc

import pytest

from linkops.mqtt.decode import MAX_CONNECT_BYTES, MAX_PACKET_BYTES, Decoder, client_decoder, server_decoder
from linkops.mqtt.encode import encode
from linkops.mqtt.packets import Connect, Publish
from linkops.mqtt.reasons import PacketError, Reason

MALFORMED, PROTOCOL = Reason.MALFORMED_PACKET, Reason.PROTOCOL_ERROR


def connected(version: int) -> Decoder:
    decoder = server_decoder()
    decoder.feed(encode(Connect("c", version), version))
    return decoder


def reason_of(decoder: Decoder, sent: bytes) -> Reason:
    with pytest.raises(PacketError) as refused:
        decoder.feed(sent)
    return refused.value.reason


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("30 03 0001 61", PROTOCOL),  # MQTT-3.1.0-1: the first packet is a CONNECT
        ("c0 00", PROTOCOL),
        ("47 45", PROTOCOL),  # "GE", as in GET: refused before the rest of the line arrives
        ("16 03 01 0200", MALFORMED),  # TLS where TCP is expected
        ("11 0d 0004 4d515454 04 02 003c 0001 63", MALFORMED),  # MQTT-2.2.2-2
        ("10 0d 0004 4d515455 04 02 003c 0001 63", MALFORMED),  # MQTT-3.1.2-1: "MQTU"
        ("10 0d 0004 4d515454 06 02 003c 0001 63", Reason.UNSUPPORTED_VERSION),  # MQTT-3.1.2-2
        ("10 0d 0004 4d515454 84 02 003c 0001 63", Reason.UNSUPPORTED_VERSION),  # a bridge of Mosquitto
        ("10 0f 0006 4d5149736470 04 02 003c 0001 63", Reason.UNSUPPORTED_VERSION),
        ("10 0d 0004 4d515454 04 03 003c 0001 63", MALFORMED),  # MQTT-3.1.2-3: reserved flag
        ("10 0d 0004 4d515454 04 0a 003c 0001 63", MALFORMED),  # MQTT-3.1.2-11: QoS of no will
        ("10 0d 0004 4d515454 04 22 003c 0001 63", MALFORMED),  # MQTT-3.1.2-15: retain of no will
        ("10 13 0004 4d515454 04 1e 003c 0001 63 0001 61 0001 62", MALFORMED),  # MQTT-3.1.2-14: will of QoS 3
        ("10 13 0004 4d515454 04 06 003c 0001 63 0001 2b 0001 62", Reason.TOPIC_NAME_INVALID),  # will on "+"
        ("10 10 0004 4d515454 04 42 003c 0001 63 0001 70", MALFORMED),  # MQTT-3.1.2-22: password only
        ("10 0e 0004 4d515454 04 02 003c 0001 63 00", MALFORMED),  # a byte too many
        ("10 0d 0004 4d515454 04 02 003c 0002 63", MALFORMED),  # the client id runs over the end
        ("10 0d 0004 4d515454 04 02 003c 0001 ff", MALFORMED),  # MQTT-1.5.3-1: not UTF-8
        ("10 0f 0004 4d515454 04 02 003c 0003 eda080", MALFORMED),  # MQTT-1.5.3-1: a surrogate
        ("10 0d 0004 4d515454 04 02 003c 0001 00", MALFORMED),  # MQTT-1.5.3-2: the null character
        ("10 ff ff ff ff", MALFORMED),  # a remaining length of five bytes
    ],
)
def test_first_packets(sent: str, reason: Reason) -> None:
    assert reason_of(server_decoder(), bytes.fromhex(sent)) is reason


@pytest.mark.parametrize(
    ("version", "sent", "reason"),
    [
        (4, "10 0d 0004 4d515454 04 02 003c 0001 63", PROTOCOL),  # MQTT-3.1.0-2: a second CONNECT
        (4, "20 02 0000", PROTOCOL),  # CONNACK, SUBACK, UNSUBACK, PINGRESP are a server's
        (4, "90 03 0001 00", PROTOCOL),
        (4, "b0 02 0001", PROTOCOL),
        (4, "d0 00", PROTOCOL),
        (4, "50 02 0001", PROTOCOL),  # PUBREC, PUBREL, PUBCOMP belong to QoS 2
        (4, "62 02 0001", PROTOCOL),
        (4, "70 02 0001", PROTOCOL),
        (4, "00 00", PROTOCOL),  # types 0 and 15 are reserved in 3.1.1
        (5, "f0 00", PROTOCOL),  # AUTH, which nothing of ours began
        (4, "36 07 0001 61 0001 6869", MALFORMED),  # MQTT-3.3.1-4: QoS 3
        (4, "38 05 0001 61 6869", MALFORMED),  # MQTT-3.3.1-2: a repeated QoS 0
        (4, "30 02 0000", PROTOCOL),  # MQTT-4.7.3-1: an empty topic
        (4, "30 01 00", MALFORMED),
        (4, "30 00", MALFORMED),
        (4, "30 03 0002 61", MALFORMED),
        (4, "32 03 0001 61", MALFORMED),  # no packet identifier
        (4, "32 05 0001 61 0000", MALFORMED),  # MQTT-2.3.1-1
        (4, "30 03 0001 23", Reason.TOPIC_NAME_INVALID),  # MQTT-3.3.2-2: "#"
        (4, "30 05 0003 61 2f 2b", Reason.TOPIC_NAME_INVALID),
        (4, "30 04 0002 61 00", MALFORMED),
        (4, "40 02 0000", MALFORMED),
        (4, "42 02 0001", MALFORMED),
        (4, "40 03 0001 00", MALFORMED),  # a PUBACK of 3.1.1 has no reason
        (4, "80 06 0001 0001 61 01", MALFORMED),  # MQTT-3.8.1-1
        (4, "82 02 0001", PROTOCOL),  # MQTT-3.8.3-3: no filter
        (4, "82 06 0001 0001 61 03", PROTOCOL),  # MQTT-3-8.3-4: QoS 3
        (4, "82 06 0001 0001 61 04", MALFORMED),  # MQTT-3-8.3-4: reserved bits
        (5, "82 07 0001 00 0001 61 40", MALFORMED),
        (5, "82 07 0001 00 0001 61 30", PROTOCOL),  # retain handling 3
        (5, "82 10 0001 00 000a 24 73 68 61 72 65 2f 61 2f 62 04", PROTOCOL),  # no-local, shared
        (4, "82 05 0001 0000 01", MALFORMED),  # MQTT-4.7.3-1: an empty filter
        (4, "a0 05 0001 0001 61", MALFORMED),  # MQTT-3.10.1-1
        (4, "a2 02 0001", PROTOCOL),  # MQTT-3.10.3-2
        (4, "c1 00", MALFORMED),
        (4, "c0 01 00", MALFORMED),
        (4, "e0 01 00", MALFORMED),
        (5, "e0 02 00 01", MALFORMED),  # properties run over the end
    ],
)
def test_later_packets(version: int, sent: str, reason: Reason) -> None:
    assert reason_of(connected(version), bytes.fromhex(sent)) is reason


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ("04 01 00 01 00", PROTOCOL),  # twice the same (MQTT 5, section 2.2.2.2)
        ("02 01 02", PROTOCOL),  # payload format 2
        ("02 7e 00", PROTOCOL),  # unknown
        ("05 11 00000001", PROTOCOL),  # a session expiry in a PUBLISH
        ("02 0b 01", PROTOCOL),  # MQTT-3.3.4-6: a subscription identifier from a client
        ("03 23 0000", Reason.TOPIC_ALIAS_INVALID),  # MQTT-3.3.2-8
        ("04 08 0001 2b", PROTOCOL),  # MQTT-3.3.2-14: a wildcard in the response topic
        ("04 08 0001 ff", MALFORMED),
        ("02 23 00", MALFORMED),  # cut short
        ("05 26 0001 61 00", MALFORMED),
        ("ffffffff 01", MALFORMED),  # a length of five bytes
        ("7f", MALFORMED),
    ],
)
def test_properties_of_a_publish(properties: str, reason: Reason) -> None:
    body = b"\0\1a" + bytes.fromhex(properties)
    assert reason_of(connected(5), b"\x30" + len(body).to_bytes() + body) is reason


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ("03 21 0000", PROTOCOL),  # a Receive Maximum of 0 (MQTT 5, section 3.1.2.11.3)
        ("05 27 00000000", PROTOCOL),  # a Maximum Packet Size of 0 (section 3.1.2.11.4)
        ("02 17 02", PROTOCOL),  # section 3.1.2.11.7
        ("04 16 0001 61", PROTOCOL),  # authentication data without a method (section 3.1.2.11.10)
        ("03 23 0001", PROTOCOL),  # a topic alias in a CONNECT
    ],
)
def test_properties_of_a_connect(properties: str, reason: Reason) -> None:
    body = bytes.fromhex("0004 4d515454 05 02 003c" + properties + "0001 63")
    assert reason_of(server_decoder(), b"\x10" + len(body).to_bytes() + body) is reason


def test_twenty_user_properties_are_taken_and_no_more() -> None:
    pair = bytes.fromhex("26 0001 61 0001 62")
    for count, fits in ((20, True), (21, False)):
        body = b"\0\1a" + bytes([0x80 | (7 * count & 0x7F), 7 * count >> 7]) + pair * count
        packet = b"\x30" + bytes([0x80 | (len(body) & 0x7F), len(body) >> 7]) + body
        if fits:
            (publish,) = connected(5).feed(packet)
            assert isinstance(publish, Publish)
            assert publish.properties.user_properties == (("a", "b"),) * 20
        else:
            assert reason_of(connected(5), packet) is Reason.QUOTA_EXCEEDED


def test_a_server_says_disconnect_only_in_mqtt_5() -> None:
    assert reason_of(client_decoder(4), b"\xe0\x00") is PROTOCOL


@pytest.mark.parametrize("over", [0, 1])
def test_the_size_limit_is_exact(over: int) -> None:
    packet = encode(Publish("t", bytes(MAX_PACKET_BYTES - 7 + over)), 4)
    assert len(packet) == MAX_PACKET_BYTES + over
    if over:
        assert reason_of(connected(4), packet) is Reason.PACKET_TOO_LARGE
    else:
        assert connected(4).feed(packet) == [Publish("t", bytes(MAX_PACKET_BYTES - 7))]


def test_a_stranger_may_not_send_a_large_first_packet() -> None:
    assert reason_of(server_decoder(), b"\x10\x81\x80\x01") is Reason.PACKET_TOO_LARGE
    assert MAX_CONNECT_BYTES == 16_384


def test_a_length_that_is_announced_takes_no_memory_until_it_arrives() -> None:
    tracemalloc.start()
    decoders = [connected(4) for _ in range(100)]
    before, _ = tracemalloc.get_traced_memory()
    for decoder in decoders:
        assert decoder.feed(b"\x30\xf0\xff\x0f" + bytes(10)) == []
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 100 * 1_000


def test_a_packet_that_comes_byte_by_byte_costs_linear_time() -> None:
    packet = encode(Publish("t", bytes(200_000)), 4)
    decoder = connected(4)
    arrived = [one for at in range(len(packet)) for one in decoder.feed(packet[at : at + 1])]
    assert arrived == [Publish("t", bytes(200_000))]
