"""Log entries as devices write them, and the switch as they read it."""

import msgspec
import pytest

from linkops.alink.jsontext import Malformed
from linkops.alink.logs import (
    MAX_CONTENT_BYTES,
    LogEntry,
    read_log_get,
    read_log_post,
    write_log_mode,
    write_log_push,
)

C_SDK = (
    b'{"id":"1","version":"1.0","params":[{"utcTime":"2026/11/24 6:52:10","logLevel":"INFO","module":"net_conn",'
    b'"code":"200","traceContext":"0","logContent":"time=1^rtt=3"}]}'
)
ENTRY = LogEntry("2026/11/24 6:52:10", "INFO", "net_conn", "200", "0", "time=1^rtt=3")


def test_the_c_sdks_entry() -> None:
    read = read_log_post(C_SDK)
    assert (read.id, read.wants_reply, read.entries) == ("1", True, [ENTRY])


def test_line_breaks_that_the_c_sdk_does_not_escape_are_blanks() -> None:
    assert read_log_post(C_SDK.replace(b"rtt=3", b"rtt=3\r\n")).entries[0].content == "time=1^rtt=3  "


def test_numbers_missing_members_and_no_list() -> None:
    read = read_log_post(b'{"id":1,"params":{"code":200,"logContent":{"a":1},"logLevel":null},"sys":{"ack":0}}')
    assert (read.wants_reply, read.entries) == (False, [LogEntry("", "", "", "200", "", '{"a":1}')])


def test_long_content_is_cut_between_characters_and_nul_replaced() -> None:
    payload = msgspec.json.encode(
        {"params": [{"logContent": "日" * 5_000}, {"logContent": "a\0b", "module": "m" * 99}]}
    )
    long, short = read_log_post(payload).entries
    assert long.content == "日" * (MAX_CONTENT_BYTES // 3)
    assert (short.content, short.module) == ("a\N{REPLACEMENT CHARACTER}b", "m" * 64)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b'{"params":"x"}',
        b'{"params":[1]}',
        b'{"params":[' + b",".join([b"{}"] * 201) + b"]}",
        b'{"params":["\xff"]}',
    ],
)
def test_what_is_no_log(payload: bytes) -> None:
    with pytest.raises(Malformed):
        read_log_post(payload)


def test_the_switch() -> None:
    assert read_log_get(b'{"id":"5","params":{"getType":"content","configScope":"device"}}') == "5"
    assert write_log_mode("5", on=True) == (
        b'{"id":"5","code":200,"data":{"getType":"content","content":{"mode":1}},"message":"success",'
        b'"method":"thing.config.log.get","version":"1.0"}'
    )
    assert b'"params":{"getType":"content","content":{"mode":0}}' in write_log_push("6", on=False)
