"""Packets to bytes, for either end of a connection."""

from collections.abc import Callable
from typing import Any

from linkops.mqtt import wire
from linkops.mqtt.packets import (
    MQTT_3_1,
    MQTT_5,
    ConnAck,
    Connect,
    Disconnect,
    Packet,
    PingReq,
    PingResp,
    PubAck,
    Publish,
    SubAck,
    Subscribe,
    Subscription,
    UnsubAck,
    Unsubscribe,
    Will,
)
from linkops.mqtt.properties import NO_PROPERTIES, Properties, encode_properties

_PUBACK = b"\x40\x02"


def encode(packet: Packet, version: int) -> bytes:
    """Return the bytes of ``packet`` for protocol level ``version``.

    Raises:
        ValueError: a field is longer than MQTT can say.
    """
    if isinstance(packet, Publish):
        return encode_publish(packet, version)
    first, write = _WRITERS[type(packet)]
    return _framed(first, write(packet, version))


def encode_publish(packet: Publish, version: int) -> bytes:
    """Return the bytes of ``packet``."""
    first = 0x30 | packet.dup << 3 | packet.qos << 1 | packet.retain
    head = wire.text(packet.topic)
    if packet.qos:
        head += wire.u16(packet.packet_id)
    if version == MQTT_5:
        head += encode_properties(packet.properties)
    return b"%c%b%b%b" % (first, wire.varint(len(head) + len(packet.payload)), head, packet.payload)


def encode_puback(packet_id: int) -> bytes:
    """Return a PUBACK that says success, which is the same in every version (MQTT 5, section 3.4.2.1)."""
    return _PUBACK + packet_id.to_bytes(2)


def _framed(first: int, body: bytes) -> bytes:
    return b"%c%b%b" % (first, wire.varint(len(body)), body)


def _connect(packet: Connect, version: int) -> bytes:
    will = packet.will
    flags = (
        packet.clean_start << 1
        | (will is not None and (4 | will.qos << 3 | will.retain << 5))
        | (packet.password is not None) << 6
        | (packet.username is not None) << 7
    )
    parts = [
        wire.text("MQIsdp" if version == MQTT_3_1 else "MQTT"),
        bytes((version, flags)),
        wire.u16(packet.keep_alive_s),
        _properties(packet.properties, version),
        wire.text(packet.client_id),
        b"" if will is None else _will(will, version),
        b"" if packet.username is None else wire.text(packet.username),
        b"" if packet.password is None else wire.binary(packet.password),
    ]
    return b"".join(parts)


def _will(will: Will, version: int) -> bytes:
    return _properties(will.properties, version) + wire.text(will.topic) + wire.binary(will.payload)


def _connack(packet: ConnAck, version: int) -> bytes:
    return bytes((packet.session_present, packet.reason)) + _properties(packet.properties, version)


def _puback(packet: PubAck, version: int) -> bytes:
    return wire.u16(packet.packet_id) + _reason(packet.reason, packet.properties, version)


def _subscribe(packet: Subscribe, version: int) -> bytes:
    subscriptions = b"".join(map(_subscription, packet.subscriptions))
    return wire.u16(packet.packet_id) + _properties(packet.properties, version) + subscriptions


def _subscription(one: Subscription) -> bytes:
    options = one.qos | one.no_local << 2 | one.retain_as_published << 3 | one.retain_handling << 4
    return wire.text(one.topic_filter) + options.to_bytes(1)


def _suback(packet: SubAck, version: int) -> bytes:
    return wire.u16(packet.packet_id) + _properties(packet.properties, version) + packet.reasons


def _unsubscribe(packet: Unsubscribe, version: int) -> bytes:
    topic_filters = b"".join(map(wire.text, packet.topic_filters))
    return wire.u16(packet.packet_id) + _properties(packet.properties, version) + topic_filters


def _unsuback(packet: UnsubAck, version: int) -> bytes:
    if version != MQTT_5:
        return wire.u16(packet.packet_id)
    return wire.u16(packet.packet_id) + encode_properties(packet.properties) + packet.reasons


def _disconnect(packet: Disconnect, version: int) -> bytes:
    return _reason(packet.reason, packet.properties, version)


def _nothing(_packet: PingReq | PingResp, _version: int) -> bytes:
    return b""


def _properties(properties: Properties, version: int) -> bytes:
    return encode_properties(properties) if version == MQTT_5 else b""


def _reason(reason: int, properties: Properties, version: int) -> bytes:
    """Return reason and properties as short as they may be; an empty list of properties is left out."""
    if version != MQTT_5 or (reason == 0 and properties == NO_PROPERTIES):
        return b""
    return reason.to_bytes(1) + (b"" if properties == NO_PROPERTIES else encode_properties(properties))


_WRITERS: dict[type, tuple[int, Callable[[Any, int], bytes]]] = {
    Connect: (0x10, _connect),
    ConnAck: (0x20, _connack),
    PubAck: (0x40, _puback),
    Subscribe: (0x82, _subscribe),
    SubAck: (0x90, _suback),
    Unsubscribe: (0xA2, _unsubscribe),
    UnsubAck: (0xB0, _unsuback),
    PingReq: (0xC0, _nothing),
    PingResp: (0xD0, _nothing),
    Disconnect: (0xE0, _disconnect),
}
