"""Block requests and replies as SDKs write and read them."""

import msgspec
import pytest
from fastcrc import crc16

from linkops.alink.blocks import (
    BlockFault,
    BlockRequest,
    read_block_request,
    write_block_error,
    write_block_reply,
)
from linkops.alink.jsontext import Malformed

C4 = (
    b'{"id":"1","version":"1.0","params":{"fileToken":"default","fileInfo":{"streamId":1397345,"fileId":1,},'
    b'"fileBlock":{"size":10240,"offset":0}}}'
)
PLAIN = b'{"id":%b,"params":{%b"fileInfo":{"streamId":%b,"fileId":%b},"fileBlock":{"size":%b,"offset":%b}}}'


def split(reply: bytes) -> tuple[bytes, bytes, bytes]:
    """Return JSON, block and trailer of a reply."""
    length = int.from_bytes(reply[:2], "big")
    return reply[2 : 2 + length], reply[2 + length : -2], reply[-2:]


def test_the_request_of_the_c_sdk_is_read_in_spite_of_its_trailing_comma() -> None:
    assert read_block_request(C4) == BlockRequest("1", "default", 1_397_345, 1, 10_240, 0)


def test_numbers_may_be_texts_and_the_token_missing() -> None:
    request = read_block_request(PLAIN % (b"7", b"", b'"12"', b'"1"', b'"256"', b'"0"'))
    assert request == BlockRequest(7, msgspec.UNSET, 12, 1, 256, 0)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b'{"id":"1","params":{}}',
        PLAIN % (b'"1"', b"", b"1", b"1", b"1.5", b"0"),
        PLAIN % (b'"1"', b"", b"1", b"1", b'"0x10"', b"0"),
        PLAIN % (b'"1"', b"", b"1", b"1", '"٣"'.encode(), b"0"),
        PLAIN % (b'"1"', b"", b"99999999999999999999", b"1", b"256", b"0"),
        PLAIN % (b'"1"', b"", b"null", b"1", b"256", b"0"),
        PLAIN % (b"[]", b"", b"1", b"1", b"256", b"0"),
        PLAIN % (b'"%b"' % (b"x" * 513), b"", b"1", b"1", b"256", b"0"),
        PLAIN % (b'"1"', b'"fileToken":"%b",' % (b"x" * 513), b"1", b"1", b"256", b"0"),
    ],
)
def test_what_names_no_block_is_refused(payload: bytes) -> None:
    with pytest.raises(Malformed):
        read_block_request(payload)


def test_the_layout_of_a_reply() -> None:
    head, block, trailer = split(write_block_reply(read_block_request(C4), b"123456789", 300_000))
    assert head == (
        b'{"id":"1","code":200,"data":{"fileToken":"default","bSize":9,"bOffset":0,"fileLength":300000},'
        b'"message":"success"}'
    )
    assert block == b"123456789"
    assert trailer == b"\x3d\xbb"  # the check value of CRC-16/ARC is 0xBB3D, and its low byte comes first


def test_a_block_of_256_bytes() -> None:
    block = bytes(range(256))
    _, sent, trailer = split(write_block_reply(read_block_request(C4), memoryview(block), 3_604))
    assert sent == block
    assert trailer == crc16.arc(block).to_bytes(2, "little") == b"\xd3\xba"


def test_the_id_is_echoed_as_it_came_and_no_token_is_invented() -> None:
    request = read_block_request(PLAIN % (b"7", b"", b"1", b"1", b"256", b"512"))
    head, _, _ = split(write_block_reply(request, b"x", 513))
    assert head.startswith(b'{"id":7,"code":200,"data":{"bSize":1,"bOffset":512,"fileLength":513}')


@pytest.mark.parametrize("fault", BlockFault)
def test_an_error_has_the_same_layout_without_a_block(fault: BlockFault) -> None:
    head, block, trailer = split(write_block_error("9", fault))
    answer = msgspec.json.decode(head)
    assert (answer["id"], answer["code"], answer["data"]) == ("9", fault, {})
    assert (block, trailer) == (b"", b"\0\0")


def test_a_head_never_outgrows_its_two_bytes_of_length() -> None:
    longest = b'"%b"' % (rb"\u0001" * 512)
    request = read_block_request(PLAIN % (longest, b'"fileToken":%b,' % longest, b"1", b"1", b"256", b"0"))
    head, _, _ = split(write_block_reply(request, b"x", 1))
    assert msgspec.json.decode(head)["data"]["fileToken"] == "\1" * 512
