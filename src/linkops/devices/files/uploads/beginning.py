"""What becomes of a request to upload (docs/protocol/device-protocol.md#file-upload)."""

import re
from enum import Enum, auto

from linkops.alink.uploads import CRC64, Strategy, UploadFault, UploadInit
from linkops.devices.files.model import MAX_FILE_BYTES
from linkops.devices.files.uploads.model import Upload

STREAM = -1
MAX_NAME_BYTES = 100
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_.]{{0,{MAX_NAME_BYTES - 1}}}", re.ASCII)
_CRC64 = re.compile(r"[0-9A-Fa-f]{1,16}", re.ASCII)
_MAX_UID_CHARS = 128


class Beginning(Enum):
    """What is done."""

    START = auto()
    RESUME = auto()
    EXISTS = auto()


def is_file_name(text: str) -> bool:
    """Return whether a file may be called so: 1 to 100 letters, digits, ``_ .``, the first a letter or digit."""
    return _NAME.fullmatch(text) is not None


def fault_of(init: UploadInit) -> UploadFault | None:
    """Return what is wrong with a request, whatever is stored already."""
    if init.size_bytes > MAX_FILE_BYTES:
        return UploadFault.FILE_TOO_LARGE
    sized = init.size_bytes == STREAM or init.size_bytes > 0
    checked = init.fic_mode in ("", CRC64) and (not init.fic_value or _CRC64.fullmatch(init.fic_value) is not None)
    uid = len(init.init_uid) <= _MAX_UID_CHARS and (not init.init_uid or init.init_uid.isprintable())
    known = init.strategy in tuple(Strategy)
    return None if is_file_name(init.file_name) and sized and checked and uid and known else UploadFault.BAD_PARAMETERS


def beginning(init: UploadInit, under_way: Upload | None, *, exists: bool) -> Beginning:
    """Return what is done about a request without `fault_of`.

    Args:
        init: the request.
        under_way: the unfinished upload of a file of this name.
        exists: whether there is a complete file of this name.
    """
    if under_way is not None and init.init_uid and init.init_uid == under_way.init_uid and _same(init, under_way):
        return Beginning.RESUME
    if exists and init.strategy != Strategy.OVERWRITE:
        return Beginning.EXISTS
    if under_way is not None and init.strategy == Strategy.APPEND and _same(init, under_way):
        return Beginning.RESUME
    return Beginning.START


def announced_bytes(init: UploadInit) -> int | None:
    """Return the size of the file, None for a stream."""
    return None if init.size_bytes == STREAM else init.size_bytes


def _same(init: UploadInit, under_way: Upload) -> bool:
    """Whether both are about the same bytes, as far as the device has told."""
    given, known = init.fic_value, under_way.wanted_crc64
    return announced_bytes(init) == under_way.size_bytes and (not given or not known or same_crc64(given, known))


def same_crc64(one: str, other: str) -> bool:
    """Return whether two check sums are the same; SDKs write them in either case, and some without leading zeros."""
    return one.lower().zfill(16) == other.lower().zfill(16)
