"""What a simulated device says besides updates."""

import pytest

from linkops.alink.ntp import read_ntp_request, write_ntp_response
from linkops.alink.topics import channel_of
from linkops.simulator.credentials import DeviceIdentity
from linkops.simulator.services import answer, ask_time, clock_offset_ms

SYS = "/sys/pk/lamp-1/rrpc"


@pytest.mark.parametrize(
    ("topic", "question", "answered"),
    [
        (f"{SYS}/request/17", b"ping", (f"{SYS}/response/17", b"ping")),
        (f"{SYS}/request/17", b'{"id":"7","params":{}}', (f"{SYS}/response/17", b'{"id":"7","code":200,"data":{}}')),
        (f"{SYS}/request/17", b"[1]", (f"{SYS}/response/17", b"[1]")),
        ("/ext/rrpc/17/pk/lamp-1/user/get", b"\xff", ("/ext/rrpc/17/pk/lamp-1/user/get", b"\xff")),
        ("/pk/lamp-1/user/get", b"hello", None),
        ("/sys/pk/lamp-1/thing/service/property/set", b"{}", None),
    ],
)
def test_questions_are_answered(topic: str, question: bytes, answered: tuple[str, bytes] | None) -> None:
    address = channel_of(topic)
    assert address is not None
    assert answer(address, topic, question) == answered


def test_the_clock_is_compared() -> None:
    topic, asked = ask_time(DeviceIdentity("pk", "lamp-1", ""))
    assert topic == "/ext/ntp/pk/lamp-1/request"
    sent = read_ntp_request(asked)
    told = write_ntp_response(sent, int(sent) + 60_000, int(sent) + 60_000)
    offset_ms = clock_offset_ms(told)
    assert offset_ms is not None
    assert 50_000 < offset_ms <= 60_000
    assert clock_offset_ms(b"{}") is None
    assert clock_offset_ms(write_ntp_response("soon", 1, 2)) is None
