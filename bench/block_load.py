"""Devices that download a file by blocks: each asks for the next one when the one before has come, and checks it."""

import asyncio
from array import array
from time import perf_counter
from typing import cast

from fastcrc import crc16

from bench.load import Connection, Load, Phase
from bench.wire import PUBLISH, Credential, packet_end, publish_head_qos0
from linkops.alink.topics import Channel, topic_for

_REQUEST = (
    b'{"id":"%d","version":"1.0","params":{"fileToken":"default","fileInfo":{"streamId":%d,"fileId":1,},'
    b'"fileBlock":{"size":%d,"offset":%d}}}'
)
"""As the C SDK 4 writes it, with its trailing comma."""


class BlockConnection(Connection):
    """One device that downloads."""

    __slots__ = ("block_bytes", "file_bytes", "latencies", "offset", "received_parts", "stream_id", "whole")

    def start(self, stream_id: int, file_bytes: int, block_bytes: int, latencies: "array[float]") -> None:
        """Begin a download; `whole` is done at its end."""
        self.stream_id, self.file_bytes, self.block_bytes = stream_id, file_bytes, block_bytes
        self.latencies = latencies
        self.offset = 0
        self.received_parts = bytearray()
        self.whole = asyncio.get_running_loop().create_future()
        self._ask()

    def data_received(self, received: bytes) -> None:
        if self.opened is None or not self.opened.done():
            super().data_received(received)
            return
        parts = self.received_parts
        parts += received
        # The head of a packet is looked at once it is all there: a block comes in several parts.
        while (found := packet_end(parts, 0)) is not None:
            if parts[0] & 0xF0 == PUBLISH and b"_reply" in parts[: found[0] + 100]:
                self._block(parts[found[0] : found[1]])
            del parts[: found[1]]

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if hasattr(self, "whole") and not self.whole.done():
            self.whole.set_exception(ConnectionResetError())

    def _block(self, body: bytearray) -> None:
        self.latencies.append(perf_counter() - self.sent_at)
        at = 2 + int.from_bytes(body[:2], "big")
        block_at = at + 2 + int.from_bytes(body[at : at + 2], "big")
        block = body[block_at:-2]
        if b'"code":200,' not in body[at:block_at] or crc16.arc(block) != int.from_bytes(body[-2:], "little"):
            self.whole.set_exception(ValueError(bytes(body[at:block_at])))
            return
        self.offset += len(block)
        if self.offset < self.file_bytes:
            self._ask()
        else:
            self.whole.set_result(None)

    def _ask(self) -> None:
        size = min(self.block_bytes, self.file_bytes - self.offset)
        payload = _REQUEST % (self.offset, self.stream_id, size, self.offset)
        self.sent_at = perf_counter()
        self.transport.write(publish_head_qos0(_topic(self.credential), len(payload)) + payload)  # type: ignore[union-attr]


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


def _topic(credential: Credential) -> bytes:
    topic = topic_for(Channel.FILE_DOWNLOAD, credential.product_key, credential.device_name).encode()
    return len(topic).to_bytes(2, "big") + topic
