"""Requests to upload, blocks, and answers that the C SDK finds its request by."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from linkops.alink.uploads import (
    UploadBlock,
    UploadFault,
    UploadInit,
    UploadRefused,
    read_upload_block,
    read_upload_cancel,
    read_upload_init,
    write_block_refusal,
    write_cancel_reply,
    write_complete_reply,
    write_init_refusal,
    write_init_reply,
)
from tests.support.uploads import block_payload

C_SDK_INIT = (
    b'{"id":"7","params":{"fileName":"a.bin","fileSize":2048,"conflictStrategy":"append","ficMode":"crc64",'
    b'"ficValue":"995DC9BBDF1939FA","initUid":"3F2A"}}'
)


def c_sdk_value(text: str, key: str) -> str | None:
    """Find a value as the C SDK does: by the first match of the key in the text."""
    _, found, rest = text.partition(f'"{key}":')
    if not found:
        return None
    return rest[1 : rest.index('"', 1)] if rest[0] == '"' else rest[: min(rest.find(end) % len(rest) for end in ",}")]


def test_the_c_sdks_request() -> None:
    assert read_upload_init(C_SDK_INIT) == UploadInit(
        "7", "a.bin", 2_048, "append", "crc64", "995DC9BBDF1939FA", "3F2A"
    )


def test_numbers_as_texts_and_what_may_be_left_out() -> None:
    read = read_upload_init(b'{"id":3,"params":{"fileName":"a","fileSize":"-1","conflictStrategy":null,}}')
    assert read == UploadInit(3, "a", -1, "overwrite", "", "", "")


@pytest.mark.parametrize(
    ("payload", "fault", "file_name"),
    [
        (b"", UploadFault.BAD_PAYLOAD, ""),
        (b"[]", UploadFault.BAD_PAYLOAD, ""),
        (b'{"id":"7"}', UploadFault.BAD_PARAMETERS, ""),
        (b'{"id":"7","params":{"fileName":"a.bin"}}', UploadFault.BAD_PARAMETERS, "a.bin"),
        (b'{"id":"7","params":{"fileName":"a.bin","fileSize":1e400}}', UploadFault.BAD_PAYLOAD, ""),
        (
            b'{"id":"7","params":{"fileName":"a.bin","fileSize":"99999999999999999999"}}',
            UploadFault.BAD_PARAMETERS,
            "a.bin",
        ),
        (b'{"id":"7","params":{"fileName":7,"fileSize":1}}', UploadFault.BAD_PARAMETERS, ""),
    ],
)
def test_requests_that_are_none_are_answered(payload: bytes, fault: UploadFault, file_name: str) -> None:
    with pytest.raises(UploadRefused) as refused:
        read_upload_init(payload)
    reply = msgspec.json.decode(refused.value.reply)
    assert (refused.value.fault, reply["code"]) == (fault, fault)
    assert reply["data"]["fileName"] == file_name
    assert reply["id"] == ("" if fault is UploadFault.BAD_PAYLOAD else "7")


def test_a_block() -> None:
    read = read_upload_block(block_payload("u", 512, b"abc", last=True))
    assert (read.id, read.upload_id, read.offset, read.size, read.is_last) == ("2", "u", 512, 3, True)
    assert bytes(read.content) == b"abc"


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        (b"", UploadFault.BAD_PAYLOAD),
        (b"\0", UploadFault.BAD_PAYLOAD),
        (b"\xff\xff{}", UploadFault.BAD_PAYLOAD),
        (b"\0\2{}", UploadFault.BAD_PAYLOAD),
        (b"\0\2{}\0\0", UploadFault.BAD_PARAMETERS),
        (block_payload("u", 0, b"abc", damaged=True), UploadFault.BLOCK_DAMAGED),
        (block_payload("u", 0, b"abc")[:-1], UploadFault.BAD_PARAMETERS),
        (block_payload("u", -1, b"abc"), UploadFault.BAD_PARAMETERS),
        (block_payload("u", 2**60, b"abc"), UploadFault.BAD_PARAMETERS),
    ],
)
def test_blocks_that_are_none_are_answered(payload: bytes, fault: UploadFault) -> None:
    with pytest.raises(UploadRefused) as refused:
        read_upload_block(payload)
    assert refused.value.fault is fault
    assert {"uploadId", "offset", "bSize"} <= msgspec.json.decode(refused.value.reply)["data"].keys()


def test_a_cancel() -> None:
    assert read_upload_cancel(b'{"id":"9","params":{"uploadId":"u"}}') == ("9", "u")
    with pytest.raises(UploadRefused):
        read_upload_cancel(b'{"id":"9","params":{}}')


def test_the_c_sdk_finds_what_it_looks_for() -> None:
    init = read_upload_init(C_SDK_INIT)
    block = UploadBlock("2", "u1", 512, 300, False, memoryview(b""))
    begun = write_init_reply(init, "u1", 512).decode()
    assert [c_sdk_value(begun, key) for key in ("id", "code", "fileName", "uploadId", "offset")] == [
        "7", "200", "a.bin", "u1", "512",
    ]  # fmt: skip
    exists = write_init_refusal(init, UploadFault.EXISTS).decode()
    assert [c_sdk_value(exists, key) for key in ("code", "fileName")] == ["78123", "a.bin"]
    assert c_sdk_value(exists, "message")
    whole = write_complete_reply(block, "AB", "ab").decode()
    assert [c_sdk_value(whole, key) for key in ("code", "uploadId", "offset", "bSize", "complete")] == [
        "200", "u1", "512", "300", "true",
    ]  # fmt: skip
    gap = write_block_refusal(block, UploadFault.WRONG_OFFSET, 256).decode()
    # It listens only to answers that repeat its own offset; others read what is wanted.
    assert [c_sdk_value(gap, key) for key in ("code", "offset", "bSize", "nextOffset")] == [
        "78119",
        "512",
        "300",
        "256",
    ]
    canceled = write_cancel_reply(read_upload_cancel(b'{"id":"9","params":{"uploadId":"u1"}}')).decode()
    assert [c_sdk_value(canceled, key) for key in ("code", "uploadId")] == ["200", "u1"]


def test_the_block_that_the_manual_shows_is_one() -> None:
    page = (Path(__file__).parents[3] / "docs" / "connecting-devices.md").read_text()
    (example,) = re.findall(r"```python\n(import json\n.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)  # noqa: S102 - our own page
    read = read_upload_block(names["block"]("u", 256, bytes(range(256)), last=True))
    assert (read.upload_id, read.offset, read.is_last, bytes(read.content)) == ("u", 256, True, bytes(range(256)))
