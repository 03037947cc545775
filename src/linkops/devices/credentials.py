"""How a device proves who it is (docs/protocol/device-protocol.md#login). Nothing here depends on the time of day.

A client id is ``{id}|key=value,…|``, a user name ``{device name}&{product key}``, a password the HMAC of these under
the device's secret. Timestamps are signed, never judged: real devices send constants and uptimes.
"""

import hmac
from enum import StrEnum

import msgspec

from linkops.devices.model import DeviceKey
from linkops.devices.names import is_device_name, is_product_key

_DIGESTS = {"hmacmd5": "md5", "hmacsha1": "sha1", "hmacsha256": "sha256"}
_NO_SECRET = "0" * 32
_ODD = frozenset("13579")


class LoginMethod(StrEnum):
    """What a device wants to be checked against."""

    SECRET = "secret"  # noqa: S105 - the name of a method
    CERTIFICATE = "x509"
    TOKEN = "connwl"  # noqa: S105 - the name of a method
    REGISTRATION = "register"
    REGISTRATION_WITHOUT_LIST = "regnwl"


class BadCredentials(Exception):  # noqa: N818 - the device's fault
    """Client id or user name is not of any form that the protocol knows."""


class Login(msgspec.Struct, frozen=True):
    """Who a device says it is, and how it signed that.

    Attributes:
        key: empty names for `LoginMethod.CERTIFICATE`, which may not know its own yet.
        client_id: the part before the extension; "" when the server is to assign one (MQTT 5).
        digest: of the HMAC, as hashlib calls it.
        timestamp: as sent; None when absent, in which case it is not signed either.
        auto_subscribe: whether it counts on system topics without SUBSCRIBE (``_ss=1``).
        custom_rrpc: bit 0 of ``ext``: it understands ``/ext/rrpc/…``.
        random: what a registration is signed with besides the names; None when absent.
    """

    key: DeviceKey
    client_id: str
    method: LoginMethod
    digest: str
    timestamp: str | None
    auto_subscribe: bool
    custom_rrpc: bool
    sdk_language: str
    sdk_version: str
    random: str | None = None


def parse_login(client_id: str, username: str) -> Login:
    """Return what a CONNECT says about its sender.

    Raises:
        BadCredentials: the names cannot be those of a device, or the signature method is unknown.
    """
    name, extension = split_client_id(client_id)
    method = _method(extension, username)
    digest = digest_of(extension.get("signmethod", "hmacmd5"))
    if digest is None:
        raise BadCredentials("unknown signmethod")
    return Login(
        key=_device_key(username, method),
        client_id=name,
        method=method,
        digest=digest,
        timestamp=extension.get("timestamp"),
        auto_subscribe=extension.get("_ss") == "1",
        custom_rrpc=extension.get("ext", "")[-1:] in _ODD,
        sdk_language=_shown(extension.get("lan", "")),
        sdk_version=_shown(extension.get("_v", "")),
        random=extension.get("random"),
    )


def digest_of(sign_method: str) -> str | None:
    """Return what hashlib calls the digest of a signature method, in any case; None: there is no such method."""
    return _DIGESTS.get(sign_method.lower())


def parse_sub_login(key: DeviceKey, client_id: str, sign_method: str, timestamp: str | None) -> Login:
    """Return what a gateway says about a sub-device (docs/protocol/device-protocol.md#sub-device-sessions).

    The client id is signed as it stands: what hangs on its end is no extension here, but may tell of the SDK.

    Raises:
        BadCredentials: the names cannot be those of a device, or the signature method is unknown.
    """
    digest = _DIGESTS.get(sign_method.lower() or "hmacmd5")
    if digest is None or not is_product_key(key.product_key) or not is_device_name(key.device_name):
        raise BadCredentials("no names of a device, or no method that we know")
    _, extension = split_client_id(client_id)
    return Login(
        key=key,
        client_id=client_id,
        method=LoginMethod.SECRET,
        digest=digest,
        timestamp=timestamp,
        auto_subscribe=True,
        custom_rrpc=False,
        sdk_language=_shown(extension.get("lan", "")),
        sdk_version=_shown(extension.get("_v", "")),
    )


def split_client_id(client_id: str) -> tuple[str, dict[str, str]]:
    """Return the id itself and its extension, taken between the first and the last ``|``.

    The first value of a repeated key counts; parts without ``=`` (as after a trailing comma) are no keys.
    """
    name, _, rest = client_id.partition("|")
    pairs = rest.rpartition("|")[0] if "|" in rest else rest
    extension: dict[str, str] = {}
    for part in pairs.split(","):
        key, equals, value = part.partition("=")
        if equals:
            extension.setdefault(key.strip(), value.strip())
    return name, extension


def signed_text(login: Login) -> str:
    """Return what a device signs: its parameters in the order of their names, without separators."""
    product_key, device_name = login.key
    text = f"clientId{login.client_id}deviceName{device_name}productKey{product_key}"
    return text if login.timestamp is None else f"{text}timestamp{login.timestamp}"


def signature(login: Login, secret: str) -> bytes:
    """Return the right password, in lower-case hexadecimal."""
    return hmac.digest(secret.encode(), signed_text(login).encode(), login.digest).hex().encode()


def verify(login: Login, secret: str | None, password: bytes) -> bool:
    """Return whether the password proves ``login``; with no secret at hand it costs the same and is False."""
    expected = signature(login, _NO_SECRET if secret is None else secret)
    matches = hmac.compare_digest(expected, password.lower())
    return matches and secret is not None


def _method(extension: dict[str, str], username: str) -> LoginMethod:
    if username == "&":
        return LoginMethod.CERTIFICATE
    try:
        return LoginMethod(extension.get("authType", LoginMethod.SECRET))
    except ValueError:
        raise BadCredentials("unknown authType") from None


def _device_key(username: str, method: LoginMethod) -> DeviceKey:
    if method is LoginMethod.CERTIFICATE:
        return DeviceKey("", "")
    device_name, _, product_key = username.partition("&")
    if not is_device_name(device_name) or not is_product_key(product_key):
        raise BadCredentials("user name is not deviceName&productKey")
    return DeviceKey(product_key, device_name)


def _shown(text: str) -> str:
    """A device's own words, short and printable, since people read them."""
    return "".join(sign for sign in text[:64] if sign.isprintable())
