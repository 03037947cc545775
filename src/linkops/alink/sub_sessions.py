"""Logins and logouts of sub-devices, as gateways say them (docs/protocol/device-protocol.md#sub-device-sessions)."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec

from linkops.alink.faults import Fault
from linkops.alink.jsontext import Malformed, encode
from linkops.alink.messages import MessageId, read_request, write_reply

MOST_ITEMS = 50
"""Sub-devices in one batch."""

Names: TypeAlias = tuple[str, str]
"""Product key and device name."""


class SessionFault(Fault):
    """Why a sub-device has no session, or has one no more: the ``code`` that the gateway reads."""

    ELSEWHERE = 427, "device connected elsewhere"
    TOO_MANY = 428, "too many subDevices under gateway"
    TOO_OFTEN = 429, "rate limit, too many subDeviceOnline msg"
    PARAMETERS = 460, "request parameter error"
    NO_SESSION = 520, "device no session"
    DELETED = 521, "device deleted"
    DISABLED = 522, "device forbidden"
    UNKNOWN_DEVICE = 6100, "device not found"
    WRONG_SIGN = 6287, "invalid sign"
    NOT_IN_TOPOLOGY = 6401, "topo relation not exist"


class SubLogin(NamedTuple):
    """What a gateway says of one sub-device that is to be online.

    Attributes:
        client_id: signed as it stands, whatever hangs on its end.
        timestamp: as a text; None when absent, in which case it is not signed either.
    """

    product_key: str
    device_name: str
    client_id: str
    sign_method: str
    timestamp: str | None
    sign: str
    clean_session: bool

    @property
    def names(self) -> Names:
        """Return whom it is about."""
        return self.product_key, self.device_name


class SessionRequest(NamedTuple):
    """A login or logout: of one sub-device, or of a batch."""

    id: MessageId
    batch: bool
    names: Sequence[Names]


class LoginRequest(NamedTuple):
    """Whom a gateway wants to log in, each of them once."""

    request: SessionRequest
    logins: Sequence[SubLogin]


class BadParameters(Exception):  # noqa: N818 - the gateway's fault
    """A message that cannot be read, except for its id, which is "" where not even that can be read."""

    def __init__(self, message_id: MessageId) -> None:
        super().__init__(message_id)
        self.id = message_id


class _Names(msgspec.Struct, rename="camel", gc=False):
    product_key: str
    device_name: str


class _Login(_Names, rename="camel", gc=False):
    client_id: str
    sign: str
    timestamp: str | int | float | None = None
    sign_method: str | None = None
    signmethod: str | None = msgspec.field(default=None, name="signmethod")
    clean_session: str | bool = True


class _Batch(msgspec.Struct, rename="camel", gc=False):
    device_list: list[_Login]
    sign_method: str | None = None
    signmethod: str | None = msgspec.field(default=None, name="signmethod")


class _ErrorOut(msgspec.Struct):
    id: str
    code: int
    data: Any
    message: str


def read_login(payload: bytes) -> LoginRequest:
    """Return a login of one sub-device.

    Raises:
        BadParameters: it is none.
    """
    message_id, login = _read(payload, _Login)
    return _login_request(message_id, [login], None, batch=False)


def read_batch_login(payload: bytes) -> LoginRequest:
    """Return a login of several; ``signMethod`` stands on top, or with each of them.

    Raises:
        BadParameters: it is none, is empty, has more than `MOST_ITEMS`, or names a device twice.
    """
    message_id, batch = _read(payload, _Batch)
    return _login_request(message_id, batch.device_list, batch.sign_method or batch.signmethod, batch=True)


def read_logout(payload: bytes) -> SessionRequest:
    """Return a logout of one sub-device.

    Raises:
        BadParameters: it is none.
    """
    message_id, named = _read(payload, _Names)
    return _session_request(message_id, [named], batch=False)


def read_batch_logout(payload: bytes) -> SessionRequest:
    """Return a logout of several.

    Raises:
        BadParameters: as for `read_batch_login`.
    """
    message_id, named = _read(payload, list[_Names])
    return _session_request(message_id, named, batch=True)


def write_session_reply(request: SessionRequest) -> bytes:
    """Return the answer to a request that was granted: who is meant, as one object or as a list."""
    named = [_named(names) for names in request.names]
    return write_reply(request.id, named if request.batch else named[0])


def write_session_refusal(request: SessionRequest, fault: SessionFault, names: Names) -> bytes:
    """Return the answer to a request that changed nothing, and because of whom."""
    named = _named(names)
    data = [named] if request.batch else named
    return write_reply(request.id, data, code=fault, message=fault.text)


def write_bad_parameters(message_id: MessageId) -> bytes:
    """Return the answer to a message that cannot be read."""
    fault = SessionFault.PARAMETERS
    return write_reply(message_id, None, code=fault, message=fault.text)


def write_no_gateway(message_id: MessageId) -> bytes:
    """Return the answer to a device on which nothing can hang."""
    fault = SessionFault.NOT_IN_TOPOLOGY
    return write_reply(message_id, None, code=fault, message=fault.text)


def write_session_error(message_id: int, fault: SessionFault, names: Names) -> bytes:
    """Return what tells a gateway that a sub-device has no session over it, and why."""
    return encode(_ErrorOut(str(message_id), fault, _named(names), fault.text))


def _read(payload: bytes, kind: Any) -> tuple[MessageId, Any]:
    try:
        request = read_request(payload)
    except Malformed:
        raise BadParameters("") from None
    try:
        return request.id, msgspec.convert(request.params, kind)
    except msgspec.ValidationError:
        raise BadParameters(request.id) from None


def _login_request(
    message_id: MessageId, given: Sequence[_Login], sign_method: str | None, *, batch: bool
) -> LoginRequest:
    request = _session_request(message_id, given, batch=batch)
    return LoginRequest(request, [_sub_login(each, sign_method) for each in given])


def _session_request(message_id: MessageId, given: Sequence[_Names], *, batch: bool) -> SessionRequest:
    names = [(each.product_key, each.device_name) for each in given]
    if not 1 <= len(names) <= MOST_ITEMS or len(set(names)) < len(names):
        raise BadParameters(message_id)
    return SessionRequest(message_id, batch, names)


def _sub_login(given: _Login, sign_method: str | None) -> SubLogin:
    return SubLogin(
        given.product_key,
        given.device_name,
        given.client_id,
        given.sign_method or given.signmethod or sign_method or "",
        None if given.timestamp is None else str(given.timestamp),
        given.sign,
        str(given.clean_session).strip().lower() != "false",
    )


def _named(names: Names) -> dict[str, str]:
    product_key, device_name = names
    return {"productKey": product_key, "deviceName": device_name}
