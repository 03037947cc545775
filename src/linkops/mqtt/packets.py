"""What a control packet says, the same for every version of MQTT (chapter 3).

``properties`` stay empty and ``reason`` stays SUCCESS where a version has none. Packets of QoS 2 and AUTH are missing
on purpose: neither end of LinkOps takes part in them.
"""

from typing import Final, TypeAlias

import msgspec

from linkops.mqtt.properties import NO_PROPERTIES, Properties

MQTT_3_1: Final = 3
MQTT_3_1_1: Final = 4
MQTT_5: Final = 5


class Will(msgspec.Struct, frozen=True, gc=False):
    """The message that a client leaves for the case of its death."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    properties: Properties = NO_PROPERTIES


class Connect(msgspec.Struct, frozen=True, gc=False):
    """CONNECT: a client introduces itself. ``version`` is the protocol level: 3, 4 or 5."""

    client_id: str
    version: int = MQTT_3_1_1
    clean_start: bool = True
    keep_alive_s: int = 0
    username: str | None = None
    password: bytes | None = None
    will: Will | None = None
    properties: Properties = NO_PROPERTIES


class ConnAck(msgspec.Struct, frozen=True, gc=False):
    """CONNACK: ``reason`` is a return code (0 to 5) up to MQTT 3.1.1, a reason code in MQTT 5."""

    reason: int = 0
    session_present: bool = False
    properties: Properties = NO_PROPERTIES


class Publish(msgspec.Struct, frozen=True, gc=False):
    """PUBLISH: an application message. ``packet_id`` is 0 where QoS is 0."""

    topic: str
    payload: bytes
    qos: int = 0
    packet_id: int = 0
    retain: bool = False
    dup: bool = False
    properties: Properties = NO_PROPERTIES


class PubAck(msgspec.Struct, frozen=True, gc=False):
    """PUBACK: a message of QoS 1 arrived."""

    packet_id: int
    reason: int = 0
    properties: Properties = NO_PROPERTIES


class Subscription(msgspec.Struct, frozen=True, gc=False):
    """One topic filter of a SUBSCRIBE and what is wanted of it."""

    topic_filter: str
    qos: int = 0
    no_local: bool = False
    retain_as_published: bool = False
    retain_handling: int = 0


class Subscribe(msgspec.Struct, frozen=True, gc=False):
    """SUBSCRIBE: never without a filter."""

    packet_id: int
    subscriptions: tuple[Subscription, ...]
    properties: Properties = NO_PROPERTIES


class SubAck(msgspec.Struct, frozen=True, gc=False):
    """SUBACK: one code for each filter, in their order."""

    packet_id: int
    reasons: bytes
    properties: Properties = NO_PROPERTIES


class Unsubscribe(msgspec.Struct, frozen=True, gc=False):
    """UNSUBSCRIBE: never without a filter."""

    packet_id: int
    topic_filters: tuple[str, ...]
    properties: Properties = NO_PROPERTIES


class UnsubAck(msgspec.Struct, frozen=True, gc=False):
    """UNSUBACK: one code for each filter in MQTT 5, none before."""

    packet_id: int
    reasons: bytes = b""
    properties: Properties = NO_PROPERTIES


class PingReq(msgspec.Struct, frozen=True, gc=False):
    """PINGREQ."""


class PingResp(msgspec.Struct, frozen=True, gc=False):
    """PINGRESP."""


class Disconnect(msgspec.Struct, frozen=True, gc=False):
    """DISCONNECT: from the server only in MQTT 5."""

    reason: int = 0
    properties: Properties = NO_PROPERTIES


Packet: TypeAlias = (
    Connect | ConnAck | Publish | PubAck | Subscribe | SubAck | Unsubscribe | UnsubAck | PingReq | PingResp | Disconnect
)
