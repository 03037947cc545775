"""Listening sockets: TCP and TLS on one port, told apart by the first byte."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import structlog

from linkops.hub.unasked import Unasked

_log = structlog.get_logger(__name__)

BACKLOG = 4_096
ACCEPTS_PER_TURN = 64
FIRST_BYTE_WITHIN_S = 10.0
TLS_HANDSHAKE_WITHIN_S = 20.0
_PAUSE_WITHOUT_DESCRIPTORS_S = 0.5
_STRANGERS_TOLD_EVERY_S = 1.0
_TLS_RECORD = 0x16


class DoorTls(NamedTuple):
    """TLS settings of a door.

    Attributes:
        usual: asks for certificates while there are authorities that could have signed one.
        unasked: asks nobody; for those whom the question keeps out (`linkops.hub.unasked`).
    """

    usual: ssl.SSLContext
    unasked: ssl.SSLContext


class Listener:
    """Accepts connections and hands each to a protocol of its own."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        factory: Callable[[], asyncio.Protocol],
        tls: DoorTls,
        may_accept: Callable[[], bool],
        *,
        tls_only: bool,
    ) -> None:
        self._loop = loop
        self._factory = factory
        self._tls = tls
        self._unasked = Unasked()
        self._strangers_told_s = 0.0
        self._may_accept = may_accept
        self._tls_only = tls_only
        self._listening: socket.socket | None = None
        self._undecided: dict[socket.socket, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def pending(self) -> int:
        """Sockets that are accepted, and not connections yet: no byte came, or the handshake is under way."""
        return len(self._undecided) + len(self._tasks)

    def open(self, host: str, port: int) -> tuple[str, int]:
        """Listen, and return where.

        Raises:
            OSError: when the address is taken or not ours.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        self._listening.setblocking(False)
        self._loop.add_reader(self._listening, self._accept)
        name = self._listening.getsockname()
        return str(name[0]), int(name[1])

    def close(self) -> None:
        """Accept nothing more."""
        if self._listening is not None:
            self._loop.remove_reader(self._listening)
            self._listening.close()
            self._listening = None
        for undecided in list(self._undecided):
            self._give_up(undecided)

    def _accept(self) -> None:
        for _ in range(ACCEPTS_PER_TURN):
            if self._listening is None:
                return
            try:
                accepted, _ = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._rest(error)
                return
            self._start(accepted)

    def _rest(self, error: OSError) -> None:
        """Out of descriptors or memory: the socket stays readable, so look away for a moment instead of spinning."""
        _log.error("cannot accept", error=str(error))
        if self._listening is not None:
            self._loop.remove_reader(self._listening)
            self._loop.call_later(_PAUSE_WITHOUT_DESCRIPTORS_S, self._resume)

    def _resume(self) -> None:
        if self._listening is not None:
            self._loop.add_reader(self._listening, self._accept)

    def _start(self, accepted: socket.socket) -> None:
        if not self._may_accept():
            accepted.close()
            return
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls_only:
            self._connect(accepted, tls=True)
        else:
            self._wait_for_first_byte(accepted)

    def _wait_for_first_byte(self, accepted: socket.socket) -> None:
        self._undecided[accepted] = self._loop.call_later(FIRST_BYTE_WITHIN_S, self._give_up, accepted)
        self._loop.add_reader(accepted, self._decide, accepted)

    def _decide(self, accepted: socket.socket) -> None:
        try:
            first = accepted.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            first = b""
        if not first:
            self._give_up(accepted)
            return
        self._loop.remove_reader(accepted)
        self._undecided.pop(accepted).cancel()
        self._connect(accepted, tls=first[0] == _TLS_RECORD)

    def _give_up(self, accepted: socket.socket) -> None:
        self._loop.remove_reader(accepted)
        self._undecided.pop(accepted).cancel()
        accepted.close()

    def _connect(self, accepted: socket.socket, *, tls: bool) -> None:
        task = self._loop.create_task(self._shake_hands(accepted) if tls else self._hand_over(accepted))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hand_over(self, accepted: socket.socket) -> None:
        with suppress(OSError):
            await self._loop.connect_accepted_socket(self._factory, accepted)

    async def _shake_hands(self, accepted: socket.socket) -> None:
        try:
            address = accepted.getpeername()[0]
            unasked = self._unasked.take(address, self._loop.time())
            context = self._tls.unasked if unasked else self._tls.usual
            await self._loop.connect_accepted_socket(
                self._factory, accepted, ssl=context, ssl_handshake_timeout=TLS_HANDSHAKE_WITHIN_S
            )
        except ssl.SSLCertVerificationError as error:
            self._unasked.remember(address, self._loop.time())
            self._tell_of_stranger(address, error.verify_message)
        except (OSError, ssl.SSLError) as error:
            # A scanner, or a client without our CA: its fault, and worth a line only when somebody looks for it.
            _log.debug("handshake failed", error=str(error))

    def _tell_of_stranger(self, address: str, why: str) -> None:
        """Say it once a second at most: an operator looks for it, and anybody can cause it."""
        now_s = self._loop.time()
        if now_s >= self._strangers_told_s + _STRANGERS_TOLD_EVERY_S:
            self._strangers_told_s = now_s
            _log.info("certificate of a stranger", address=address, error=why)
