"""What a simulated gateway says and understands (docs/protocol/device-protocol.md#sub-device-sessions)."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import msgspec

from linkops.simulator.credentials import DeviceIdentity, sub_login

Write: TypeAlias = Callable[[int], bytes]
"""Returns a message with this id."""


class Answer(msgspec.Struct):
    """An answer to a request."""

    id: str | int = ""
    code: int | str = 0


class _Names(msgspec.Struct, rename="camel"):
    product_key: str = ""
    device_name: str = ""


class _Error(msgspec.Struct):
    data: _Names


class _Message(msgspec.Struct):
    id: str
    version: str
    params: Any
    method: str


_encode = msgspec.json.Encoder().encode
_answer = msgspec.json.Decoder(Answer)
_error = msgspec.json.Decoder(_Error)


def write_topo_add(message_id: int, identities: Sequence[DeviceIdentity]) -> bytes:
    """Return the request to add sub-devices, each with its proof."""
    added = []
    for identity in identities:
        proof = sub_login(identity)
        added.append({**proof, "signmethod": proof.pop("signMethod")})
    return _encode(_Message(str(message_id), "1.0", added, "thing.topo.add"))


def write_batch_login(message_id: int, identities: Sequence[DeviceIdentity]) -> bytes:
    """Return the request to log sub-devices in, with sessions that end when they go."""
    listed = [{**sub_login(identity), "cleanSession": "true"} for identity in identities]
    return _encode(_Message(str(message_id), "1.0", {"deviceList": listed}, "combine.batch_login"))


def write_logout(message_id: int, identity: DeviceIdentity) -> bytes:
    """Return the goodbye of a sub-device."""
    named = {"productKey": identity.product_key, "deviceName": identity.device_name}
    return _encode(_Message(str(message_id), "1.0", named, "combine.logout"))


def read_answer(payload: bytes) -> Answer:
    """Return an answer; one of no request when it cannot be read."""
    try:
        return _answer.decode(payload)
    except msgspec.DecodeError:
        return Answer()


def read_error(payload: bytes) -> tuple[str, str]:
    """Return whom an error is about."""
    try:
        named = _error.decode(payload).data
    except msgspec.DecodeError:
        return "", ""
    return named.product_key, named.device_name
