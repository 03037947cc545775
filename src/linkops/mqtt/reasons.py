"""Reason codes, and the two ways in which a peer's bytes can be wrong.

The codes are those of MQTT 5 (section 2.4). Older clients hear the nearest of the six return codes of 3.1.1.
"""

from enum import IntEnum


class Reason(IntEnum):
    """Why, as MQTT 5 says it."""

    SUCCESS = 0x00
    GRANTED_QOS_1 = 0x01
    NO_SUBSCRIPTION_EXISTED = 0x11
    UNSPECIFIED = 0x80
    MALFORMED_PACKET = 0x81
    PROTOCOL_ERROR = 0x82
    IMPLEMENTATION_SPECIFIC = 0x83
    UNSUPPORTED_VERSION = 0x84
    CLIENT_ID_NOT_VALID = 0x85
    BAD_USER_OR_PASSWORD = 0x86
    NOT_AUTHORIZED = 0x87
    SERVER_UNAVAILABLE = 0x88
    SERVER_BUSY = 0x89
    BANNED = 0x8A
    SERVER_SHUTTING_DOWN = 0x8B
    BAD_AUTHENTICATION_METHOD = 0x8C
    KEEP_ALIVE_TIMEOUT = 0x8D
    SESSION_TAKEN_OVER = 0x8E
    TOPIC_FILTER_INVALID = 0x8F
    TOPIC_NAME_INVALID = 0x90
    RECEIVE_MAXIMUM_EXCEEDED = 0x93
    TOPIC_ALIAS_INVALID = 0x94
    PACKET_TOO_LARGE = 0x95
    MESSAGE_RATE_TOO_HIGH = 0x96
    QUOTA_EXCEEDED = 0x97
    ADMINISTRATIVE_ACTION = 0x98
    RETAIN_NOT_SUPPORTED = 0x9A
    QOS_NOT_SUPPORTED = 0x9B
    CONNECTION_RATE_EXCEEDED = 0x9F
    SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED = 0xA1


_RETURN_CODES = {
    Reason.SUCCESS: 0,
    Reason.UNSUPPORTED_VERSION: 1,
    Reason.CLIENT_ID_NOT_VALID: 2,
    Reason.SERVER_UNAVAILABLE: 3,
    Reason.SERVER_BUSY: 3,
    Reason.QUOTA_EXCEEDED: 3,
    Reason.CONNECTION_RATE_EXCEEDED: 3,
    Reason.SERVER_SHUTTING_DOWN: 3,
    Reason.BAD_USER_OR_PASSWORD: 4,
}


def return_code(reason: Reason) -> int:
    """Return what a CONNACK of MQTT 3.1.1 (table 3.1) says for ``reason``; 5, not authorized, where nothing fits."""
    return _RETURN_CODES.get(reason, 5)


class PacketError(Exception):
    """The peer's bytes break the protocol; the connection cannot go on.

    Attributes:
        reason: what a DISCONNECT or CONNACK of MQTT 5 would say.
        why: the same in words, for a log; holds nothing that the peer sent.
    """

    def __init__(self, why: str, reason: Reason) -> None:
        super().__init__(why)
        self.why = why
        self.reason = reason


class MalformedPacket(PacketError):  # noqa: N818 - MQTT calls it so
    """Bytes that cannot be read as a packet (MQTT 5, section 4.13.1)."""

    def __init__(self, why: str, reason: Reason = Reason.MALFORMED_PACKET) -> None:
        super().__init__(why, reason)


class ProtocolViolation(PacketError):  # noqa: N818 - the same
    """A packet that can be read but may not be sent, or not now."""

    def __init__(self, why: str, reason: Reason = Reason.PROTOCOL_ERROR) -> None:
        super().__init__(why, reason)
