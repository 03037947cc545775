"""Files that devices upload over MQTT (docs/protocol/device-protocol.md#file-upload).

The C SDK matches an answer to its request by what is in ``data``: the name of the file there, the upload, the offset
and the size here. So these are echoed in refusals, too; without them it would wait for its time-out instead.
"""

from enum import StrEnum
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec
from fastcrc import crc16

from linkops.alink.faults import Fault
from linkops.alink.jsontext import Malformed, decode
from linkops.alink.messages import MessageId, check_id, write_reply

CRC64 = "crc64"
MAX_ECHOED_CHARS = 512
_CRC_BYTES = 2
_Number = Annotated[int, msgspec.Meta(ge=-1, le=2**53)]


class UploadFault(Fault):
    """Why a request is refused: the ``code`` of the reply. Five digits are the vendor's own."""

    BAD_PAYLOAD = 400, "payload cannot be read"
    TOO_FAST = 429, "too fast, ask again"
    BAD_PARAMETERS = 460, "bad parameters"
    UNAVAILABLE = 500, "cannot be stored now, try again later"
    NO_ROOM = 507, "the quota of files is used up"
    FILE_TOO_LARGE = 78117, "file is larger than allowed"
    BLOCK_TOO_LARGE = 78118, "block is larger than 131072 bytes"
    WRONG_OFFSET = 78119, "block does not follow what is here"
    BLOCK_TOO_SMALL = 78120, "block is smaller than 256 bytes"
    BLOCK_DAMAGED = 78121, "block is damaged, send it again"
    NOT_FOUND = 78122, "no such upload"
    EXISTS = 78123, "a file of this name exists"
    FINISHED = 78124, "the upload is finished"
    FILE_DAMAGED = 78125, "the check sum of the file is another"
    BLOCKS_TOO_FAST = 78127, "too many blocks at once, send it again"


class Strategy(StrEnum):
    """What becomes of a file of the same name, or of its unfinished upload."""

    OVERWRITE = "overwrite"
    APPEND = "append"
    REJECT = "reject"


class UploadInit(NamedTuple):
    """A device wants to upload a file; only the types are checked.

    Attributes:
        size_bytes: -1 for a stream, whose end nobody knows yet.
        fic_value: what the CRC-64 shall be, as the device wrote it; "" is not checked.
        init_uid: the same in a repetition of the request; "" where the device gives none.
    """

    id: MessageId
    file_name: str
    size_bytes: int
    strategy: str
    fic_mode: str
    fic_value: str
    init_uid: str


class UploadBlock(NamedTuple):
    """A piece of a file; only the types are checked, and that it arrived whole.

    Attributes:
        size: of ``content``, as the device said.
        is_last: of a stream.
    """

    id: MessageId
    upload_id: str
    offset: int
    size: int
    is_last: bool
    content: memoryview


class UploadCancel(NamedTuple):
    """A device gives up an upload."""

    id: MessageId
    upload_id: str


class UploadRefused(Exception):  # noqa: N818 - an answer to the device, not a fault of ours
    """A request that cannot be carried out; ``reply`` is what the device is told."""

    def __init__(self, fault: UploadFault, reply: bytes) -> None:
        super().__init__(fault)
        self.fault = fault
        self.reply = reply


class _Message(msgspec.Struct, gc=False):
    id: MessageId = ""
    params: Any = None


class _InitParams(msgspec.Struct, rename="camel", gc=False):
    file_name: str
    file_size: _Number
    conflict_strategy: str | None = None
    fic_mode: str | None = None
    fic_value: str | None = None
    init_uid: str | int | None = None


class _BlockParams(msgspec.Struct, rename="camel", gc=False):
    upload_id: str
    offset: _Number
    b_size: _Number
    is_complete: bool | None = False


class _CancelParams(msgspec.Struct, rename="camel", gc=False):
    upload_id: str


class _InitData(msgspec.Struct, rename="camel", gc=False):
    file_name: str
    upload_id: str | msgspec.UnsetType = msgspec.UNSET
    offset: int | msgspec.UnsetType = msgspec.UNSET


class _BlockData(msgspec.Struct, rename="camel", gc=False):
    upload_id: str = ""
    offset: int = 0
    b_size: int = 0
    complete: bool | msgspec.UnsetType = msgspec.UNSET
    fic_mode: str | msgspec.UnsetType = msgspec.UNSET
    fic_value_client: str | msgspec.UnsetType = msgspec.UNSET
    fic_value_server: str | msgspec.UnsetType = msgspec.UNSET
    next_offset: int | msgspec.UnsetType = msgspec.UNSET


class _CancelData(msgspec.Struct, rename="camel", gc=False):
    upload_id: str


P = TypeVar("P", _InitParams, _BlockParams, _CancelParams)
_message = msgspec.json.Decoder(_Message)


# Requests


def read_upload_init(payload: bytes) -> UploadInit:
    """Return what file a device wants to upload; numbers may be texts.

    Raises:
        UploadRefused: it is no such request.
    """
    message = _read(payload, _InitData(""))
    params = _params(message, _InitParams, _InitData(_name_in(message.params)))
    return UploadInit(
        message.id,
        params.file_name,
        params.file_size,
        (params.conflict_strategy or Strategy.OVERWRITE).lower(),
        (params.fic_mode or "").lower(),
        params.fic_value or "",
        str(params.init_uid or ""),
    )


def read_upload_block(payload: bytes) -> UploadBlock:
    """Return a block that arrived whole: header, as many bytes as it says, and their CRC-16/ARC (little endian).

    Raises:
        UploadRefused: it is no block, or it was damaged on its way.
    """
    head_end = 2 + int.from_bytes(payload[:2])
    if len(payload) < head_end + _CRC_BYTES:
        raise _refused(UploadFault.BAD_PAYLOAD, "", _BlockData())
    message = _read(payload[2:head_end], _BlockData())
    params = _params(message, _BlockParams, _BlockData())
    echo = _BlockData(params.upload_id[:MAX_ECHOED_CHARS], params.offset, params.b_size)
    content = memoryview(payload)[head_end:-_CRC_BYTES]
    if len(content) != params.b_size or params.offset < 0:
        raise _refused(UploadFault.BAD_PARAMETERS, message.id, echo)
    if crc16.arc(content) != int.from_bytes(payload[-_CRC_BYTES:], "little"):
        raise _refused(UploadFault.BLOCK_DAMAGED, message.id, echo)
    return UploadBlock(message.id, params.upload_id, params.offset, params.b_size, params.is_complete is True, content)


def read_upload_cancel(payload: bytes) -> UploadCancel:
    """Return which upload a device gives up.

    Raises:
        UploadRefused: it is no such request.
    """
    message = _read(payload, _CancelData(""))
    return UploadCancel(message.id, _params(message, _CancelParams, _CancelData("")).upload_id)


def _read(payload: bytes, data: Any) -> _Message:
    try:
        message = decode(payload, _message)
        check_id(message.id)
    except Malformed:
        raise _refused(UploadFault.BAD_PAYLOAD, "", data) from None
    return message


def _params(message: _Message, kind: type[P], data: Any) -> P:
    try:
        return msgspec.convert(message.params, kind, strict=False)
    except msgspec.ValidationError:
        raise _refused(UploadFault.BAD_PARAMETERS, message.id, data) from None


def _name_in(params: Any) -> str:
    name = params.get("fileName") if isinstance(params, dict) else None
    return name if isinstance(name, str) and len(name) <= MAX_ECHOED_CHARS else ""


# Replies


def write_init_reply(init: UploadInit, upload_id: str, offset: int) -> bytes:
    """Return the reply that lets the device send what follows ``offset``."""
    return write_reply(init.id, _InitData(init.file_name, upload_id, offset))


def write_init_refusal(init: UploadInit, fault: UploadFault) -> bytes:
    """Return the reply that says why not."""
    return _reply(fault, init.id, _InitData(init.file_name[:MAX_ECHOED_CHARS]))


def write_block_reply(block: UploadBlock) -> bytes:
    """Return the reply to a block that is kept, and is not the last one."""
    return write_reply(block.id, _BlockData(block.upload_id, block.offset, block.size))


def write_complete_reply(block: UploadBlock, wanted_crc64: str, crc64: str) -> bytes:
    """Return the reply to the block that made the file complete; ``crc64`` is ours, in lower-case hexadecimal."""
    return write_reply(block.id, _whole(block, wanted_crc64, crc64, complete=True))


def write_damaged_reply(block: UploadBlock, wanted_crc64: str, crc64: str) -> bytes:
    """Return the reply to the last block of a file that is not what the device announced."""
    return _reply(UploadFault.FILE_DAMAGED, block.id, _whole(block, wanted_crc64, crc64, complete=False))


def write_block_refusal(block: UploadBlock, fault: UploadFault, next_offset: int | None) -> bytes:
    """Return the reply that says why a block is not kept, and which offset is wanted next where that is known."""
    data = _BlockData(block.upload_id[:MAX_ECHOED_CHARS], block.offset, block.size)
    if next_offset is not None:
        data.next_offset = next_offset
    return _reply(fault, block.id, data)


def write_cancel_reply(cancel: UploadCancel, fault: UploadFault | None = None) -> bytes:
    """Return the reply to a device that gave up an upload, or the one that says why it cannot."""
    data = _CancelData(cancel.upload_id[:MAX_ECHOED_CHARS])
    return write_reply(cancel.id, data) if fault is None else _reply(fault, cancel.id, data)


def _whole(block: UploadBlock, wanted_crc64: str, crc64: str, *, complete: bool) -> _BlockData:
    return _BlockData(block.upload_id, block.offset, block.size, complete, CRC64, wanted_crc64, crc64)


def _reply(fault: UploadFault, message_id: MessageId, data: Any) -> bytes:
    return write_reply(message_id, data, code=fault, message=fault.text)


def _refused(fault: UploadFault, message_id: MessageId, data: Any) -> UploadRefused:
    return UploadRefused(fault, _reply(fault, message_id, data))
