"""What MQTT allows and our server does not offer, or only so much of (docs/protocol/device-protocol.md#connect)."""

from linkops.mqtt.packets import MQTT_5, Connect, Subscribe, Unsubscribe
from linkops.mqtt.reasons import ProtocolViolation, Reason

MAX_FILTERS = 100
"""Filters in one SUBSCRIBE or UNSUBSCRIBE."""


def check_connect(connect: Connect) -> None:
    """Let a CONNECT ask for nothing that there is not.

    Before MQTT 5 a will is accepted and dropped, since those versions have no way to say that there is none.

    Raises:
        ProtocolViolation: with the reason that the client is told.
    """
    if not connect.client_id and connect.version != MQTT_5 and not connect.clean_start:
        raise ProtocolViolation(
            "a lasting session of a client without identifier (MQTT-3.1.3-8)", Reason.CLIENT_ID_NOT_VALID
        )
    if connect.properties.authentication_method is not None:
        raise ProtocolViolation("extended authentication", Reason.BAD_AUTHENTICATION_METHOD)
    if connect.will is not None and connect.version == MQTT_5:
        if connect.will.retain:
            raise ProtocolViolation("a will to be retained", Reason.RETAIN_NOT_SUPPORTED)
        raise ProtocolViolation(
            "a will", Reason.QOS_NOT_SUPPORTED if connect.will.qos == 2 else Reason.IMPLEMENTATION_SPECIFIC
        )


def check_filters(packet: Subscribe | Unsubscribe) -> None:
    """Let a packet name no more filters than we look at at once.

    Raises:
        ProtocolViolation: too many, or a subscription identifier.
    """
    if isinstance(packet, Subscribe):
        count = len(packet.subscriptions)
        if packet.properties.subscription_id is not None:
            raise ProtocolViolation("a subscription identifier", Reason.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED)
    else:
        count = len(packet.topic_filters)
    if count > MAX_FILTERS:
        raise ProtocolViolation("too many topic filters in one packet", Reason.QUOTA_EXCEEDED)
