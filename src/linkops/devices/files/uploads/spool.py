"""Where the bytes of unfinished uploads are: one file each, in a folder of the server's own disk (docs/adr/0043)."""

import asyncio
import errno
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from heapq import nsmallest
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
_THREADS = 4


class Lost(Exception):  # noqa: N818 - says what is the case
    """The spool does not have bytes that a row says are there: a backup was restored, or a disk was lost."""


class Spool:
    """Files by the id of their upload. Blocks are written by threads of its own: a slow disk holds up nothing else."""

    def __init__(self, folder: Path, min_free_bytes: int) -> None:
        """Nothing is written that would leave less than ``min_free_bytes`` free."""
        self._folder = folder
        self._min_free_bytes = min_free_bytes
        self._threads = ThreadPoolExecutor(_THREADS, "linkops-spool")

    def path(self, upload_id: str) -> Path:
        """Return where the bytes of an upload are."""
        return self._folder / upload_id

    def has_room(self, size_bytes: int) -> bool:
        """Return whether so many bytes can be written."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize - size_bytes >= self._min_free_bytes

    async def write(self, upload_id: str, offset: int, content: memoryview) -> None:
        """Write a block that begins where the one before it ended; it is on disk when this returns.

        Raises:
            Lost: the bytes before it are not here.
            OSError: the disk is full, or broken.
        """
        await self._run(self._write, upload_id, offset, content)

    async def read(self, upload_id: str, start: int, length: int) -> bytes:
        """Return bytes of a file.

        Raises:
            Lost: there is no such file, or it is shorter.
        """
        return await self._run(self._read, upload_id, start, length)

    async def delete(self, upload_ids: Iterable[str]) -> None:
        """Delete files, where they exist."""
        await self._run(self._delete, list(upload_ids))

    async def left(self, older_than_s: float, after: str, most: int) -> list[str]:
        """Return up to ``most`` files behind ``after``, in order, that nobody has written to for so long."""
        return await self._run(self._left, older_than_s, after, most)

    async def _run(self, call: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(call, *args))

    def _write(self, upload_id: str, offset: int, content: memoryview) -> None:
        if not self.has_room(len(content)):
            raise OSError(errno.ENOSPC, "less than min_free_disk_bytes would be left")
        file = os.open(self._folder / upload_id, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(file).st_size < offset:
                raise Lost(upload_id)
            _write_all(file, content, offset)
            os.fdatasync(file)
        finally:
            os.close(file)
        if offset == 0:
            self._sync_folder()

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _read(self, upload_id: str, start: int, length: int) -> bytes:
        try:
            with (self._folder / upload_id).open("rb", buffering=0) as file:
                found = os.pread(file.fileno(), length, start)
        except FileNotFoundError:
            raise Lost(upload_id) from None
        if len(found) < length:
            raise Lost(upload_id)
        return found

    def _delete(self, upload_ids: list[str]) -> None:
        for upload_id in upload_ids:
            (self._folder / upload_id).unlink(missing_ok=True)

    def _left(self, older_than_s: float, after: str, most: int) -> list[str]:
        if not self._folder.exists():
            return []
        before = time.time() - older_than_s
        with os.scandir(self._folder) as entries:
            return nsmallest(most, (each.name for each in entries if each.name > after and _is_older(each, before)))


def _is_older(entry: "os.DirEntry[str]", before_s: float) -> bool:
    try:
        return entry.stat().st_mtime < before_s
    except FileNotFoundError:
        return False  # finished meanwhile


def _write_all(file: int, content: memoryview, offset: int) -> None:
    while content:
        written = os.pwrite(file, content, offset)
        content, offset = content[written:], offset + written
