"""The properties of MQTT 5 (section 2.2.2): which exist, where they are legal, and their bytes."""

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from linkops.mqtt import wire
from linkops.mqtt.reasons import MalformedPacket, ProtocolViolation, Reason
from linkops.mqtt.wire import Reader

MAX_USER_PROPERTIES = 20
"""More in one packet are refused."""

CONNECT, CONNACK, PUBLISH, PUBACK = 1, 2, 3, 4
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK = 8, 9, 10, 11
DISCONNECT, WILL = 14, 0
"""Where properties stand: the packet types, and the will inside a CONNECT."""

Value: TypeAlias = int | str | bytes | tuple[str, str]


class Properties(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The properties of one packet; None is absent."""

    payload_format: int | None = None
    message_expiry_s: int | None = None
    content_type: str | None = None
    response_topic: str | None = None
    correlation: bytes | None = None
    subscription_id: int | None = None
    session_expiry_s: int | None = None
    assigned_client_id: str | None = None
    server_keep_alive_s: int | None = None
    authentication_method: str | None = None
    authentication_data: bytes | None = None
    request_problem_information: int | None = None
    will_delay_s: int | None = None
    request_response_information: int | None = None
    response_information: str | None = None
    server_reference: str | None = None
    reason_string: str | None = None
    receive_maximum: int | None = None
    topic_alias_maximum: int | None = None
    topic_alias: int | None = None
    maximum_qos: int | None = None
    retain_available: int | None = None
    user_properties: tuple[tuple[str, str], ...] = ()
    maximum_packet_bytes: int | None = None
    wildcards_available: int | None = None
    subscription_ids_available: int | None = None
    shared_available: int | None = None


NO_PROPERTIES = Properties()


class _Kind(msgspec.Struct, frozen=True):
    """A data type: how it is read and written."""

    read: Callable[[Reader], Value]
    write: Callable[[Any], bytes]


class _Rule(msgspec.Struct, frozen=True):
    """One property: its name in `Properties`, its data type, and where it is legal."""

    name: str
    kind: _Kind
    legal: frozenset[int]


def _read_flag(reader: Reader) -> int:
    flag = reader.u8()
    if flag > 1:
        raise ProtocolViolation("a property that may only be 0 or 1")
    return flag


def _read_positive(read: Callable[[Reader], int], reason: Reason = Reason.PROTOCOL_ERROR) -> Callable[[Reader], int]:
    def read_positive(reader: Reader) -> int:
        value = read(reader)
        if value == 0:
            raise ProtocolViolation("a property that may not be 0", reason)
        return value

    return read_positive


def _read_pair(reader: Reader) -> tuple[str, str]:
    return reader.text(), reader.text()


def _write_pair(pair: tuple[str, str]) -> bytes:
    return wire.text(pair[0]) + wire.text(pair[1])


def _write_u8(value: int) -> bytes:
    return value.to_bytes(1)


_FLAG = _Kind(_read_flag, _write_u8)
_U16 = _Kind(Reader.u16, wire.u16)
_U16_POSITIVE = _Kind(_read_positive(Reader.u16), wire.u16)
_ALIAS = _Kind(_read_positive(Reader.u16, Reason.TOPIC_ALIAS_INVALID), wire.u16)
_U32 = _Kind(Reader.u32, wire.u32)
_U32_POSITIVE = _Kind(_read_positive(Reader.u32), wire.u32)
_VARINT_POSITIVE = _Kind(_read_positive(Reader.varint), wire.varint)
_TEXT = _Kind(Reader.text, wire.text)
_BINARY = _Kind(Reader.binary, wire.binary)
_PAIR = _Kind(_read_pair, _write_pair)


def _rule(name: str, kind: _Kind, *legal: int) -> _Rule:
    return _Rule(name, kind, frozenset(legal))


_USER_PROPERTY = 0x26
_ANYWHERE = (CONNECT, CONNACK, PUBLISH, WILL, PUBACK, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, DISCONNECT)

# MQTT 5, table 2-4. A subscription identifier in a PUBLISH is left out: only a server sends it, and ours has none.
_RULES = {
    0x01: _rule("payload_format", _FLAG, PUBLISH, WILL),
    0x02: _rule("message_expiry_s", _U32, PUBLISH, WILL),
    0x03: _rule("content_type", _TEXT, PUBLISH, WILL),
    0x08: _rule("response_topic", _TEXT, PUBLISH, WILL),
    0x09: _rule("correlation", _BINARY, PUBLISH, WILL),
    0x0B: _rule("subscription_id", _VARINT_POSITIVE, SUBSCRIBE),
    0x11: _rule("session_expiry_s", _U32, CONNECT, CONNACK, DISCONNECT),
    0x12: _rule("assigned_client_id", _TEXT, CONNACK),
    0x13: _rule("server_keep_alive_s", _U16, CONNACK),
    0x15: _rule("authentication_method", _TEXT, CONNECT, CONNACK),
    0x16: _rule("authentication_data", _BINARY, CONNECT, CONNACK),
    0x17: _rule("request_problem_information", _FLAG, CONNECT),
    0x18: _rule("will_delay_s", _U32, WILL),
    0x19: _rule("request_response_information", _FLAG, CONNECT),
    0x1A: _rule("response_information", _TEXT, CONNACK),
    0x1C: _rule("server_reference", _TEXT, CONNACK, DISCONNECT),
    0x1F: _rule("reason_string", _TEXT, CONNACK, PUBACK, SUBACK, UNSUBACK, DISCONNECT),
    0x21: _rule("receive_maximum", _U16_POSITIVE, CONNECT, CONNACK),
    0x22: _rule("topic_alias_maximum", _U16, CONNECT, CONNACK),
    0x23: _rule("topic_alias", _ALIAS, PUBLISH),
    0x24: _rule("maximum_qos", _FLAG, CONNACK),
    0x25: _rule("retain_available", _FLAG, CONNACK),
    _USER_PROPERTY: _rule("user_properties", _PAIR, *_ANYWHERE),
    0x27: _rule("maximum_packet_bytes", _U32_POSITIVE, CONNECT, CONNACK),
    0x28: _rule("wildcards_available", _FLAG, CONNACK),
    0x29: _rule("subscription_ids_available", _FLAG, CONNACK),
    0x2A: _rule("shared_available", _FLAG, CONNACK),
}


def decode_properties(reader: Reader, place: int) -> Properties:
    """Return the properties that stand next in ``reader``, including their length.

    Raises:
        PacketError: a property that is unknown, not legal at ``place``, there twice, or over a limit.
    """
    length = reader.varint()
    if length == 0:
        return NO_PROPERTIES
    stop = reader.at + length
    if stop > reader.stop:
        raise MalformedPacket("properties run over the end of their packet")
    inner = Reader(reader.content, reader.at, stop)
    reader.at = stop
    return _collect(inner, place)


def _collect(reader: Reader, place: int) -> Properties:
    found: dict[str, Any] = {}
    pairs: list[tuple[str, str]] = []
    while not reader.empty:
        identifier = reader.varint()
        rule = _RULES.get(identifier)
        if rule is None or place not in rule.legal:
            raise ProtocolViolation("a property that is unknown or not legal here")
        if identifier == _USER_PROPERTY:
            _add_pair(pairs, reader)
        elif rule.name in found:
            raise ProtocolViolation("a property that may stand only once")
        else:
            found[rule.name] = rule.kind.read(reader)
    if "authentication_data" in found and "authentication_method" not in found:
        raise ProtocolViolation("authentication data without a method")
    return Properties(**found, user_properties=tuple(pairs))


def _add_pair(pairs: list[tuple[str, str]], reader: Reader) -> None:
    if len(pairs) == MAX_USER_PROPERTIES:
        raise ProtocolViolation("too many user properties", Reason.QUOTA_EXCEEDED)
    pairs.append(_read_pair(reader))


def encode_properties(properties: Properties) -> bytes:
    """Return ``properties`` with their length."""
    if properties is NO_PROPERTIES:
        return b"\x00"
    parts: list[bytes] = []
    for identifier, rule in _RULES.items():
        value = getattr(properties, rule.name)
        if value is None:
            continue
        for one in value if identifier == _USER_PROPERTY else (value,):
            parts += (identifier.to_bytes(1), rule.kind.write(one))
    encoded = b"".join(parts)
    return wire.varint(len(encoded)) + encoded
