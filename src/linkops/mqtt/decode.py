"""Bytes to packets, at either end of a connection.

A decoder is fed whatever arrived and returns the packets that are complete. It refuses everything that is wrong by
itself; what depends on the course of the connection is the session's.
"""

from linkops.mqtt.bodies import FIRST_FROM_CLIENT, FROM_CLIENT, FROM_SERVER, Parser, Parsers
from linkops.mqtt.packets import MQTT_3_1_1, Connect, Packet
from linkops.mqtt.reasons import MalformedPacket, ProtocolViolation, Reason

MAX_PACKET_BYTES = 262_144
MAX_CONNECT_BYTES = 16_384
"""Largest first packet: a stranger may not make us keep more."""


class Decoder:
    """Takes the packets out of one direction of a connection; made by `server_decoder` and `client_decoder`.

    Attributes:
        version: protocol level by which packets are read; a server's decoder learns it from the CONNECT.
    """

    __slots__ = ("_later_max_bytes", "_max_bytes", "_parsers", "_partial", "_wanted", "version")

    def __init__(self, parsers: Parsers, version: int, max_bytes: int, later_max_bytes: int) -> None:
        self._parsers = parsers
        self._max_bytes = max_bytes
        self._later_max_bytes = later_max_bytes
        self._partial: bytearray | None = None
        self._wanted = 0
        self.version = version

    def feed(self, data: bytes) -> list[Packet]:
        """Return the packets that ``data`` completes, in order.

        Raises:
            PacketError: a packet is wrong; the packets before it in ``data`` are lost, and so is the connection.
        """
        if self._partial is not None:
            self._partial += data
            if len(self._partial) < self._wanted:
                return []
            data = bytes(self._partial)
            self._partial = None
        packets: list[Packet] = []
        at, end = 0, len(data)
        stop = 2
        while stop <= end:
            body = at + 2
            stop = body + data[at + 1]
            if data[at + 1] > 0x7F:
                body, stop = self._long_frame(data, at, end)
            if stop > end:
                break
            packets.append(self._packet(data, at, body, stop))
            at = stop
            stop += 2
        if at < end:
            self._keep(data, at, stop)
        return packets

    def _long_frame(self, data: bytes, at: int, end: int) -> tuple[int, int]:
        """Return where the body of the packet at ``at`` starts and stops; both just behind ``end`` if not yet known."""
        length = shift = 0
        for position in range(at + 1, min(end, at + 5)):
            length |= (data[position] & 0x7F) << shift
            shift += 7
            if data[position] < 0x80:
                return position + 1, self._allowed_stop(at, position + 1 + length)
        if shift == 28:
            raise MalformedPacket("a remaining length of more than four bytes")
        return end + 1, end + 1

    def _allowed_stop(self, at: int, stop: int) -> int:
        if stop - at > self._max_bytes:
            raise ProtocolViolation("a packet over the size limit", Reason.PACKET_TOO_LARGE)
        return stop

    def _keep(self, data: bytes, at: int, stop: int) -> None:
        """Keep an unfinished packet until it has grown to ``stop - at`` bytes: no byte is copied more than twice."""
        self._parser(data[at])
        self._partial = bytearray(memoryview(data)[at:])
        self._wanted = stop - at

    def _packet(self, data: bytes, at: int, body: int, stop: int) -> Packet:
        first = data[at]
        packet = self._parser(first)(data, first & 0x0F, body, stop, self.version)
        if type(packet) is Connect:
            self.version = packet.version
            self._parsers = FROM_CLIENT
            self._max_bytes = self._later_max_bytes
        return packet

    def _parser(self, first: int) -> Parser:
        parse = self._parsers[first >> 4]
        if parse is None:
            raise ProtocolViolation("a packet that may not be sent here and now")
        return parse


def server_decoder(max_bytes: int = MAX_PACKET_BYTES) -> Decoder:
    """Return a decoder for what a client sends, beginning with its CONNECT."""
    return Decoder(FIRST_FROM_CLIENT, MQTT_3_1_1, MAX_CONNECT_BYTES, max_bytes)


def client_decoder(version: int, max_bytes: int = MAX_PACKET_BYTES) -> Decoder:
    """Return a decoder for what a server sends to a client of ``version``."""
    return Decoder(FROM_SERVER, version, max_bytes, max_bytes)
