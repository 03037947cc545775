"""Devices that upload a file by blocks: each sends the next one when the one before is acknowledged."""

import asyncio
from array import array
from time import perf_counter
from typing import cast

from fastcrc import crc16

from bench.load import Connection, Load, Phase
from bench.wire import PUBLISH, Credential, packet_end, publish_head_qos0
from linkops.alink.topics import Channel, topic_for

_INIT = b'{"id":"1","params":{"fileName":"bench.bin","fileSize":%d,"conflictStrategy":"overwrite"}}'
_HEAD = b'{"id":"2","params":{"uploadId":"%s","offset":%d,"bSize":%d,"isComplete":false}}'
_UPLOAD_ID = b'"uploadId":"'


class UploadConnection(Connection):
    """One device that uploads."""

    __slots__ = ("block", "crc", "file_bytes", "latencies", "offset", "received_parts", "sent_at", "upload_id", "whole")

    def start(self, file_bytes: int, block: bytes, latencies: "array[float]") -> None:
        """Begin an upload of ``block`` over and over; `whole` is done at its end."""
        self.file_bytes, self.block, self.crc, self.latencies = file_bytes, block, crc16.arc(block), latencies
        self.offset, self.upload_id = 0, b""
        self.received_parts = bytearray()
        self.whole = asyncio.get_running_loop().create_future()
        self._send(Channel.FILE_UPLOAD_INIT, _INIT % file_bytes)

    def data_received(self, received: bytes) -> None:
        if self.opened is None or not self.opened.done():
            super().data_received(received)
            return
        parts = self.received_parts
        parts += received
        while (found := packet_end(parts, 0)) is not None:
            if parts[0] & 0xF0 == PUBLISH:
                self._answered(bytes(parts[found[0] : found[1]]))
            del parts[: found[1]]

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if hasattr(self, "whole") and not self.whole.done():
            self.whole.set_exception(ConnectionResetError())

    def _answered(self, body: bytes) -> None:
        if b'"code":200,' not in body:
            self.whole.set_exception(ValueError(body))
            return
        if self.upload_id:
            self.latencies.append(perf_counter() - self.sent_at)
            self.offset += len(self.block)
        else:
            self.upload_id = body.partition(_UPLOAD_ID)[2][:32]
        if self.offset < self.file_bytes:
            self._send_block()
        else:
            self.whole.set_result(None)

    def _send_block(self) -> None:
        head = _HEAD % (self.upload_id, self.offset, len(self.block))
        self.sent_at = perf_counter()
        payload = b"".join((len(head).to_bytes(2), head, self.block, self.crc.to_bytes(2, "little")))
        self._send(Channel.FILE_UPLOAD_SEND, payload)

    def _send(self, channel: Channel, payload: bytes) -> None:
        head = publish_head_qos0(_topic(channel, self.credential), len(payload))
        self.transport.write(head + payload)  # type: ignore[union-attr]


class UploadLoad(Load):
    """The uploading devices of one process."""

    connection_type = UploadConnection

    async def upload(self, file_bytes: int, block_bytes: int, devices: frozenset[str]) -> Phase:
        """Upload a whole file, a multiple of the block, on the connections of these devices."""
        latencies = array("d")
        everybody = cast("list[UploadConnection]", self._connections)
        connections = [each for each in everybody if each.credential.device_name in devices]
        started, block = perf_counter(), bytes(range(256)) * (block_bytes // 256)
        for connection in connections:
            connection.start(file_bytes, block, latencies)
        await asyncio.gather(*(connection.whole for connection in connections))
        return Phase(started, perf_counter(), latencies, self.lost)


def _topic(channel: Channel, credential: Credential) -> bytes:
    topic = topic_for(channel, credential.product_key, credential.device_name).encode()
    return len(topic).to_bytes(2, "big") + topic
