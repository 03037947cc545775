"""What a simulated device says besides updates: it answers questions (RRPC), and asks what time it is (NTP)."""

import time
from typing import Any

import msgspec

from linkops.alink.topics import Address, Channel, Direction, topic_for
from linkops.simulator.credentials import DeviceIdentity

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class _Time(msgspec.Struct, rename="camel"):
    device_send_time: str
    server_recv_time: str
    server_send_time: str


_time = msgspec.json.Decoder(_Time)


def answer(address: Address, topic: str, payload: bytes) -> tuple[str, bytes] | None:
    """Return topic and payload of the answer to a question, None to anything else.

    A question that is a service call gets the reply of one; any other gets itself back.
    """
    if address.channel is Channel.CUSTOM_RRPC:
        return topic, _answer(payload)
    if address.channel is Channel.RRPC and address.direction is Direction.DOWN:
        return topic_for(Channel.RRPC, *address[1:3], address.rest, reply=True), _answer(payload)
    return None


def _answer(payload: bytes) -> bytes:
    try:
        call: Any = _decode(payload)
    except msgspec.DecodeError:
        return payload
    if not isinstance(call, dict) or "id" not in call:
        return payload
    return _encode({"id": call["id"], "code": 200, "data": {}})


def ask_time(identity: DeviceIdentity) -> tuple[str, bytes]:
    """Return topic and payload of the question what time it is."""
    topic = topic_for(Channel.NTP, identity.product_key, identity.device_name)
    return topic, _encode({"deviceSendTime": str(_now_ms())})


def clock_offset_ms(payload: bytes) -> float | None:
    """Return by how much the server's clock is ahead, as an answer says; None when it says nothing of the kind."""
    try:
        told = _time.decode(payload)
        sent, taken, answered = (int(t) for t in (told.device_send_time, told.server_recv_time, told.server_send_time))
    except (msgspec.DecodeError, ValueError):
        return None
    return (taken + answered - sent - _now_ms()) / 2


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
