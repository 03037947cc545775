"""A file by blocks over MQTT: JSON and bytes in one payload (docs/protocol/ota.md#download-by-blocks).

A reply is the length of its JSON in two bytes (big endian), the compact JSON, the block, and the CRC-16/ARC of the
block in two bytes (little endian). A reply that says why there is no block has the same layout, with no bytes in it.
"""

import re

import msgspec
from fastcrc import crc16

from linkops.alink.faults import Fault
from linkops.alink.jsontext import Malformed, decode, encode
from linkops.alink.messages import OK, MessageId, check_id

_WHOLE = re.compile(r"-?[0-9]{1,18}")


class BlockFault(Fault):
    """Why there is no block: the ``code`` of the reply."""

    BAD_PARAMETERS = 400, "bad parameters"
    NOT_FOUND = 404, "no such stream or file"
    OUT_OF_RANGE = 416, "offset out of range"
    TOO_FAST = 429, "too fast, ask again"


class BlockRequest(msgspec.Struct, frozen=True, gc=False):
    """Which bytes of which file a device wants, as it said so: no number is judged yet.

    Attributes:
        file_token: echoed in the reply; UNSET where the device sent none.
        stream_id: from the push.
        file_id: counts the files of a stream, from 1.
        size: bytes.
        offset: of the first byte in the file.
    """

    id: MessageId
    file_token: MessageId | msgspec.UnsetType
    stream_id: int
    file_id: int
    size: int
    offset: int


class _FileInfo(msgspec.Struct, rename="camel", gc=False):
    stream_id: int | str
    file_id: int | str


class _FileBlock(msgspec.Struct, gc=False):
    size: int | str
    offset: int | str


class _Params(msgspec.Struct, rename="camel", gc=False):
    file_info: _FileInfo
    file_block: _FileBlock
    file_token: MessageId | None = None


class _Message(msgspec.Struct, gc=False):
    params: _Params
    id: MessageId = ""


class _Data(msgspec.Struct, rename="camel", gc=False):
    file_token: MessageId | msgspec.UnsetType
    b_size: int
    b_offset: int
    file_length: int


class _Nothing(msgspec.Struct, gc=False):
    pass


class _Head(msgspec.Struct, gc=False):
    id: MessageId
    code: int
    data: _Data | _Nothing
    message: str


_message = msgspec.json.Decoder(_Message)


def read_block_request(payload: bytes) -> BlockRequest:
    """Return what a device asks for; numbers may be texts, and an SDK's trailing comma is forgiven.

    Raises:
        Malformed: a number is missing or none, or id or token are longer than anybody could echo.
    """
    message = decode(payload, _message)
    params = message.params
    check_id(message.id)
    token = msgspec.UNSET if params.file_token is None else params.file_token
    if token is not msgspec.UNSET:
        check_id(token)
    info, block = params.file_info, params.file_block
    return BlockRequest(
        message.id, token, _whole(info.stream_id), _whole(info.file_id), _whole(block.size), _whole(block.offset)
    )


def _whole(given: int | str) -> int:
    if isinstance(given, int):
        return given
    if _WHOLE.fullmatch(given) is None:
        raise Malformed("a number is not whole")
    return int(given)


def write_block_reply(request: BlockRequest, block: bytes | memoryview, file_bytes: int) -> bytes:
    """Return the reply with a block of a file that is ``file_bytes`` long."""
    data = _Data(request.file_token, len(block), request.offset, file_bytes)
    head = encode(_Head(request.id, OK, data, "success"))
    return b"".join((len(head).to_bytes(2), head, block, crc16.arc(block).to_bytes(2, "little")))


def write_block_error(message_id: MessageId, fault: BlockFault) -> bytes:
    """Return the reply that says why there is no block; ``message_id`` is "" where none could be read."""
    head = encode(_Head(message_id, fault, _Nothing(), fault.text))
    return b"".join((len(head).to_bytes(2), head, b"\0\0"))
