"""Files on their way to whoever downloads them: read piece by piece, no more in memory than readers can take."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.types import Message, Receive, Send

from linkops.api.memory import ChunkMemory
from linkops.api.metrics import Metrics
from linkops.api.ranges import Span
from linkops.blobs import Blobs

Read = Callable[[int, int], Awaitable[bytes]]
"""Returns so many bytes from an offset on, fewer only at the end."""

_DRAINED = {"type": "http.response.body", "body": b"", "more_body": True}
"""Sends nothing, and returns only when the connection has taken nearly all that was sent before."""


class FileSender:
    """Sends stored files; one object a door, since what it limits, it limits for all downloads together."""

    def __init__(self, blobs: Blobs, metrics: Metrics) -> None:
        self._blobs = blobs
        self._metrics = metrics
        self._memory = ChunkMemory()
        self.running = 0

    async def send(self, blob_key: str, span: Span, start: Message, receive: Receive, send: Send) -> None:
        """Send a part of a stored file behind ``start``; see `send_read`.

        Raises:
            FileNotFoundError: there is no such file; nothing was sent then.
        """
        await self.send_read(partial(self._blobs.read, blob_key), span, start, receive, send)

    async def send_read(self, read: Read, span: Span, start: Message, receive: Receive, send: Send) -> bool:
        """Send what ``read`` returns for ``span`` behind ``start``, until it is all sent or nobody is there to read.

        Returns:
            Whether all of it was handed to a connection that was still there.

        Raises:
            FileNotFoundError: what the first ``read`` raised; nothing was sent then.
        """
        gone = asyncio.create_task(_gone(receive))
        self.running += 1
        self._metrics.downloads_running.inc()
        try:
            return await self._send_chunks(read, span, start, gone, send)
        finally:
            self.running -= 1
            self._metrics.downloads_running.dec()
            gone.cancel()

    async def _send_chunks(self, read: Read, span: Span, start: Message, gone: asyncio.Task[None], send: Send) -> bool:
        at = span.start
        # The first chunk is read before the answer begins: a file that is gone can still be answered as such.
        while not gone.done():
            with self._memory.lease(span.stop - at, at - span.start) as size:
                try:
                    chunk = await read(at, size)
                except FileNotFoundError:
                    if at == span.start:
                        raise
                    return False  # deleted meanwhile: the connection is closed before all that was announced has come
                if at == span.start:
                    await send(start)
                at += len(chunk)
                more = at < span.stop and len(chunk) == size
                await send({"type": "http.response.body", "body": chunk, "more_body": more})
                self._metrics.download_bytes.inc(len(chunk))
                if not more:
                    return at == span.stop and not gone.done()
                await send(_DRAINED)
        return False


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
