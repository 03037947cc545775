"""What gateways and the server say about sub-devices (docs/protocol/device-protocol.md#topology)."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, NamedTuple

import msgspec

from linkops.alink.faults import Fault
from linkops.alink.jsontext import Malformed
from linkops.alink.messages import MessageId, Named, write_reply, write_request


class TopologyFault(Fault):
    """Why a gateway's message is refused: the code that SDKs know, and what people read."""

    BAD_PARAMETERS = 460, "request parameter error"
    WRONG_SIGNATURE = 401, "request auth error"
    TOO_OFTEN = 429, "too many wrong signatures, wait a minute"
    UNKNOWN_DEVICE = 6100, "device not found"
    NO_GATEWAY = 6203, "only a gateway has sub-devices"
    DISABLED = 6204, "device is disabled"
    UNKNOWN_PRODUCT = 6250, "no such product of sub-devices"
    BAD_DEVICE_NAME = 6280, "device name is invalid"
    TOO_MANY = 6400, "topo relation count exceed"
    NO_RELATION = 6401, "topo relation not exist"
    ITSELF = 6402, "topo relation cannot add by self"


class TopologyStatus(IntEnum):
    """What happened to sub-devices, as ``thing/topo/change`` says it."""

    CREATED = 0
    DELETED = 1
    ENABLED = 2
    DISABLED = 8


class Addition(NamedTuple):
    """A sub-device that a gateway wants to have, with the sub-device's proof that it may.

    Attributes:
        client_id: signed as it stands, with whatever is behind a ``|``; None when absent.
        timestamp: signed, never judged; None when absent.
        sign_method: as sent, in any case.
        sign: hexadecimal, in any case.
    """

    named: Named
    client_id: str | None
    timestamp: str | None
    sign_method: str
    sign: str


class _NamedIn(msgspec.Struct, rename="camel"):
    product_key: str
    device_name: str


class _AdditionIn(_NamedIn):
    sign: str
    client_id: str | None = None
    timestamp: str | int | None = None
    sign_method: str | None = None
    signmethod: str | None = None


def read_named(params: Any, most: int) -> list[Named]:
    """Return the devices that a message names, each once, in order.

    Raises:
        Malformed: not 1 to ``most`` of them.
    """
    return list(dict.fromkeys(Named(each.product_key, each.device_name) for each in _entries(params, most, _NamedIn)))


def read_additions(params: Any, most: int) -> list[Addition]:
    """Return the sub-devices that a message wants to add; of one that is named twice, the last.

    Raises:
        Malformed: not 1 to ``most`` of them.
    """
    additions = [_addition(each) for each in _entries(params, most, _AdditionIn)]
    return list({addition.named: addition for addition in additions}.values())


def _addition(given: _AdditionIn) -> Addition:
    named = Named(given.product_key, given.device_name)
    timestamp = None if given.timestamp is None else str(given.timestamp)
    return Addition(named, given.client_id, timestamp, given.sign_method or given.signmethod or "", given.sign)


def _entries(params: Any, most: int, kind: type[Any]) -> list[Any]:
    entries = params if isinstance(params, list) else [params]
    if not 0 < len(entries) <= most:
        raise Malformed(f"params has not 1 to {most} entries")
    try:
        return [msgspec.convert(entry, kind) for entry in entries]
    except msgspec.ValidationError as error:
        raise Malformed(f"params: {error}") from None


def write_refusal(message_id: MessageId, fault: TopologyFault, method: str, entry: int | None = None) -> bytes:
    """Return the answer to a message that changed nothing; ``entry`` is the first of its params that is wrong."""
    text = fault.text if entry is None else f"{fault.text} (params[{entry}])"
    return write_reply(message_id, None, code=fault, message=text, method=method)


def write_named_reply(message_id: MessageId, devices: Iterable[tuple[str, str]], method: str) -> bytes:
    """Return the answer that names devices."""
    return write_reply(message_id, _named(devices), method=method)


def write_topology_change(message_id: str, status: TopologyStatus, devices: Iterable[tuple[str, str]]) -> bytes:
    """Return the notice to a gateway that something happened to its sub-devices."""
    return write_request(message_id, {"status": int(status), "subList": _named(devices)}, "thing.topo.change")


def write_add_notice(message_id: str, devices: Iterable[tuple[str, str]]) -> bytes:
    """Return the request to a gateway to add sub-devices."""
    return write_request(message_id, _named(devices), "thing.topo.add.notify")


def write_permit(message_id: str, product_key: str, seconds: int) -> bytes:
    """Return the request to a gateway to let devices of a product join for some time."""
    return write_request(message_id, {"time": seconds, "productKey": product_key}, "thing.gateway.permit")


def write_control(message_id: str, method: str) -> bytes:
    """Return the notice to a sub-device that it was disabled (``thing.disable``) or deleted (``thing.delete``)."""
    return write_request(message_id, {}, method)


def _named(devices: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"productKey": product_key, "deviceName": device_name} for product_key, device_name in devices]
