"""Devices that upload a file by blocks: each sends the next one when the one before is acknowledged."""

import asyncio
from array import array
from time import perf_counter
from typing import cast

from fastcrc import crc16

from bench.load import Load, Phase
from bench.transfers import TransferConnection
from linkops.alink.topics import Channel

_INIT = b'{"id":"1","params":{"fileName":"bench.bin","fileSize":%d,"conflictStrategy":"overwrite"}}'
_HEAD = b'{"id":"2","params":{"uploadId":"%s","offset":%d,"bSize":%d,"isComplete":false}}'
_UPLOAD_ID = b'"uploadId":"'


class UploadConnection(TransferConnection):
    """One device that uploads."""

    __slots__ = ("block", "crc", "upload_id")

    def start(self, file_bytes: int, block: bytes, latencies: "array[float]") -> None:
        """Begin an upload of ``block`` over and over; `whole` is done at its end."""
        self.begin(file_bytes, latencies)
        self.block, self.crc, self.upload_id = block, crc16.arc(block), b""
        self._send(Channel.FILE_UPLOAD_INIT, _INIT % file_bytes)

    def _answered(self, body: bytearray) -> None:
        if b'"code":200,' not in body:
            self.whole.set_exception(ValueError(bytes(body)))
        elif self.upload_id:
            self._moved(len(self.block))
        else:
            self.upload_id = bytes(body.partition(_UPLOAD_ID)[2][:32])
            self._go_on()

    def _go_on(self) -> None:
        head = _HEAD % (self.upload_id, self.offset, len(self.block))
        payload = b"".join((len(head).to_bytes(2), head, self.block, self.crc.to_bytes(2, "little")))
        self._send(Channel.FILE_UPLOAD_SEND, payload)


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
