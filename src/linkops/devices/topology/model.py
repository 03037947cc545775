"""What a topology is: a gateway, and the sub-devices that reach the server through it."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from linkops.devices.model import AuthType, Device, DeviceKey, NodeType

MAX_FOUND = 200
"""Found devices that are kept per gateway; the newest stay."""


class Bond(NamedTuple):
    """A sub-device on its gateway.

    Attributes:
        gateway_online: whether somebody is there to be told.
    """

    sub_id: int
    sub: DeviceKey
    gateway_id: int
    gateway_product_id: int
    gateway: DeviceKey
    gateway_online: bool


class Candidate(NamedTuple):
    """A device that is to become a sub-device.

    Attributes:
        secret_sealed: what it proves itself with.
        gateway_id: whose sub-device it is now; None: nobody's.
    """

    device_id: int
    key: DeviceKey
    node_type: NodeType
    auth_type: AuthType
    enabled: bool
    secret_sealed: str
    gateway_id: int | None


class SubDevice(msgspec.Struct, frozen=True):
    """A sub-device as lists show it."""

    device: Device
    tags: dict[str, str]
    added_at: int


class Place(NamedTuple):
    """Where a device stands: on which gateway, and how many sub-devices hang on it."""

    gateway: DeviceKey | None
    sub_devices: int


class FoundDevice(NamedTuple):
    """A device that a gateway saw.

    Attributes:
        registered: whether the registry has it, so that the gateway can add it.
        gateway: whose sub-device it is now; None: nobody's.
    """

    key: DeviceKey
    found_at: int
    registered: bool
    gateway: DeviceKey | None


class RequestKind(StrEnum):
    """What a gateway is asked or told, and answers."""

    CHANGE = "change"
    ADD = "add"
    PERMIT = "permit"


class GatewayRequest(NamedTuple):
    """The last request of a kind to a gateway.

    Attributes:
        ends_at: when a join window closes.
        answer_code: what the gateway said, 200 for done; None: nothing yet.
    """

    kind: RequestKind
    sent_at: int
    ends_at: int | None
    answer_code: int | None
    answered_at: int | None
