"""The envelope of requests and replies (docs/protocol/device-protocol.md#envelope)."""

from typing import Any, NamedTuple

import msgspec

from linkops.alink.jsontext import Malformed, decode, encode

OK = 200
PARAMETER_ERROR = 460
"""Also the code that answers a payload that cannot be read."""

MAX_ID_CHARS = 512
"""Node's SDK puts a topic into its ids; anything longer than any topic is not an id."""

MessageId = str | int


class Named(NamedTuple):
    """A device, as messages name it; nothing is checked."""

    product_key: str
    device_name: str


class _Sys(msgspec.Struct):
    ack: int | str = 1


class Request(msgspec.Struct):
    """A message that asks something; ``id`` is echoed as it came, ``params`` is whatever JSON the sender put there."""

    id: MessageId = ""
    params: Any = None
    version: Any = None
    method: Any = None
    sys: _Sys | None = None

    @property
    def wants_reply(self) -> bool:
        """Whether the sender did not say that it wants none (``"sys":{"ack":0}``)."""
        return self.sys is None or str(self.sys.ack) != "0"


class Reply(msgspec.Struct):
    """A device's answer to a downlink."""

    id: MessageId = ""
    code: int | str = OK
    data: Any = None
    message: Any = None


class _ReplyOut(msgspec.Struct):
    """In the order of the samples: some SDKs take the first textual match of a key at any depth."""

    id: MessageId
    code: int
    data: Any
    message: str
    method: str | msgspec.UnsetType = msgspec.UNSET
    version: str = "1.0"


class _RequestOut(msgspec.Struct):
    id: str
    version: str
    params: Any
    method: str


_request = msgspec.json.Decoder(Request)
_reply = msgspec.json.Decoder(Reply)


def read_request(payload: bytes) -> Request:
    """Return an uplink request.

    Raises:
        Malformed: it is not an object with an id that is a text or a whole number.
    """
    request = decode(payload, _request)
    check_id(request.id)
    return request


def read_reply(payload: bytes) -> Reply:
    """Return a device's answer to a request of ours.

    Raises:
        Malformed: as for `read_request`.
    """
    reply = decode(payload, _reply)
    check_id(reply.id)
    return reply


def check_id(message_id: MessageId) -> None:
    """Refuse an id that nobody could echo.

    Raises:
        Malformed: it is longer than `MAX_ID_CHARS`.
    """
    if isinstance(message_id, str) and len(message_id) > MAX_ID_CHARS:
        raise Malformed("id is too long")


def write_reply(
    message_id: MessageId, data: Any, *, code: int = OK, message: str = "success", method: str = ""
) -> bytes:
    """Return the answer to an uplink request; ``data`` is never left out, since SDKs look for it."""
    return encode(_ReplyOut(message_id, code, {} if data is None else data, message, method or msgspec.UNSET))


def write_request(message_id: str, params: Any, method: str, version: str = "1.0") -> bytes:
    """Return a downlink request."""
    return encode(_RequestOut(message_id, version, params, method))


def write_identity(product_key: str, device_name: str) -> bytes:
    """Return what tells a device who it is that knew only its certificate (docs/protocol/device-protocol.md#x509)."""
    return encode({"productKey": product_key, "deviceName": device_name})
