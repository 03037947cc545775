"""A device on a real socket that says exactly what a test tells it to say."""

import asyncio
import ssl
from contextlib import suppress
from types import TracebackType
from typing import Self

from linkops.devices.credentials import parse_login, signature
from linkops.devices.model import NewDevice
from linkops.mqtt.decode import client_decoder
from linkops.mqtt.encode import encode
from linkops.mqtt.packets import ConnAck, Connect, Packet, PubAck, Publish, SubAck, Subscribe, Subscription
from linkops.mqtt.properties import NO_PROPERTIES, Properties

ANSWER_WITHIN_S = 120.0

Address = tuple[str, int]


def connect_of(
    device: NewDevice,
    version: int = 4,
    *,
    secret: str | None = None,
    keep_alive_s: int = 60,
    clean_start: bool = True,
    properties: Properties = NO_PROPERTIES,
    extension: str = "securemode=3,signmethod=hmacsha256,_ss=1,lan=C",
) -> Connect:
    """Return the CONNECT of a device, signed with its own secret unless another is given."""
    client_id = f"{device.key.product_key}.{device.key.device_name}|{extension}|"
    username = f"{device.key.device_name}&{device.key.product_key}"
    password = signature(parse_login(client_id, username), secret or device.secret)
    return Connect(client_id, version, clean_start, keep_alive_s, username, password, None, properties)


class MqttClient:
    """One connection; closed when its block ends."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, version: int) -> None:
        self.version = version
        self._reader = reader
        self._writer = writer
        self._decoder = client_decoder(version)
        self._arrived: list[Packet] = []

    @classmethod
    async def open(cls, address: Address, version: int = 4, tls: ssl.SSLContext | None = None) -> Self:
        """Return a connection on which nothing has been said."""
        name = None if tls is None else "localhost"
        reader, writer = await asyncio.open_connection(*address, ssl=tls, server_hostname=name)
        return cls(reader, writer, version)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        with suppress(OSError, ssl.SSLError):
            await self._writer.wait_closed()

    async def send(self, *packets: Packet) -> None:
        """Send packets in one go."""
        await self.send_bytes(b"".join(encode(packet, self.version) for packet in packets))

    async def send_bytes(self, sent: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(sent)
        await self._writer.drain()

    async def next(self) -> Packet:
        """Return the next packet.

        Raises:
            EOFError: the server closed the connection.
            TimeoutError: nothing came.
        """
        async with asyncio.timeout(ANSWER_WITHIN_S):
            while not self._arrived:
                received = await self._reader.read(65_536)
                if not received:
                    raise EOFError
                self._arrived += self._decoder.feed(received)
        return self._arrived.pop(0)

    async def until_closed(self) -> list[Packet]:
        """Return what still comes until the server closes the connection."""
        packets = []
        while True:
            try:
                packets.append(await self.next())
            except (EOFError, ConnectionError):
                return packets

    async def login(self, connect: Connect) -> ConnAck:
        """Return the answer to a CONNECT."""
        await self.send(connect)
        answer = await self.next()
        assert isinstance(answer, ConnAck)
        return answer

    async def subscribe(self, *topic_filters: str, qos: int = 1) -> bytes:
        """Return the answers to a SUBSCRIBE, one byte a filter."""
        await self.send(Subscribe(7, tuple(Subscription(each, qos) for each in topic_filters)))
        answer = await self.next()
        assert isinstance(answer, SubAck)
        assert answer.packet_id == 7
        return answer.reasons

    async def publish(self, topic: str, payload: bytes, packet_id: int = 1) -> PubAck:
        """Return the acknowledgement of a message of QoS 1."""
        await self.send(Publish(topic, payload, 1, packet_id))
        answer = await self.next()
        assert isinstance(answer, PubAck)
        assert answer.packet_id == packet_id
        return answer
