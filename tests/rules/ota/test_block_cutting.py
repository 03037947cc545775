"""Which bytes a block request may have."""

import pytest

from linkops.alink.blocks import BlockFault, BlockRequest
from linkops.ota.blocks.cutting import MAX_BLOCK_BYTES, MAX_FILE_BYTES, fault_of, wanted_bytes

FILE_BYTES = 1_000


def asked(size: int, offset: int = 0, file_id: int = 1) -> BlockRequest:
    return BlockRequest("1", "default", 5, file_id, size, offset)


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        (asked(0), BlockFault.BAD_PARAMETERS),
        (asked(-1), BlockFault.BAD_PARAMETERS),
        (asked(MAX_BLOCK_BYTES + 1), BlockFault.BAD_PARAMETERS),
        (asked(256, -1), BlockFault.OUT_OF_RANGE),
        (asked(256, MAX_FILE_BYTES + 1), BlockFault.OUT_OF_RANGE),
        (asked(256, file_id=2), BlockFault.NOT_FOUND),
        (asked(256), None),
        (asked(1, MAX_FILE_BYTES), None),
        (asked(MAX_BLOCK_BYTES), None),
    ],
)
def test_what_is_wrong_whatever_the_file_is(request_: BlockRequest, fault: BlockFault | None) -> None:
    assert fault_of(request_) is fault


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (asked(256), 256),
        (asked(255), BlockFault.BAD_PARAMETERS),
        (asked(256, 900), 100),
        (asked(100, 900), 100),
        (asked(99, 900), BlockFault.BAD_PARAMETERS),
        (asked(1, 999), 1),
        (asked(MAX_BLOCK_BYTES, 1), 999),
        (asked(256, 1_000), BlockFault.OUT_OF_RANGE),
        (asked(1, 1_000), BlockFault.OUT_OF_RANGE),
    ],
)
def test_only_the_last_block_is_small(request_: BlockRequest, wanted: int | BlockFault) -> None:
    assert wanted_bytes(request_, FILE_BYTES) == wanted
