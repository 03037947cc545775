"""Package files on disk."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from linkops.blobs import Blobs, open_blobs
from linkops.errors import TooLarge


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def blobs(folder: Path) -> Blobs:
    return open_blobs(None, folder)


async def chunks(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_was_put_is_measured_and_read_by_range(blobs: Blobs) -> None:
    content = bytes(range(256)) * 40_000
    stored = await blobs.put(chunks(content[:5_000_000], content[5_000_000:], b""), len(content))
    assert stored.size_bytes == len(content)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.md5 == hashlib.md5(content, usedforsecurity=False).hexdigest()
    assert await blobs.read(stored.key, 4_999_990, 20) == content[4_999_990:5_000_010]
    assert await blobs.read(stored.key, len(content) - 3, 100) == content[-3:]


async def test_an_empty_file_is_a_file(blobs: Blobs) -> None:
    stored = await blobs.put(chunks(), 10)
    assert stored.size_bytes == 0
    assert await blobs.read(stored.key, 0, 10) == b""


async def test_too_much_is_refused_and_leaves_nothing(blobs: Blobs, folder: Path) -> None:
    with pytest.raises(TooLarge):
        await blobs.put(chunks(b"x" * 11), 10)
    assert files_in(folder) == []


async def test_a_broken_stream_leaves_nothing(blobs: Blobs, folder: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 10_000_000
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await blobs.put(broken(), 2**30)
    assert files_in(folder) == []


async def test_what_a_killed_server_left_is_gone_after_the_next_start(
    folder: Path, blobs: Blobs, tmp_path: Path
) -> None:
    stalls = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        yield bytes(10_000_000)
        await stalls.wait()

    kept = await blobs.put(chunks(b"abc"), 10)
    upload = asyncio.create_task(blobs.put(stalling(), 2**30))
    async with asyncio.timeout(120):
        while len(files_in(folder)) < 2:  # noqa: ASYNC110 - written by a thread of another library
            await asyncio.sleep(0.01)
    killed = shutil.copytree(folder, tmp_path / "killed")
    stalls.set()
    await upload
    again = open_blobs(None, killed)
    assert await again.read(kept.key, 0, 3) == b"abc"
    assert len(files_in(killed)) == 1


async def test_a_deleted_file_is_gone_and_may_be_deleted_again(blobs: Blobs) -> None:
    stored = await blobs.put(chunks(b"abc"), 10)
    await blobs.delete(stored.key)
    await blobs.delete(stored.key)
    with pytest.raises(FileNotFoundError):
        await blobs.read(stored.key, 0, 3)
