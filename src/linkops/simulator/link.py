"""The client's end of one MQTT 3.1.1 connection, as thin as twenty thousand of them have to be."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol, cast

from linkops.mqtt.decode import client_decoder
from linkops.mqtt.encode import encode, encode_puback, encode_publish
from linkops.mqtt.packets import MQTT_3_1_1, ConnAck, Connect, Disconnect, PingReq, PubAck, Publish
from linkops.mqtt.reasons import PacketError
from linkops.simulator.credentials import DeviceIdentity, login

CONNECT_TIMEOUT_S = 30.0
_LAST_PACKET_ID = 0xFFFF

Received = Callable[[str, bytes], None]


class Line(Protocol):
    """What a device talks over: a connection of its own, or its gateway's.

    Attributes:
        lost: done when it is gone.
    """

    lost: asyncio.Future[None]

    def publish(self, topic: str, payload: bytes) -> asyncio.Future[float | None]:
        """Send with QoS 1; the result is how many seconds the PUBACK took, None if the connection broke before."""
        ...

    def send(self, topic: str, payload: bytes) -> bool:
        """Send with QoS 0, and return whether there was a connection to send on."""
        ...

    def close(self) -> None:
        """Say goodbye and hang up; `lost` is done soon."""
        ...

    def drop(self) -> None:
        """Hang up without a word, as when the power fails."""
        ...


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where devices dial.

    Attributes:
        tls: None is plain TCP.
        tls_name: what the certificate has to be for; the host when None.
        local_host: the address that devices dial from; one address has ports for some 28,000 of them.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    tls_name: str | None = None
    local_host: str | None = None


class LoginRefused(Exception):  # noqa: N818 - says what is the case
    """The server answered the login with a code that refuses it."""

    def __init__(self, code: int, what: str = "CONNACK") -> None:
        super().__init__(f"{what} {code}")
        self.code = code


class Link(asyncio.Protocol):
    """One connection; made by `open_link`.

    Attributes:
        lost: done when the connection is gone.
    """

    __slots__ = (
        "_accepted",
        "_decoder",
        "_keep_alive",
        "_keep_alive_s",
        "_packet_id",
        "_received",
        "_transport",
        "_unacknowledged",
        "lost",
    )

    def __init__(self, received: Received, keep_alive_s: int) -> None:
        loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[None] = loop.create_future()
        self._accepted: asyncio.Future[int] | None = loop.create_future()
        self._decoder = client_decoder(MQTT_3_1_1)
        self._received = received
        self._keep_alive_s = keep_alive_s
        self._keep_alive: asyncio.TimerHandle | None = None
        self._packet_id = 0
        self._transport: asyncio.Transport | None = None
        self._unacknowledged: dict[int, tuple[float, asyncio.Future[float | None]]] = {}

    async def login(self, connect: Connect) -> None:
        """Send the CONNECT and wait until the server accepts it.

        Raises:
            LoginRefused: when the server answers with an error.
            ConnectionError: when it hangs up instead.
        """
        accepted = self._accepted
        if accepted is None or self._transport is None:
            raise ConnectionResetError("hung up before the login")
        self._transport.write(encode(connect, MQTT_3_1_1))
        code = await accepted
        if code:
            raise LoginRefused(code)
        self._rest()

    def publish(self, topic: str, payload: bytes) -> asyncio.Future[float | None]:
        """Send with QoS 1; the result is how many seconds the PUBACK took, None if the connection broke before."""
        acknowledged: asyncio.Future[float | None] = asyncio.get_running_loop().create_future()
        if self._transport is None:
            acknowledged.set_result(None)
            return acknowledged
        self._packet_id = self._packet_id % _LAST_PACKET_ID + 1
        self._unacknowledged[self._packet_id] = perf_counter(), acknowledged
        self._transport.write(encode_publish(Publish(topic, payload, 1, self._packet_id), MQTT_3_1_1))
        return acknowledged

    def send(self, topic: str, payload: bytes) -> bool:
        """Send with QoS 0, and return whether there was a connection to send on."""
        if self._transport is None:
            return False
        self._transport.write(encode_publish(Publish(topic, payload), MQTT_3_1_1))
        return True

    def close(self) -> None:
        """Say goodbye and hang up; `lost` is done soon."""
        if self._transport is not None:
            self._transport.write(encode(Disconnect(), MQTT_3_1_1))
            self._transport.close()

    def drop(self) -> None:
        """Hang up without a word, as when the power fails."""
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take in what the server sends; a server that speaks wrongly is hung up on."""
        try:
            packets = self._decoder.feed(data)
        except PacketError:
            self.drop()
            return
        for packet in packets:
            if isinstance(packet, PubAck):
                self._acknowledge(packet.packet_id)
            elif isinstance(packet, Publish):
                self._take(packet)
            elif isinstance(packet, ConnAck) and self._accepted is not None and not self._accepted.done():
                self._accepted.set_result(packet.reason)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - asyncio's interface
        """Tell everyone who waits."""
        self._transport = None
        if self._keep_alive is not None:
            self._keep_alive.cancel()
        if self._accepted is not None and not self._accepted.done():
            self._accepted.set_exception(ConnectionResetError("hung up during the login"))
        for _, acknowledged in self._unacknowledged.values():
            if not acknowledged.done():
                acknowledged.set_result(None)
        self._unacknowledged.clear()
        if not self.lost.done():
            self.lost.set_result(None)

    def _acknowledge(self, packet_id: int) -> None:
        sent_at, acknowledged = self._unacknowledged.pop(packet_id, (0.0, None))
        if acknowledged is not None and not acknowledged.done():
            acknowledged.set_result(perf_counter() - sent_at)

    def _take(self, packet: Publish) -> None:
        if packet.qos and self._transport is not None:
            self._transport.write(encode_puback(packet.packet_id))
        self._received(packet.topic, packet.payload)

    def _rest(self) -> None:
        self._accepted = None
        self._keep_alive = asyncio.get_running_loop().call_later(self._keep_alive_s, self._ping)

    def _ping(self) -> None:
        if self._transport is not None:
            self._transport.write(encode(PingReq(), MQTT_3_1_1))
            self._rest()


def introduction(identity: DeviceIdentity, server: ServerAddress, keep_alive_s: int) -> Connect:
    """Return the CONNECT of a device."""
    says = login(identity, tls=server.tls is not None)
    return Connect(says.client_id, keep_alive_s=keep_alive_s, username=says.user_name, password=says.password.encode())


async def open_link(server: ServerAddress, connect: Connect, received: Received) -> Link:
    """Return a connection that the server has accepted; ``received`` gets every downlink.

    Raises:
        LoginRefused: when the server answers the login with an error.
        OSError: when there is no connection, or no answer within `CONNECT_TIMEOUT_S`.
    """
    _, link = await asyncio.get_running_loop().create_connection(
        lambda: Link(received, connect.keep_alive_s),
        server.host,
        server.port,
        ssl=server.tls,
        server_hostname=(server.tls_name or server.host) if server.tls else None,
        local_addr=(server.local_host, 0) if server.local_host else None,
    )
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await link.login(connect)
    except BaseException:
        link.drop()
        raise
    return link
