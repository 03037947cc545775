"""Where a device connects, and that it is to ask again (docs/protocol/device-protocol.md#bootstrap)."""

import msgspec

from linkops.alink.jsontext import encode
from linkops.alink.messages import OK, PARAMETER_ERROR

ASK_AGAIN = 0


class MqttDoor(msgspec.Struct, frozen=True):
    """The MQTT door: a host, a port, and the host's address or '' where only its name is known."""

    host: str
    port: int
    ip: str


class _Resources(msgspec.Struct):
    mqtt: MqttDoor


class _Found(msgspec.Struct):
    resources: _Resources


class _Answer(msgspec.Struct):
    code: int
    data: _Found


class _Refusal(msgspec.Struct):
    code: int
    message: str


class _Notice(msgspec.Struct):
    id: str
    cmd: int


def write_resources(mqtt: MqttDoor) -> bytes:
    """Return the answer to a device that asked."""
    return encode(_Answer(OK, _Found(_Resources(mqtt))))


def write_no_resources() -> bytes:
    """Return the answer to who asked wrongly."""
    return encode(_Refusal(PARAMETER_ERROR, "request parameter error"))


def write_ask_again(message_id: str) -> bytes:
    """Return the message that lets a device ask again where to connect."""
    return encode(_Notice(message_id, ASK_AGAIN))
