"""How much of their files all downloads together hold in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

LEAST_BYTES = 64 * 2**10
MOST_BYTES = 2**20
_SHARED_BYTES = 16 * 2**20
_PART = 8
_FEW = 16
# The kernel's own buffers take the beginning of a file at any speed: only what follows says how fast the reader is.
_UNPROVEN_BYTES = 8 * 2**20


class ChunkMemory:
    """Says how large the next chunk of a download may be.

    A few downloads get large chunks, which is fast. When there are many, each begins with small ones until its reader
    has shown to read; and the more memory waits for slow readers, the smaller a new chunk is. All together hold at most
    16 MiB, and then 64 KiB each.
    """

    def __init__(self) -> None:
        self._free = _SHARED_BYTES
        self._held = 0

    @contextmanager
    def lease(self, wanted: int, sent: int) -> Iterator[int]:
        """Give the size of one chunk, ``wanted`` bytes at most, which counts as used until the block ends.

        ``sent`` is how many bytes went before it.
        """
        unproven = sent < _UNPROVEN_BYTES and self._held > _FEW
        shared = LEAST_BYTES if unproven else min(MOST_BYTES, self._free // _PART)
        size = min(wanted, max(LEAST_BYTES, shared))
        self._free -= size
        self._held += 1
        try:
            yield size
        finally:
            self._free += size
            self._held -= 1
