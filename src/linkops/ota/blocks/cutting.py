"""Which bytes of a file a request may have (docs/protocol/ota.md#download-by-blocks)."""

from linkops.alink.blocks import BlockFault, BlockRequest

MIN_BLOCK_BYTES, MAX_BLOCK_BYTES = 256, 131_072
"""Sizes of a block; only the last one of a file may be smaller."""
MAX_FILE_BYTES = 16 * 2**20
"""Larger files are downloaded over HTTPS only; also the largest offset that a device may name."""
FILE_ID = 1
"""Of the one file of a stream."""


def fault_of(request: BlockRequest) -> BlockFault | None:
    """Return what is wrong with a request whatever the file is."""
    if not 0 < request.size <= MAX_BLOCK_BYTES:
        return BlockFault.BAD_PARAMETERS
    if not 0 <= request.offset <= MAX_FILE_BYTES:
        return BlockFault.OUT_OF_RANGE
    if request.file_id != FILE_ID:
        return BlockFault.NOT_FOUND
    return None


def wanted_bytes(request: BlockRequest, file_bytes: int) -> int | BlockFault:
    """Return how many bytes a request without `fault_of` gets: what it asks for, or what is left of the file."""
    left = file_bytes - request.offset
    if left <= 0:
        return BlockFault.OUT_OF_RANGE
    if request.size < MIN_BLOCK_BYTES and request.size < left:
        return BlockFault.BAD_PARAMETERS
    return min(request.size, left)
