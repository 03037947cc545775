"""What devices and gateways say to come to secrets, and what they are answered.

docs/protocol/device-protocol.md#registration
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from linkops.alink.faults import Fault
from linkops.alink.jsontext import Malformed, encode
from linkops.alink.messages import OK, MessageId, Named, write_reply

MAX_ENTRIES = 30
"""Sub-devices in one message."""
MAX_RANDOM_CHARS = 128


class RegistrationFault(Fault):
    """Why somebody gets no secret: the code that SDKs know, and what people read."""

    BAD_PARAMETERS = 460, "request parameter error"
    TOO_OFTEN = 429, "too many requests, try again later"
    FAILED = 500, "system error"
    NO_SUB_PRODUCT = 5005, "no such product of sub-devices"
    NO_DEVICE = 6100, "device not found"
    NO_GATEWAY = 6203, "only a gateway has sub-devices"
    DISABLED = 6204, "device is disabled"
    NO_PRODUCT = 6250, "product not found"
    OFF = 6288, "dynamic registration is not allowed"
    ACTIVE = 6289, "device is already active"
    SIGN_METHOD = 6292, "sign method is not supported"
    WRONG_SIGNATURE = 6600, "sign check failed"
    BOUND_ELSEWHERE = 6619, "device is bound to another gateway"


class Proxied(NamedTuple):
    """A sub-device for which a gateway asks with a proof of the sub-device's product secret."""

    named: Named
    random: str
    sign_method: str
    sign: str


class SubSecret(msgspec.Struct, frozen=True, rename="camel"):
    """A sub-device and the secret that it has now, as its gateway reads it."""

    iot_id: str
    product_key: str
    device_name: str
    device_secret: str


class _NamedIn(msgspec.Struct, rename="camel"):
    product_key: str
    device_name: str


class _ProxiedIn(_NamedIn):
    random: str | int
    sign: str
    sign_method: str | None = None
    signmethod: str | None = None


class _ProxiedsIn(msgspec.Struct):
    proxieds: list[_ProxiedIn]


class _SecretOut(msgspec.Struct, rename="camel"):
    """In the order of the samples: some SDKs take the first textual match of a key."""

    product_key: str
    device_name: str
    device_secret: str


class _TokenOut(msgspec.Struct, rename="camel"):
    client_id: str
    product_key: str
    device_name: str
    device_token: str


class _AnswerOut(msgspec.Struct):
    code: int
    data: Any
    message: str


def read_named(params: Any) -> list[Named]:
    """Return the sub-devices that ``thing/sub/register`` and ``…/unregister`` name, each once, in order.

    Raises:
        Malformed: none, more than `MAX_ENTRIES`, or not a list of names.
    """
    entries = _convert(params, list[_NamedIn])
    return list(dict.fromkeys(Named(entry.product_key, entry.device_name) for entry in _counted(entries)))


def read_proxied(params: Any) -> list[Proxied]:
    """Return what ``thing/proxy/provisioning/product_register`` asks for; of one named twice the last counts.

    Raises:
        Malformed: none, more than `MAX_ENTRIES`, or one without its proof.
    """
    entries = _counted(_convert(params, _ProxiedsIn).proxieds)
    read = [
        Proxied(
            Named(entry.product_key, entry.device_name),
            str(entry.random),
            entry.sign_method or entry.signmethod or "hmacmd5",
            entry.sign,
        )
        for entry in entries
    ]
    return list({each.named: each for each in read}.values())


def _convert(params: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(params, kind)
    except msgspec.ValidationError as error:
        raise Malformed(f"params: {error}") from None


def _counted(entries: list[Any]) -> list[Any]:
    if not 1 <= len(entries) <= MAX_ENTRIES:
        raise Malformed(f"params: 1 to {MAX_ENTRIES} devices")
    return entries


def write_secret(product_key: str, device_name: str, secret: str) -> bytes:
    """Return what stands on ``/ext/register``."""
    return encode(_SecretOut(product_key, device_name, secret))


def write_token(client_id: str, product_key: str, device_name: str, token: str) -> bytes:
    """Return what stands on ``/ext/regnwl``."""
    return encode(_TokenOut(client_id, product_key, device_name, token))


def write_registered(product_key: str, device_name: str, secret: str) -> bytes:
    """Return the answer to a registration over HTTPS."""
    return encode(_AnswerOut(OK, _SecretOut(product_key, device_name, secret), "success"))


def write_not_registered(fault: RegistrationFault) -> bytes:
    """Return the answer to a registration over HTTPS that is refused."""
    return encode(_AnswerOut(fault, {}, fault.text))


def write_sub_secrets(message_id: MessageId, secrets: Iterable[SubSecret]) -> bytes:
    """Return the answer to ``thing/sub/register``."""
    return write_reply(message_id, list(secrets), method="thing.sub.register")


def write_proxied(
    message_id: MessageId, secrets: Iterable[SubSecret], failures: Sequence[tuple[Named, RegistrationFault]]
) -> bytes:
    """Return the answer to ``thing/proxy/provisioning/product_register``: done, whatever became of each sub-device."""
    failed = [
        {
            "productKey": named.product_key,
            "deviceName": named.device_name,
            "code": fault,
            "errorMessage": fault.text,
        }
        for named, fault in failures
    ]
    answer = {"successes": list(secrets), "failures": failed}
    return write_reply(message_id, answer, method="thing.proxy.provisioning.product_register")


def write_fault(message_id: MessageId, fault: RegistrationFault) -> bytes:
    """Return the answer to a message of a gateway that is refused as a whole."""
    return write_reply(message_id, {}, code=fault, message=fault.text)
