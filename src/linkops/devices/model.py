"""What products and devices are."""

from enum import StrEnum
from typing import NamedTuple

import msgspec


class DeviceKey(NamedTuple):
    """The name of a device that holds everywhere: unique, and part of all its topics."""

    product_key: str
    device_name: str

    def __str__(self) -> str:
        return f"{self.product_key}/{self.device_name}"


class NodeType(StrEnum):
    """How the devices of a product reach the server."""

    DEVICE = "device"
    GATEWAY = "gateway"
    SUBDEVICE = "subdevice"


class AuthType(StrEnum):
    """How the devices of a product prove who they are."""

    SECRET = "secret"  # noqa: S105 - the name of a method
    X509 = "x509"


class DeviceState(StrEnum):
    """What a device is, in one word."""

    INACTIVE = "inactive"
    ONLINE = "online"
    OFFLINE = "offline"
    DISABLED = "disabled"


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of device.

    Attributes:
        registration: whether its devices may come to their secrets with the product's.
        listed_only: whether only those may that somebody created beforehand.
    """

    id: int
    product_key: str
    name: str
    description: str
    node_type: NodeType
    auth_type: AuthType
    created_at: int
    updated_at: int
    registration: bool = False
    listed_only: bool = True


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One physical device.

    Attributes:
        activated_at: of its first login ever.
        online_at: of its last login.
        offline_at: when its last connection ended.
        last_seen_at: of its last sign of life, exact to a minute while it is online.
        address: of its last connection.
    """

    id: int
    product_id: int
    key: DeviceKey
    nickname: str
    enabled: bool
    online: bool
    online_at: int | None
    offline_at: int | None
    last_seen_at: int | None
    activated_at: int | None
    address: str | None
    sdk_language: str | None
    sdk_version: str | None
    created_at: int
    updated_at: int

    @property
    def state(self) -> DeviceState:
        """What people see: a disabled device is that and nothing else."""
        if not self.enabled:
            return DeviceState.DISABLED
        if self.online:
            return DeviceState.ONLINE
        return DeviceState.INACTIVE if self.activated_at is None else DeviceState.OFFLINE


class NewDevice(NamedTuple):
    """A device that was just created, with the secret that goes into its firmware."""

    id: int
    key: DeviceKey
    secret: str


class ModuleVersion(NamedTuple):
    """What a device said that one of its modules runs."""

    module: str
    version: str
    reported_at: int
