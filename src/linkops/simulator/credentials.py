"""How a device logs in (docs/protocol/device-protocol.md#connect), spelled the way the vendor's C SDK does it.

Independent of the server's own check on purpose: the two were written from the protocol, not from each other.
"""

import hashlib
import hmac
from typing import NamedTuple

import msgspec

SDK_VERSION = "sdk-linkops-sim-1"
_SDK_TIMESTAMP = "2524608000000"
"""The C SDK's constant; a timestamp of a login is no clock."""


class DeviceIdentity(msgspec.Struct, frozen=True, gc=False):
    """What a device logs in with: the three texts that it carries from its factory, or came to by registering.

    Attributes:
        client_id: with one, the secret is a token that belongs to it.
        gateway: ``{product key}/{device name}`` of the gateway that a sub-device hangs on; "" for all others.
    """

    product_key: str
    device_name: str
    device_secret: str
    client_id: str = ""
    gateway: str = ""


class Login(NamedTuple):
    """The three fields of a CONNECT."""

    client_id: str
    user_name: str
    password: str


def login(identity: DeviceIdentity, *, tls: bool) -> Login:
    """Return what ``identity`` says in its CONNECT, signed by HMAC-SHA-256 over the fields in alphabetical order."""
    key, name = identity.product_key, identity.device_name
    if identity.client_id:
        extension = f"authType=connwl,securemode=-2,_ss=1,ext=3,lan=Python,_v={SDK_VERSION}"
        return Login(f"{identity.client_id}|{extension}|", f"{name}&{key}", identity.device_secret)
    client_id = f"{key}.{name}"
    content = f"clientId{client_id}deviceName{name}productKey{key}timestamp{_SDK_TIMESTAMP}"
    signature = hmac.new(identity.device_secret.encode(), content.encode(), hashlib.sha256).hexdigest().upper()
    extension = (
        f"timestamp={_SDK_TIMESTAMP},_ss=1,_v={SDK_VERSION},securemode={2 if tls else 3},"
        f"signmethod=hmacsha256,ext=3,lan=Python"
    )
    return Login(f"{client_id}|{extension}|", f"{name}&{key}", signature)


def sub_login(identity: DeviceIdentity) -> dict[str, str]:
    """Return what a gateway says of a sub-device: its names, and its signature over them and the whole client id."""
    key, name = identity.product_key, identity.device_name
    client_id = f"{key}.{name}|lan=Python,_v={SDK_VERSION},_ss=1|"
    content = f"clientId{client_id}deviceName{name}productKey{key}timestamp{_SDK_TIMESTAMP}"
    signature = hmac.new(identity.device_secret.encode(), content.encode(), hashlib.sha256).hexdigest().upper()
    says = {"productKey": key, "deviceName": name, "clientId": client_id, "timestamp": _SDK_TIMESTAMP}
    return {**says, "signMethod": "hmacSha256", "sign": signature}
