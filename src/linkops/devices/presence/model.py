"""What the hub and presence say to each other."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from linkops.alink.sub_sessions import SessionFault
from linkops.devices.credentials import Login
from linkops.devices.model import DeviceKey, NodeType


class LoginAttempt(msgspec.Struct, frozen=True, gc=False):
    """A CONNECT that wants to become a connection.

    Attributes:
        address: IP address that it came from, without the port.
        connection_id: the hub's number for the connection; never used twice while the server runs.
        clean_start: whether whatever an earlier session kept is to be dropped.
        session_expiry_s: how long the session outlives the connection; 0: it ends with it.
        certificate: DER of the client's, whose private key the TLS handshake has seen at work.
        renews: number of the sub-device's session over the same connection that this one goes on with; 0: none.
    """

    login: Login
    password: bytes
    address: str
    connection_id: int
    clean_start: bool
    session_expiry_s: int
    certificate: bytes | None = None
    renews: int = 0


class Accepted(msgspec.Struct, frozen=True):
    """The device is who it says and online from now on; a connection that it had before is not its own any more.

    Attributes:
        subscriptions: of the session that is resumed, filter to quality of service; empty when none is.
        session_present: whether a stored session is resumed, and with it stored downlinks.
        custom_rrpc: whether it understands calls on custom topics, ``/ext/rrpc/…``.
        renewed: whether it had been online already, by the session that the login said it renews.
    """

    device_id: int
    product_id: int
    key: DeviceKey
    node_type: NodeType
    session_present: bool
    subscriptions: Mapping[str, int]
    custom_rrpc: bool = False
    renewed: bool = False


class Refusal(StrEnum):
    """Why a login is refused; the device is told no more than its code says."""

    WRONG_CREDENTIALS = "wrong_credentials"
    DISABLED = "disabled"
    THROTTLED = "throttled"
    UNSUPPORTED = "unsupported"
    TAKEN_OVER_TOO_OFTEN = "taken_over_too_often"


LoginResult = Accepted | Refusal


class SubLogins(NamedTuple):
    """Sub-devices that a gateway logs in over its connection: all of them, or none."""

    gateway_id: int
    attempts: Sequence[LoginAttempt]


class SubRefused(NamedTuple):
    """Why none of them was logged in, and because of whom."""

    fault: SessionFault
    key: DeviceKey


SubLoginResult = Sequence[Accepted] | SubRefused
"""One answer per attempt, in order."""


class Logout(NamedTuple):
    """The end of a connection that had been accepted.

    Attributes:
        device: what the login answered.
        session_expiry_s: how long its session is kept from now on; 0 drops it.
        reason: for people, as in "keep alive timeout".
    """

    device: Accepted
    connection_id: int
    session_expiry_s: int
    reason: str


class Subscriptions(NamedTuple):
    """All subscriptions of a persistent session, filter to quality of service."""

    device_id: int
    connection_id: int
    filters: Mapping[str, int]


class StoredDownlink(NamedTuple):
    """A QoS 1 message that waited for its device."""

    id: int
    topic: str
    payload: bytes


class Seen(NamedTuple):
    """A sign of life of a device that is online."""

    device_id: int
    at: int
