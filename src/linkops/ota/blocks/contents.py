"""Whole small files in memory: blocks are slices of them."""

import asyncio
from collections import OrderedDict

import msgspec

from linkops.blobs import Blobs
from linkops.ota.blocks.store import StreamFile

BUSY_MS = 10_000
"""A file that was read this lately is not given up for another one."""
LOADED_WITHIN_S = 30.0
_PIECE_BYTES = 2**20


class _Loaded(msgspec.Struct):
    content: memoryview
    used_at: int


class Contents:
    """Files by key, at most ``max_bytes`` in all; the least recently read go first. Used on one loop only."""

    def __init__(self, blobs: Blobs, max_bytes: int) -> None:
        self._blobs = blobs
        self._max_bytes = max_bytes
        self._taken_bytes = 0
        self._loaded: OrderedDict[str, _Loaded] = OrderedDict()
        self._loading: dict[str, asyncio.Task[memoryview]] = {}

    @property
    def taken_bytes(self) -> int:
        """Memory of the files that are loaded or on their way."""
        return self._taken_bytes

    def get(self, blob_key: str, now: int) -> memoryview | None:
        """Return a file that is in memory."""
        loaded = self._loaded.get(blob_key)
        if loaded is None:
            return None
        loaded.used_at = now
        self._loaded.move_to_end(blob_key)
        return loaded.content

    async def read(self, file: StreamFile, offset: int, size: int, now: int) -> bytes | memoryview:
        """Return bytes of a file, which is read as a whole, once for all who wait for it, if there is room for it.

        Raises:
            FileNotFoundError: when the file is gone.
            TimeoutError: when the store does not answer.
        """
        content = self.get(file.blob_key, now)
        if content is None and (file.blob_key in self._loading or self._make_room(file.size_bytes, now)):
            content = await asyncio.shield(self._load(file, now))
        if content is not None:
            return content[offset : offset + size]
        async with asyncio.timeout(LOADED_WITHIN_S):
            return await self._blobs.read(file.blob_key, offset, size)

    def _make_room(self, size_bytes: int, now: int) -> bool:
        """Give up files that nobody reads any more; False if that is not enough."""
        while self._taken_bytes + size_bytes > self._max_bytes:
            key, oldest = next(iter(self._loaded.items()), ("", None))
            if oldest is None or 0 <= now - oldest.used_at < BUSY_MS:
                return False
            del self._loaded[key]
            self._taken_bytes -= len(oldest.content)
        return True

    def _load(self, file: StreamFile, now: int) -> "asyncio.Task[memoryview]":
        task = self._loading.get(file.blob_key)
        if task is None:
            self._taken_bytes += file.size_bytes
            task = self._loading[file.blob_key] = asyncio.create_task(self._whole(file))
            task.add_done_callback(lambda done: self._arrived(file, done, now))
        return task

    def _arrived(self, file: StreamFile, done: "asyncio.Task[memoryview]", now: int) -> None:
        del self._loading[file.blob_key]
        if done.cancelled() or done.exception() is not None:
            self._taken_bytes -= file.size_bytes
        else:
            self._loaded[file.blob_key] = _Loaded(done.result(), now)

    async def _whole(self, file: StreamFile) -> memoryview:
        content = bytearray(file.size_bytes)
        async with asyncio.timeout(LOADED_WITHIN_S):
            for start in range(0, file.size_bytes, _PIECE_BYTES):
                # In pieces, so that the loop is never held up by copying a whole file.
                length = min(_PIECE_BYTES, file.size_bytes - start)
                content[start : start + length] = await self._piece(file, start, length)
        return memoryview(content).toreadonly()

    async def _piece(self, file: StreamFile, start: int, length: int) -> bytes:
        piece = await self._blobs.read(file.blob_key, start, length)
        if len(piece) != length:
            raise FileNotFoundError(file.blob_key)
        return piece
