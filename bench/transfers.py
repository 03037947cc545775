"""Connections that move one file by blocks, each with one block in flight."""

import asyncio
from array import array
from time import perf_counter

from bench.load import Connection
from bench.wire import PUBLISH, packet_end, publish_head_qos0
from linkops.alink.topics import Channel, topic_for


class TransferConnection(Connection):
    """One device that moves a file; `whole` is done at its end."""

    __slots__ = ("file_bytes", "latencies", "offset", "received_parts", "whole")

    def begin(self, file_bytes: int, latencies: "array[float]") -> None:
        """Wait for answers from now on; what each took goes to ``latencies``."""
        self.file_bytes, self.latencies = file_bytes, latencies
        self.offset = 0
        self.received_parts = bytearray()
        self.whole = asyncio.get_running_loop().create_future()

    def data_received(self, received: bytes) -> None:
        if self.opened is None or not self.opened.done():
            super().data_received(received)
            return
        parts = self.received_parts
        parts += received
        # The head of a packet is looked at once it is all there: a block comes in several parts.
        while (found := packet_end(parts, 0)) is not None:
            if parts[0] & 0xF0 == PUBLISH and b"_reply" in parts[: found[0] + 100]:
                self._answered(parts[found[0] : found[1]])
            del parts[: found[1]]

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if hasattr(self, "whole") and not self.whole.done():
            self.whole.set_exception(ConnectionResetError())

    def _answered(self, body: bytearray) -> None:
        """Take an answer: topic, packet id and payload of a PUBLISH."""
        raise NotImplementedError

    def _go_on(self) -> None:
        """Move the next block."""
        raise NotImplementedError

    def _moved(self, block_bytes: int) -> None:
        self.latencies.append(perf_counter() - self.sent_at)
        self.offset += block_bytes
        if self.offset < self.file_bytes:
            self._go_on()
        else:
            self.whole.set_result(None)

    def _send(self, channel: Channel, payload: bytes) -> None:
        topic = topic_for(channel, self.credential.product_key, self.credential.device_name).encode()
        head = publish_head_qos0(len(topic).to_bytes(2, "big") + topic, len(payload))
        self.sent_at = perf_counter()
        self.transport.write(head + payload)  # type: ignore[union-attr]
