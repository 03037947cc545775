"""What becomes of requests to upload, of blocks, and who has room for a file."""

from typing import Any

import pytest

from linkops.alink.uploads import UploadBlock, UploadFault, UploadInit
from linkops.devices.files.model import MAX_FILE_BYTES, Held, Quotas
from linkops.devices.files.room import room_for
from linkops.devices.files.uploads.beginning import Beginning, beginning, fault_of, is_file_name, same_crc64
from linkops.devices.files.uploads.judging import Again, Keep, judge
from linkops.devices.files.uploads.model import Refuse, Upload

KB = 1_024
QUOTAS = Quotas(max_files=3, max_bytes=100 * KB, max_bytes_in_all=1_000 * KB)


def init(**given: Any) -> UploadInit:
    usual = {"id": "1", "file_name": "a.bin", "size_bytes": 10 * KB, "strategy": "overwrite"}
    return UploadInit(**{**usual, "fic_mode": "", "fic_value": "", "init_uid": "", **given})


def upload(**given: Any) -> Upload:
    usual = {"id": "0" * 32, "device_id": 1, "product_id": 1, "file_name": "a.bin", "size_bytes": 10 * KB}
    rest = {"room_bytes": 10 * KB, "have_bytes": 0, "crc64": 0, "wanted_crc64": "", "init_uid": "", "blob_key": "k"}
    return Upload(**{**usual, **rest, **given})


def block(offset: int, size: int, *, last: bool = False) -> UploadBlock:
    return UploadBlock("2", "0" * 32, offset, size, last, memoryview(bytes(size)))


@pytest.mark.parametrize("name", ["a", "0", "a_b.c", "A..b", "x" * 100])
def test_names(name: str) -> None:
    assert is_file_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "_a",
        ".env",
        "../../etc/x",
        "..\\x",
        "/x",
        "C:",
        "a\0",
        "%2e%2e",
        "x" * 101,
        "a b",
        "ä",
        "a/b",
        "a\n",
        "日志",
        "٣",
    ],
)
def test_names_that_lead_elsewhere(name: str) -> None:
    assert not is_file_name(name)
    assert fault_of(init(file_name=name)) is UploadFault.BAD_PARAMETERS


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, None),
        ({"size_bytes": -1}, None),
        ({"size_bytes": MAX_FILE_BYTES}, None),
        ({"size_bytes": MAX_FILE_BYTES + 1}, UploadFault.FILE_TOO_LARGE),
        ({"size_bytes": 0}, UploadFault.BAD_PARAMETERS),
        ({"size_bytes": -2}, UploadFault.BAD_PARAMETERS),
        ({"strategy": "append"}, None),
        ({"strategy": "replace"}, UploadFault.BAD_PARAMETERS),
        ({"fic_mode": "crc64", "fic_value": "995DC9BBDF1939FA"}, None),
        ({"fic_mode": "crc64", "fic_value": "995DC9BBDF1939FA0"}, UploadFault.BAD_PARAMETERS),
        ({"fic_mode": "crc64", "fic_value": "not hex"}, UploadFault.BAD_PARAMETERS),
        ({"fic_mode": "md5"}, UploadFault.BAD_PARAMETERS),
        ({"init_uid": "u" * 128}, None),
        ({"init_uid": "u" * 129}, UploadFault.BAD_PARAMETERS),
        ({"init_uid": "a\0b"}, UploadFault.BAD_PARAMETERS),
    ],
)
def test_requests(given: dict[str, Any], fault: UploadFault | None) -> None:
    assert fault_of(init(**given)) is fault


@pytest.mark.parametrize(
    ("given", "under_way", "exists", "what"),
    [
        ({}, None, False, Beginning.START),
        ({}, None, True, Beginning.START),
        ({"strategy": "append"}, None, True, Beginning.EXISTS),
        ({"strategy": "reject"}, None, True, Beginning.EXISTS),
        ({"strategy": "reject"}, None, False, Beginning.START),
        ({"strategy": "append"}, {}, False, Beginning.RESUME),
        ({"strategy": "append"}, {"size_bytes": 9 * KB}, False, Beginning.START),
        ({"strategy": "append", "size_bytes": -1}, {"size_bytes": None}, False, Beginning.RESUME),
        ({"strategy": "append", "fic_value": "1"}, {"wanted_crc64": "2"}, False, Beginning.START),
        ({"strategy": "append", "fic_value": "ab"}, {"wanted_crc64": "00AB"}, False, Beginning.RESUME),
        # Of the other strategies, only the very same request goes on with what is there.
        ({}, {}, False, Beginning.START),
        ({"init_uid": "u"}, {"init_uid": "u"}, False, Beginning.RESUME),
        ({"init_uid": "u"}, {"init_uid": "u"}, True, Beginning.RESUME),
        ({"init_uid": "u"}, {"init_uid": "v"}, False, Beginning.START),
        ({"init_uid": "u", "size_bytes": KB}, {"init_uid": "u"}, False, Beginning.START),
        ({"strategy": "reject"}, {}, False, Beginning.START),
    ],
)
def test_beginnings(
    given: dict[str, Any],
    under_way: dict[str, Any] | None,
    exists: bool,  # noqa: FBT001 - a row
    what: Beginning,
) -> None:
    known = None if under_way is None else upload(**under_way)
    assert beginning(init(**given), known, exists=exists) is what


def test_check_sums_are_compared_as_numbers() -> None:
    assert same_crc64("ABC", "0000000000000abc")
    assert not same_crc64("abc", "abd")


@pytest.mark.parametrize(
    ("have", "arrived", "verdict"),
    [
        (0, block(0, 4 * KB), Keep(completes=False)),
        (0, block(0, 10 * KB), Keep(completes=True)),
        (9 * KB, block(9 * KB, KB), Keep(completes=True)),
        (10 * KB - 1, block(10 * KB - 1, 1), Keep(completes=True)),
        # isComplete is for streams: here the size says when the file is complete.
        (0, block(0, KB, last=True), Keep(completes=False)),
        (4 * KB, block(0, 4 * KB), Again()),
        (4 * KB, block(KB, KB), Again()),
        (4 * KB, block(8 * KB, KB), Refuse(UploadFault.WRONG_OFFSET, 4 * KB)),
        (4 * KB, block(3 * KB, 2 * KB), Refuse(UploadFault.WRONG_OFFSET, 4 * KB)),
        (9 * KB, block(9 * KB, 2 * KB), Refuse(UploadFault.BAD_PARAMETERS)),
        (0, block(0, 255), Refuse(UploadFault.BLOCK_TOO_SMALL)),
        (0, block(0, 0), Refuse(UploadFault.BLOCK_TOO_SMALL)),
        (KB, block(KB, 0), Refuse(UploadFault.BLOCK_TOO_SMALL)),
        (0, block(0, 256), Keep(completes=False)),
        (0, block(0, 131_073), Refuse(UploadFault.BLOCK_TOO_LARGE)),
    ],
)
def test_blocks_of_a_known_size(have: int, arrived: UploadBlock, verdict: object) -> None:
    assert judge(upload(have_bytes=have), arrived) == verdict


@pytest.mark.parametrize(
    ("have", "arrived", "verdict"),
    [
        (0, block(0, KB), Keep(completes=False)),
        (0, block(0, 1, last=True), Keep(completes=True)),
        (KB, block(KB, 0, last=True), Keep(completes=True)),
        (KB, block(0, KB), Again()),
        (KB, block(0, KB, last=True), Keep(completes=True, skip=KB)),
        (0, block(0, 0, last=True), Refuse(UploadFault.BLOCK_TOO_SMALL)),
        (KB, block(KB, 1), Refuse(UploadFault.BLOCK_TOO_SMALL)),
        (4 * KB, block(4 * KB, 2 * KB), Refuse(UploadFault.NO_ROOM)),
    ],
)
def test_blocks_of_a_stream(have: int, arrived: UploadBlock, verdict: object) -> None:
    assert judge(upload(size_bytes=None, room_bytes=5 * KB, have_bytes=have), arrived) == verdict


def test_a_stream_is_no_longer_than_a_file() -> None:
    full = upload(size_bytes=None, room_bytes=MAX_FILE_BYTES, have_bytes=MAX_FILE_BYTES)
    assert judge(full, block(MAX_FILE_BYTES, 256)) == Refuse(UploadFault.FILE_TOO_LARGE)


@pytest.mark.parametrize(
    ("size", "held", "room"),
    [
        (10 * KB, Held(0, 0, 0), 10 * KB),
        (10 * KB, Held(2, 90 * KB, 0), 10 * KB),
        (10 * KB, Held(2, 91 * KB, 0), None),
        (1, Held(3, 0, 0), None),
        (10 * KB, Held(0, 0, 991 * KB), None),
        (None, Held(0, 0, 0), 100 * KB),
        (None, Held(2, 70 * KB, 0), 30 * KB),
        (None, Held(2, 0, 999 * KB), KB),
        (None, Held(2, 100 * KB, 0), None),
    ],
)
def test_room(size: int | None, held: Held, room: int | None) -> None:
    assert room_for(size, held, QUOTAS) == room
