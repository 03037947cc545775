import json

import pytest

from linkops.alink.jsontext import Malformed
from linkops.alink.ntp import read_ntp_request, write_ntp_response


def test_the_answer_is_compact_and_all_numbers_are_texts() -> None:
    written = write_ntp_response("1571724098000", 1_800_000_000_001, 1_800_000_000_002)
    assert written == (
        b'{"deviceSendTime":"1571724098000","serverRecvTime":"1800000000001","serverSendTime":"1800000000002"}'
    )


@pytest.mark.parametrize(("sent", "read"), [('"3566640"', "3566640"), ("3566640", "3566640"), ('""', "")])
def test_whatever_a_device_calls_its_time_comes_back(sent: str, read: str) -> None:
    asked = read_ntp_request(f'{{"deviceSendTime":{sent},}}'.encode())
    assert json.loads(write_ntp_response(asked, 1, 2))["deviceSendTime"] == read


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"[]", b'{"deviceSendTime":null}', b'{"deviceSendTime":"%s"}' % (b"1" * 33)]
)
def test_what_nobody_could_answer(payload: bytes) -> None:
    with pytest.raises(Malformed):
        read_ntp_request(payload)
