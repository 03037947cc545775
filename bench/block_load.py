"""Devices that download a file by blocks: each asks for the next one when the one before has come, and checks it."""

import asyncio
from array import array
from time import perf_counter
from typing import cast

from fastcrc import crc16

from bench.load import Load, Phase
from bench.transfers import TransferConnection
from linkops.alink.topics import Channel

_REQUEST = (
    b'{"id":"%d","version":"1.0","params":{"fileToken":"default","fileInfo":{"streamId":%d,"fileId":1,},'
    b'"fileBlock":{"size":%d,"offset":%d}}}'
)
"""As the C SDK 4 writes it, with its trailing comma."""


class BlockConnection(TransferConnection):
    """One device that downloads."""

    __slots__ = ("block_bytes", "stream_id")

    def start(self, stream_id: int, file_bytes: int, block_bytes: int, latencies: "array[float]") -> None:
        """Begin a download; `whole` is done at its end."""
        self.begin(file_bytes, latencies)
        self.stream_id, self.block_bytes = stream_id, block_bytes
        self._go_on()

    def _answered(self, body: bytearray) -> None:
        at = 2 + int.from_bytes(body[:2], "big")
        block_at = at + 2 + int.from_bytes(body[at : at + 2], "big")
        block = body[block_at:-2]
        if b'"code":200,' not in body[at:block_at] or crc16.arc(block) != int.from_bytes(body[-2:], "little"):
            self.whole.set_exception(ValueError(bytes(body[at:block_at])))
            return
        self._moved(len(block))

    def _go_on(self) -> None:
        size = min(self.block_bytes, self.file_bytes - self.offset)
        self._send(Channel.FILE_DOWNLOAD, _REQUEST % (self.offset, self.stream_id, size, self.offset))


class BlockLoad(Load):
    """The downloading devices of one process."""

    connection_type = BlockConnection

    async def download(self, streams: dict[str, int], file_bytes: int, block_bytes: int) -> Phase:
        """Download a whole file on every connection; streams are by device name."""
        latencies = array("d")
        connections = cast("list[BlockConnection]", self._connections)
        started = perf_counter()
        for connection in connections:
            connection.start(streams[connection.credential.device_name], file_bytes, block_bytes, latencies)
        await asyncio.gather(*(connection.whole for connection in connections))
        return Phase(started, perf_counter(), latencies, self.lost)
