"""Package files: streamed in, read by range; a local folder or an object store behind one interface."""

import asyncio
import hashlib
import os
import secrets
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

from linkops.errors import TooLarge

UNFINISHED = "#"
"""Is in the name of a local file that is still being written; our keys have none."""
_UPLOAD_CHUNK_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """What was written: where, how much, and its digests (lower-case hexadecimal)."""

    key: str
    size_bytes: int
    md5: str
    sha256: str


def new_key() -> str:
    """Return a key that no file has, for who must know it before the file is stored."""
    return f"{secrets.token_hex(1)}/{secrets.token_hex(16)}"


class _Measured:
    """Passes chunks on while it counts and digests them."""

    def __init__(self, chunks: AsyncIterator[bytes], max_bytes: int) -> None:
        self._chunks = chunks
        self._max_bytes = max_bytes
        self.size_bytes = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in regrouped(self._chunks, _UPLOAD_CHUNK_BYTES):
            self.size_bytes += len(piece)
            if self.size_bytes > self._max_bytes:
                raise TooLarge("upload.too_large", max_bytes=self._max_bytes)
            # Megabytes are digested in a thread: the digests let go of the interpreter, the loop goes on.
            await asyncio.to_thread(self._digest, piece)
            yield piece

    def _digest(self, piece: bytes) -> None:
        self._md5.update(piece)
        self._sha256.update(piece)

    def stored_as(self, key: str) -> StoredBlob:
        return StoredBlob(key, self.size_bytes, self._md5.hexdigest(), self._sha256.hexdigest())


async def measured(chunks: AsyncIterator[bytes], key: str) -> StoredBlob:
    """Return what a stream would be, stored under ``key``."""
    found = _Measured(chunks, sys.maxsize)
    async for _ in found:
        pass
    return found.stored_as(key)


async def regrouped(chunks: AsyncIterator[bytes], size_bytes: int) -> AsyncIterator[bytes]:
    """Yield the same bytes in pieces of about ``size_bytes``, as soon as each is complete."""
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        if len(waiting) >= size_bytes:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


class Blobs:
    """Files by generated key."""

    def __init__(self, store: ObjectStore, root: Path | None) -> None:
        self._store = store
        self._root = root

    async def put(self, chunks: AsyncIterator[bytes], max_bytes: int, key: str | None = None) -> StoredBlob:
        """Store a stream under ``key``, or a new one; it is on disk when this returns, and gone again if it fails.

        Raises:
            TooLarge: when more than ``max_bytes`` come.
        """
        key = key or new_key()
        measured = _Measured(chunks, max_bytes)
        try:
            await obstore.put_async(self._store, key, measured.__aiter__(), chunk_size=_UPLOAD_CHUNK_BYTES)
        except BaseException:
            await self.delete(key)
            raise
        if self._root is not None:
            # LocalStore renames without syncing: the file and the folders that name it must survive a power cut.
            await asyncio.to_thread(_sync, self._root, key)
        return measured.stored_as(key)

    async def adopt(self, file: Path, key: str) -> bool:
        """Store a file that is on disk already under ``key`` without copying it, and let its owner delete the old name.

        Returns:
            False where that is not possible: files go to an object store, or to another disk.
        """
        return self._root is not None and await asyncio.to_thread(_link, file, self._root, key)

    async def read(self, key: str, start: int, length: int) -> bytes:
        """Return bytes ``start`` … ``start + length`` of a file (fewer at its end).

        Raises:
            FileNotFoundError: when there is no such file.
        """
        if self._root is not None:
            return await asyncio.to_thread(_pread, self._root / key, start, length)
        return bytes(await obstore.get_range_async(self._store, key, start=start, length=length))

    async def delete(self, key: str) -> None:
        """Delete a file, if it exists."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return

    def free_bytes(self) -> int | None:
        """Return the free space of the disk that files go to; None for an object store."""
        if self._root is None:
            return None
        disk = os.statvfs(self._root)
        return disk.f_bavail * disk.f_frsize


def open_blobs(url: str | None, folder: Path) -> Blobs:
    """Return the object store at ``url``, or the local ``folder``, without what a killed server left half written."""
    if url is not None:
        return Blobs(from_url(url), None)
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"*/*{UNFINISHED}*"):
        left.unlink(missing_ok=True)
    return Blobs(LocalStore(folder, mkdir=True), folder)


def _pread(path: Path, start: int, length: int) -> bytes:
    with path.open("rb", buffering=0) as file:
        return os.pread(file.fileno(), length, start)


def _link(file: Path, root: Path, key: str) -> bool:
    there = root / key
    there.parent.mkdir(parents=True, exist_ok=True)
    there.unlink(missing_ok=True)  # of a try before a crash
    try:
        there.hardlink_to(file)
    except OSError:
        return False  # another disk, or one that knows no links
    _sync(root, key)
    return True


def _sync(root: Path, key: str) -> None:
    path = root / key
    for part in (path, path.parent, root):
        descriptor = os.open(part, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
