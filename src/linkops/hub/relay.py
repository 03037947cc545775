"""A connection whose socket another loop owns, as that of a WebSocket: bytes cross from loop to loop, limits hold.

On the hub's loop a `Connection` has a transport like any other (`_Transport`); on the loop of the socket a `_Relay`
feeds it what came and takes what is to be sent. Neither runs ahead: more is read only when the connection reads, and
what the client does not take pauses the connection as a full socket does (docs/adr/0013).
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from linkops.hub.peers import CERTIFICATE

HIGH_WATER_BYTES = 65_536

ReceiveBytes = Callable[[], Awaitable[bytes]]
"""Returns what came; empty at the end."""
SendBytes = Callable[[bytes], Awaitable[None]]
"""Returns when there is room for more.

Raises:
    OSError: the client has gone.
"""


class Relays:
    """Opens connections for sockets of other loops."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        factory: Callable[[], asyncio.Protocol],
        may_accept: Callable[[], bool],
    ) -> None:
        self._loop = loop
        self._factory = factory
        self._may_accept = may_accept

    async def carry(
        self, address: str, receive: ReceiveBytes, send: SendBytes, certificate: bytes | None = None
    ) -> None:
        """Carry one connection, and return when it has ended; called on the loop of its socket.

        Args:
            address: of the client, as it is shown and throttled.
            receive: is called again when what came before was taken.
            send: sends to the client.
            certificate: DER of the client's, which it has proven to hold.
        """
        relay = _Relay(self._loop, address, certificate)
        opened = asyncio.run_coroutine_threadsafe(self._open(relay), self._loop)
        if await asyncio.wrap_future(opened):
            await relay.run(receive, send)

    async def _open(self, relay: "_Relay") -> bool:
        if not self._may_accept():
            return False
        relay.transport.start(self._factory())
        return True


class _Relay:
    """The end of a connection on the loop that owns the socket."""

    def __init__(self, hub: asyncio.AbstractEventLoop, address: str, certificate: bytes | None) -> None:
        self._hub = hub
        self._here = asyncio.get_running_loop()
        self._out: list[bytes] = []
        self._ended = False
        self._something = asyncio.Event()
        self._turn = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None
        self.transport = _Transport(self, hub, address, certificate)

    async def run(self, receive: ReceiveBytes, send: SendBytes) -> None:
        """Move bytes both ways until either side ends."""
        receiver = asyncio.create_task(self._receive(receive))
        self._sender = asyncio.create_task(self._send(send))
        try:
            done, _ = await asyncio.wait({receiver, self._sender}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            receiver.cancel()
            self._sender.cancel()
            self._hub.call_soon_threadsafe(self.transport.lost)
        for each in done:
            if not each.cancelled():
                each.result()

    async def _receive(self, receive: ReceiveBytes) -> None:
        while received := await receive():
            self._turn.clear()
            self._hub.call_soon_threadsafe(self.transport.received, received)
            await self._turn.wait()

    async def _send(self, send: SendBytes) -> None:
        while self._out or not self._ended:
            await self._something.wait()
            self._something.clear()
            out, self._out = b"".join(self._out), []
            if out:
                with suppress(OSError):  # the end of the connection is told by the receiver
                    await send(out)
                self._hub.call_soon_threadsafe(self.transport.sent, len(out))

    # What the transport says, from the hub's loop

    def send(self, data: bytes) -> None:
        """Send something."""
        self._here.call_soon_threadsafe(self._put, data)

    def take_turn(self) -> None:
        """Read on."""
        self._here.call_soon_threadsafe(self._turn.set)

    def end(self) -> None:
        """End when everything is sent."""
        self._here.call_soon_threadsafe(self._put, b"")

    def abort(self) -> None:
        """End, whatever is not sent yet."""
        self._here.call_soon_threadsafe(self._give_up)

    def _put(self, data: bytes) -> None:
        self._out.append(data)
        self._ended = self._ended or not data
        self._something.set()

    def _give_up(self) -> None:
        if self._sender is not None:
            self._sender.cancel()


class _Transport(asyncio.Transport):
    """The end of a connection on the hub's loop."""

    def __init__(self, relay: _Relay, loop: asyncio.AbstractEventLoop, address: str, certificate: bytes | None) -> None:
        super().__init__({"peername": (address, 0), CERTIFICATE: certificate})
        self._relay = relay
        self._loop = loop
        self._protocol: asyncio.Protocol | None = None
        self._high_bytes = HIGH_WATER_BYTES
        self._unsent_bytes = 0
        self._choked = False
        self._arrived = b""
        self._turn_is_here = False
        self._reading = True
        self._closing = False

    def start(self, protocol: asyncio.Protocol) -> None:
        """Be the transport of ``protocol`` from now on."""
        self._protocol = protocol
        protocol.connection_made(self)

    # What the relay says

    def received(self, data: bytes) -> None:
        """Take what came; the relay waits for its turn."""
        self._arrived += data
        self._turn_is_here = True
        self._pass_on()

    def sent(self, size_bytes: int) -> None:
        """Take note of what has left."""
        self._unsent_bytes -= size_bytes
        if self._choked and self._unsent_bytes <= self._high_bytes // 4 and self._protocol is not None:
            self._choked = False
            self._protocol.resume_writing()

    def lost(self) -> None:
        """End: nothing comes or goes any more."""
        self._closing = True
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            protocol.connection_lost(None)

    def _pass_on(self) -> None:
        if self._arrived and self.is_reading() and self._protocol is not None:
            arrived, self._arrived = self._arrived, b""
            self._protocol.data_received(arrived)
        if self._turn_is_here and (self._reading or self._closing):
            self._turn_is_here = False
            self._relay.take_turn()

    # asyncio.Transport

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:  # noqa: ARG002 - asyncio's
        """Pause the writing of the protocol above ``high`` bytes; it goes on at a quarter of them."""
        self._high_bytes = HIGH_WATER_BYTES if high is None else high

    def get_write_buffer_size(self) -> int:
        """Return how many bytes have not left yet."""
        return self._unsent_bytes

    def is_closing(self) -> bool:
        """Return whether the end has begun."""
        return self._closing

    def is_reading(self) -> bool:
        """Return whether what comes is passed on."""
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        """Pass nothing on."""
        self._reading = False

    def resume_reading(self) -> None:
        """Pass on what came meanwhile (soon: the protocol is in the middle of something), and what comes."""
        self._reading = True
        self._loop.call_soon(self._pass_on)

    def write(self, data: Any) -> None:
        """Send something."""
        if self._closing:
            return
        self._unsent_bytes += len(data)
        self._relay.send(bytes(data))
        if self._unsent_bytes > self._high_bytes and not self._choked and self._protocol is not None:
            self._choked = True
            self._protocol.pause_writing()

    def close(self) -> None:
        """End when everything has left."""
        if not self._closing:
            self._closing = True
            self._relay.end()
            self._pass_on()

    def abort(self) -> None:
        """End now."""
        self._closing = True
        self._relay.abort()
