"""Files in memory: each read once, the memory bounded, and files that are being read stay."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from linkops.blobs import Blobs, open_blobs
from linkops.ota.blocks.contents import BUSY_MS, Contents
from linkops.ota.blocks.store import StreamFile

KIB = 1_024
NOW = 1_800_000_000_000


@pytest.fixture(params=["folder", "object store"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return open_blobs(None, tmp_path / "blobs") if request.param == "folder" else Blobs(MemoryStore(), None)


async def stored(blobs: Blobs, content: bytes) -> StreamFile:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    blob = await blobs.put(chunks(), len(content))
    return StreamFile(blob.key, blob.size_bytes)


async def test_whoever_waits_for_a_file_waits_for_the_same_copy(blobs: Blobs) -> None:
    content = bytes(range(256)) * 12 * KIB  # three pieces
    file = await stored(blobs, content)
    contents = Contents(blobs, 4 * len(content))
    blocks = await asyncio.gather(*(contents.read(file, offset, 1_000, NOW) for offset in range(0, 20_000, 1_000)))
    assert b"".join(blocks) == content[:20_000]
    assert contents.taken_bytes == len(content)
    await blobs.delete(file.blob_key)
    assert await contents.read(file, 2**20 - 5, 10, NOW) == content[2**20 - 5 : 2**20 + 5]


async def test_a_file_that_nobody_reads_any_more_makes_room(blobs: Blobs) -> None:
    first, second, third = [await stored(blobs, bytes([number]) * 4 * KIB) for number in range(3)]
    contents = Contents(blobs, 8 * KIB)
    await contents.read(first, 0, 1, NOW)
    await contents.read(second, 0, 1, NOW + 1)
    assert contents.get(first.blob_key, NOW + 2) is not None
    assert await contents.read(third, 0, 1, NOW + BUSY_MS + 1) == b"\2"
    assert contents.get(second.blob_key, NOW + BUSY_MS + 1) is None
    assert contents.get(first.blob_key, NOW + BUSY_MS + 1) is not None
    assert contents.taken_bytes == 8 * KIB


async def test_without_room_a_block_is_read_on_its_own(blobs: Blobs) -> None:
    first, second = [await stored(blobs, bytes([number]) * 6 * KIB) for number in range(2)]
    contents = Contents(blobs, 8 * KIB)
    await contents.read(first, 0, 1, NOW)
    assert await contents.read(second, 6_000, 100, NOW) == b"\1" * 100
    assert contents.get(second.blob_key, NOW) is None
    assert contents.taken_bytes == 6 * KIB


async def test_a_file_that_cannot_be_read_takes_no_room(blobs: Blobs) -> None:
    file = await stored(blobs, b"x" * KIB)
    contents = Contents(blobs, 8 * KIB)
    for wrong in (StreamFile("00/gone", KIB), StreamFile(file.blob_key, KIB + 1)):
        with pytest.raises(FileNotFoundError):
            await contents.read(wrong, 0, 1, NOW)
    assert contents.taken_bytes == 0
    assert await contents.read(file, 0, 1, NOW) == b"x"
