"""How each packet is read: a table for each sender, from the packet type to the function that reads its body."""

from collections.abc import Callable
from typing import TypeAlias

from linkops.mqtt import properties as places
from linkops.mqtt.packets import (
    MQTT_3_1,
    MQTT_3_1_1,
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
from linkops.mqtt.properties import NO_PROPERTIES, Properties, decode_properties
from linkops.mqtt.reasons import MalformedPacket, ProtocolViolation, Reason
from linkops.mqtt.topics import is_topic_name
from linkops.mqtt.wire import Reader, utf8

_PROTOCOLS = {("MQIsdp", 3): MQTT_3_1, ("MQTT", 4): MQTT_3_1_1, ("MQTT", 5): MQTT_5}

Parser: TypeAlias = Callable[[bytes, int, int, int, int], Packet]
"""Takes the bytes, the flags of the fixed header, where the body starts and stops, and the version."""

Parsers: TypeAlias = tuple[Parser | None, ...]
"""The parser for each packet type; None where the sender may not send it (now)."""


def parse_publish(content: bytes, flags: int, at: int, stop: int, version: int) -> Publish:
    """Read a PUBLISH; the hot path, so it does without a `Reader` where it can.

    Raises:
        PacketError: the packet is wrong.
    """
    qos = flags >> 1 & 3
    topic_at = at + 2
    after = topic_at + (content[at] << 8 | content[at + 1]) if topic_at <= stop else stop + 1
    body = after + 2 if qos else after
    if body > stop or qos == 3:
        raise MalformedPacket("a PUBLISH too short for its topic, or of QoS 3 (MQTT-3.3.1-4)")
    topic = utf8(content[topic_at:after])
    if "#" in topic or "+" in topic:
        raise ProtocolViolation("a wildcard in a topic name (MQTT-3.3.2-2)", Reason.TOPIC_NAME_INVALID)
    packet_id = content[after] << 8 | content[after + 1] if qos else 0
    if qos and not packet_id:
        raise MalformedPacket("packet identifier zero (MQTT-2.3.1-1)")
    if not qos and flags & 8:
        raise MalformedPacket("a repeated PUBLISH of QoS 0 (MQTT-3.3.1-2)")
    properties = NO_PROPERTIES
    if version == MQTT_5:
        properties, body = _publish_properties(content, body, stop)
    if not topic and properties.topic_alias is None:
        raise ProtocolViolation("an empty topic name (MQTT-4.7.3-1)")
    return Publish(topic, content[body:stop], qos, packet_id, flags & 1 == 1, flags & 8 == 8, properties)


def _publish_properties(content: bytes, at: int, stop: int) -> tuple[Properties, int]:
    """Return the properties and where the payload starts."""
    if at < stop and content[at] == 0:
        return NO_PROPERTIES, at + 1
    reader = Reader(content, at, stop)
    properties = decode_properties(reader, places.PUBLISH)
    if properties.response_topic is not None and not is_topic_name(properties.response_topic):
        raise ProtocolViolation("a response topic with wildcards (MQTT-3.3.2-14)")
    return properties, reader.at


def _connect(reader: Reader, _: int) -> Connect:
    version = _protocol(reader)
    flags = reader.u8()
    if flags & 1 and version != MQTT_3_1:
        raise MalformedPacket("the reserved flag of a CONNECT (MQTT-3.1.2-3)")
    if flags & 0x40 and not flags & 0x80 and version == MQTT_3_1_1:
        raise MalformedPacket("a password without a user name (MQTT-3.1.2-22)")
    keep_alive_s = reader.u16()
    properties = _properties(reader, version, places.CONNECT)
    client_id = reader.text()
    will = _will(reader, flags, version)
    username = reader.text() if flags & 0x80 else None
    password = reader.binary() if flags & 0x40 else None
    return Connect(client_id, version, flags & 2 == 2, keep_alive_s, username, password, will, properties)


def _protocol(reader: Reader) -> int:
    name, level = reader.text(), reader.u8()
    if name not in {"MQTT", "MQIsdp"}:
        raise MalformedPacket("a protocol name that is not MQTT's (MQTT-3.1.2-1)")
    version = _PROTOCOLS.get((name, level))
    if version is None:
        raise ProtocolViolation("a protocol level that is not spoken here (MQTT-3.1.2-2)", Reason.UNSUPPORTED_VERSION)
    return version


def _will(reader: Reader, flags: int, version: int) -> Will | None:
    qos, retain = flags >> 3 & 3, flags & 0x20 == 0x20
    if not flags & 4:
        if qos or retain:
            raise MalformedPacket("the flags of a will without a will (MQTT-3.1.2-11)")
        return None
    if qos == 3:
        raise MalformedPacket("a will of QoS 3 (MQTT-3.1.2-14)")
    properties = _properties(reader, version, places.WILL)
    topic = reader.text()
    if not is_topic_name(topic):
        raise ProtocolViolation("a will on what is not a topic name", Reason.TOPIC_NAME_INVALID)
    return Will(topic, reader.binary(), qos, retain, properties)


def _connack(reader: Reader, version: int) -> ConnAck:
    flags = reader.u8()
    if flags > 1:
        raise MalformedPacket("reserved flags in a CONNACK")
    return ConnAck(reader.u8(), flags == 1, _properties(reader, version, places.CONNACK))


def _puback(reader: Reader, version: int) -> PubAck:
    packet_id = reader.packet_id()
    if reader.empty:
        return PubAck(packet_id)
    return PubAck(packet_id, *_reason(reader, version, places.PUBACK))


def _subscribe(reader: Reader, version: int) -> Subscribe:
    packet_id = reader.packet_id()
    properties = _properties(reader, version, places.SUBSCRIBE)
    subscriptions = []
    while not reader.empty:
        subscriptions.append(_subscription(reader, version))
    if not subscriptions:
        raise ProtocolViolation("a SUBSCRIBE without a topic filter (MQTT-3.8.3-3)")
    return Subscribe(packet_id, tuple(subscriptions), properties)


def _subscription(reader: Reader, version: int) -> Subscription:
    topic_filter, options = _filter(reader), reader.u8()
    if options > (0x3F if version == MQTT_5 else 3):
        raise MalformedPacket("reserved bits in the options of a subscription (MQTT-3.8.3-4)")
    qos, retain_handling, no_local = options & 3, options >> 4, options & 4 == 4
    if qos == 3 or retain_handling == 3:
        raise ProtocolViolation("options of a subscription that do not exist (MQTT-3.8.3-4)")
    if no_local and topic_filter.startswith("$share/"):
        raise ProtocolViolation("no-local on a shared subscription (MQTT-3.8.3-4)")
    return Subscription(topic_filter, qos, no_local, options & 8 == 8, retain_handling)


def _filter(reader: Reader) -> str:
    topic_filter = reader.text()
    if not topic_filter:
        raise MalformedPacket("an empty topic filter (MQTT-4.7.3-1)")
    return topic_filter


def _suback(reader: Reader, version: int) -> SubAck:
    packet_id = reader.packet_id()
    properties = _properties(reader, version, places.SUBACK)
    return SubAck(packet_id, reader.rest(), properties)


def _unsubscribe(reader: Reader, version: int) -> Unsubscribe:
    packet_id = reader.packet_id()
    properties = _properties(reader, version, places.UNSUBSCRIBE)
    topic_filters = []
    while not reader.empty:
        topic_filters.append(_filter(reader))
    if not topic_filters:
        raise ProtocolViolation("an UNSUBSCRIBE without a topic filter (MQTT-3.10.3-2)")
    return Unsubscribe(packet_id, tuple(topic_filters), properties)


def _unsuback(reader: Reader, version: int) -> UnsubAck:
    packet_id = reader.packet_id()
    if version != MQTT_5:
        return UnsubAck(packet_id)
    properties = decode_properties(reader, places.UNSUBACK)
    return UnsubAck(packet_id, reader.rest(), properties)


def _pingreq(_reader: Reader, _version: int) -> PingReq:
    return PingReq()


def _pingresp(_reader: Reader, _version: int) -> PingResp:
    return PingResp()


def _disconnect(reader: Reader, version: int) -> Disconnect:
    if reader.empty:
        return Disconnect()
    return Disconnect(*_reason(reader, version, places.DISCONNECT))


def _server_disconnect(reader: Reader, version: int) -> Disconnect:
    if version != MQTT_5:
        raise ProtocolViolation("a DISCONNECT from a server before MQTT 5")
    return _disconnect(reader, version)


def _reason(reader: Reader, version: int, place: int) -> tuple[int, Properties]:
    """Return the reason code and the properties, which may be left out at the end (MQTT 5, section 3.14.2.2)."""
    if version != MQTT_5:
        raise MalformedPacket("a packet longer than this version of MQTT has it")
    reason = reader.u8()
    return reason, NO_PROPERTIES if reader.empty else decode_properties(reader, place)


def _properties(reader: Reader, version: int, place: int) -> Properties:
    return decode_properties(reader, place) if version == MQTT_5 else NO_PROPERTIES


def _whole(parse: Callable[[Reader, int], Packet], flags_wanted: int = 0) -> Parser:
    """Return a parser that also refuses reserved flags (MQTT-2.2.2-2) and bytes after the end of the packet."""

    def parse_whole(content: bytes, flags: int, at: int, stop: int, version: int) -> Packet:
        if flags != flags_wanted:
            raise MalformedPacket("reserved flags in a fixed header (MQTT-2.2.2-2)")
        reader = Reader(content, at, stop)
        packet = parse(reader, version)
        if not reader.empty:
            raise MalformedPacket("bytes after the end of a packet's fields")
        return packet

    return parse_whole


def _table(parsers: dict[int, Parser]) -> Parsers:
    return tuple(parsers.get(packet_type) for packet_type in range(16))


FIRST_FROM_CLIENT = _table({1: _whole(_connect)})
"""A connection begins with a CONNECT (MQTT-3.1.0-1)."""

FROM_CLIENT = _table(
    {
        3: parse_publish,
        4: _whole(_puback),
        8: _whole(_subscribe, 2),
        10: _whole(_unsubscribe, 2),
        12: _whole(_pingreq),
        14: _whole(_disconnect),
    }
)
"""After that: no second CONNECT (MQTT-3.1.0-2), nothing of QoS 2, no AUTH, nothing that only servers send."""

FROM_SERVER = _table(
    {
        2: _whole(_connack),
        3: parse_publish,
        4: _whole(_puback),
        9: _whole(_suback),
        11: _whole(_unsuback),
        13: _whole(_pingresp),
        14: _whole(_server_disconnect),
    }
)
