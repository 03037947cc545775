"""Whatever a device sends about files and logs is read, or refused with an answer."""

import json
from collections.abc import Callable
from typing import TypeVar

import msgspec
from fastcrc import crc16
from hypothesis import example, given
from hypothesis import strategies as st

from linkops.alink.jsontext import Malformed
from linkops.alink.logs import MAX_CONTENT_BYTES, MOST_ENTRIES, read_log_post
from linkops.alink.uploads import (
    UploadBlock,
    UploadFault,
    UploadRefused,
    read_upload_block,
    read_upload_cancel,
    read_upload_init,
    write_block_refusal,
)
from linkops.devices.files.uploads.beginning import fault_of
from linkops.devices.files.uploads.judging import judge
from linkops.devices.files.uploads.model import Upload
from tests.support.uploads import block_payload

T = TypeVar("T")
scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20)
members = st.sampled_from(["fileName", "fileSize", "conflictStrategy", "ficMode", "ficValue", "initUid", "uploadId",
                           "offset", "bSize", "isComplete", "x"])  # fmt: skip
params = st.dictionaries(members, scalars | st.lists(scalars, max_size=3), max_size=8)
EMPTY = Upload(
    id="u", device_id=1, product_id=1, file_name="a", size_bytes=None, room_bytes=10_000, have_bytes=300, crc64=0,
    wanted_crc64="", init_uid="", blob_key="k",
)  # fmt: skip


def encoded(message: object) -> bytes:
    return json.dumps(message).encode()


def refused_or(read: Callable[[bytes], T], payload: bytes) -> T | None:
    """Return what was read, None if it was refused with an answer that says so."""
    try:
        return read(payload)
    except UploadRefused as error:
        refused = error
    reply = msgspec.json.decode(refused.reply)
    assert (reply["code"], isinstance(reply["data"], dict)) == (refused.fault, True)
    return None


def judged(block: UploadBlock | None) -> None:
    """Any block has a verdict, and any refusal of it can be written."""
    if block is not None:
        judge(EMPTY, block)
        msgspec.json.decode(write_block_refusal(block, UploadFault.WRONG_OFFSET, 0))


@given(st.binary(max_size=300) | params.map(lambda given: encoded({"id": "1", "params": given})))
def test_requests(payload: bytes) -> None:
    refused_or(read_upload_cancel, payload)
    init = refused_or(read_upload_init, payload)
    assert init is None or fault_of(init) in (None, *UploadFault)


@given(st.binary(max_size=300))
@example(b"\0\0\0\0")
def test_any_bytes_as_a_block(payload: bytes) -> None:
    judged(refused_or(read_upload_block, payload))


@given(params, st.binary(max_size=40))
def test_blocks_with_any_header(given_params: dict[str, object], content: bytes) -> None:
    head = encoded({"id": 7, "params": given_params})
    judged(
        refused_or(read_upload_block, len(head).to_bytes(2) + head + content + crc16.arc(content).to_bytes(2, "little"))
    )


@given(st.binary(max_size=40), st.integers(0, 600), st.data())
def test_blocks_with_a_wrong_byte(content: bytes, offset: int, data: st.DataObject) -> None:
    block = bytearray(block_payload("u", offset, content))
    judged(read_upload_block(bytes(block)))
    block[data.draw(st.integers(0, len(block) - 1))] ^= data.draw(st.integers(1, 255))
    judged(refused_or(read_upload_block, bytes(block)))


entries = st.lists(st.dictionaries(st.sampled_from(["utcTime", "logContent", "code"]), scalars))


@given(st.binary(max_size=300) | entries.map(lambda entries: encoded({"id": "1", "params": entries})))
def test_logs(payload: bytes) -> None:
    try:
        post = read_log_post(payload)
    except Malformed:
        return
    assert len(post.entries) <= MOST_ENTRIES
    for entry in post.entries:
        assert len(entry.content.encode()) <= MAX_CONTENT_BYTES
        assert "\0" not in "".join(entry)
