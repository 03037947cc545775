"""Files on their way to whoever downloads them: read piece by piece, no more in memory than readers can take."""

import asyncio

from starlette.types import Message, Receive, Send

from linkops.api.memory import ChunkMemory
from linkops.api.metrics import Metrics
from linkops.api.ranges import Span
from linkops.blobs import Blobs

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
        """Send a part of a file behind ``start``, until it is all sent or nobody is there to read.

        Raises:
            FileNotFoundError: there is no such file; nothing was sent then.
        """
        gone = asyncio.create_task(_gone(receive))
        self.running += 1
        self._metrics.downloads_running.inc()
        try:
            await self._send_chunks(blob_key, span, start, gone, send)
        finally:
            self.running -= 1
            self._metrics.downloads_running.dec()
            gone.cancel()

    async def _send_chunks(
        self, blob_key: str, span: Span, start: Message, gone: asyncio.Task[None], send: Send
    ) -> None:
        at = span.start
        # The first chunk is read before the answer begins: a file that is gone can still be answered as such.
        while not gone.done():
            with self._memory.lease(span.stop - at, at - span.start) as size:
                try:
                    chunk = await self._blobs.read(blob_key, at, size)
                except FileNotFoundError:
                    if at == span.start:
                        raise
                    return  # deleted meanwhile: the connection is closed before all that was announced has come
                if at == span.start:
                    await send(start)
                at += len(chunk)
                more = at < span.stop and len(chunk) == size
                await send({"type": "http.response.body", "body": chunk, "more_body": more})
                self._metrics.download_bytes.inc(len(chunk))
                if not more:
                    return
                await send(_DRAINED)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
