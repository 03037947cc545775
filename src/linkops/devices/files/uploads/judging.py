"""What becomes of a block (docs/protocol/device-protocol.md#file-upload).

Blocks come one after the other. One that is here already is acknowledged again, since its acknowledgement may have been
lost; one that leaves a gap, or reaches from what is here into what is not, is refused with the offset that is wanted.
"""

from typing import NamedTuple

from linkops.alink.uploads import UploadBlock, UploadFault
from linkops.devices.files.model import MAX_FILE_BYTES
from linkops.devices.files.uploads.model import Refuse, Upload

MIN_BLOCK_BYTES, MAX_BLOCK_BYTES = 256, 131_072
"""Sizes of a block; only the last one of a file may be smaller."""


class Keep(NamedTuple):
    """The block is kept; ``skip`` bytes at its beginning are here already."""

    completes: bool
    skip: int = 0


class Again(NamedTuple):
    """The block is here already, and nothing changes."""


Verdict = Keep | Again | Refuse


def judge(upload: Upload, block: UploadBlock) -> Verdict:
    """Return what is done about a block of an upload that is under way."""
    end = block.offset + block.size
    if block.size > MAX_BLOCK_BYTES:
        return Refuse(UploadFault.BLOCK_TOO_LARGE)
    if block.offset < upload.have_bytes and end <= upload.have_bytes:
        return _known(upload, block)
    if block.offset != upload.have_bytes:
        return Refuse(UploadFault.WRONG_OFFSET, upload.have_bytes)
    fault = _fault_at_end(upload, end)
    if fault is not None:
        return Refuse(fault)
    completes = block.is_last if upload.size_bytes is None else end == upload.size_bytes
    if end == 0 or (block.size < MIN_BLOCK_BYTES and not completes):
        return Refuse(UploadFault.BLOCK_TOO_SMALL)
    return Keep(completes)


def _known(upload: Upload, block: UploadBlock) -> Verdict:
    """A device may find out after it has sent a block of a stream that it was the last one."""
    ends = upload.size_bytes is None and block.is_last and block.offset + block.size == upload.have_bytes
    return Keep(completes=True, skip=block.size) if ends else Again()


def _fault_at_end(upload: Upload, end: int) -> UploadFault | None:
    if end <= upload.room_bytes:
        return None
    if upload.size_bytes is not None:
        return UploadFault.BAD_PARAMETERS
    return UploadFault.FILE_TOO_LARGE if end > MAX_FILE_BYTES else UploadFault.NO_ROOM


def repeats(size_bytes: int, block: UploadBlock) -> bool:
    """Return whether a block can have been the last one of a file that is complete."""
    return block.offset + block.size == size_bytes
