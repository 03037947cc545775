"""A simulated gateway: one connection, over which its sub-devices log in and live (docs/gateways.md#sessions)."""

import asyncio
from collections.abc import Sequence
from time import perf_counter

from linkops.alink.topics import Channel, channel_of, topic_for
from linkops.simulator import gateway_wire as wire
from linkops.simulator.credentials import DeviceIdentity
from linkops.simulator.limits import Limits
from linkops.simulator.link import Link, LoginRefused, Received, ServerAddress, introduction, open_link
from linkops.simulator.pace import Pace
from linkops.simulator.statistics import Observer

ADDS_AT_ONCE = 30
LOGINS_AT_ONCE = 50
ANSWER_WITHIN_S = 10.0
_TOO_OFTEN = 429
_TRIES = 30
_OK = 200
_Names = tuple[str, str]


class SubLink:
    """What a sub-device has instead of a connection of its own; made by `SimulatedGateway.join`.

    Attributes:
        lost: done when the sub-device is offline.
    """

    def __init__(self, gateway: "SimulatedGateway", link: Link, identity: DeviceIdentity, received: Received) -> None:
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received = received
        self._gateway = gateway
        self._link = link
        self._identity = identity

    def publish(self, topic: str, payload: bytes) -> asyncio.Future[float | None]:
        """Send with QoS 1; the result is how many seconds the PUBACK took, None if there was no connection."""
        if self.lost.done():
            nothing: asyncio.Future[float | None] = asyncio.get_running_loop().create_future()
            nothing.set_result(None)
            return nothing
        return self._link.publish(topic, payload)

    def send(self, topic: str, payload: bytes) -> bool:
        """Send with QoS 0, and return whether there was a connection to send on."""
        return not self.lost.done() and self._link.send(topic, payload)

    def close(self) -> None:
        """Log out; `lost` is done."""
        if not self.lost.done():
            self._gateway.log_out(self._identity)
            self.drop()

    def drop(self) -> None:
        """Be gone without a word, as when the sub-device loses its power."""
        if not self.lost.done():
            self.lost.set_result(None)


class _Joining:
    """A sub-device that waits to be online."""

    def __init__(self, identity: DeviceIdentity, received: Received) -> None:
        self.identity = identity
        self.received = received
        self.joined: asyncio.Future[SubLink] = asyncio.get_running_loop().create_future()


class SimulatedGateway:
    """A gateway on the wire; `run` is its life, sub-devices come by `join`.

    Attributes:
        adds: whether it adds sub-devices to its topology before they log in.
    """

    def __init__(
        self, identity: DeviceIdentity, server: ServerAddress, observer: Observer, limits: Limits, *, pace: Pace
    ) -> None:
        self.identity = identity
        self.adds = True
        self._server = server
        self._observer = observer
        self._limits = limits
        self._pace = pace
        self._link: Link | None = None
        self._message_id = 0
        self._asked: dict[str, asyncio.Future[int]] = {}
        self._added: set[_Names] = set()
        self._subs: dict[_Names, SubLink] = {}
        self._joining: asyncio.Queue[_Joining] = asyncio.Queue()
        self._connected = asyncio.Event()

    async def run(self) -> None:
        """Live until cancelled: connect, log in who waits, and come back after every loss."""
        failures = 0
        while True:
            link = await self._connect()
            failures = 0 if link else failures + 1
            if link is not None:
                await self._serve(link)
            await asyncio.sleep(self._pace.reconnect_after_s(failures))

    async def settled(self) -> None:
        """Return when the gateway is connected."""
        await self._connected.wait()

    async def join(self, identity: DeviceIdentity, received: Received) -> SubLink:
        """Return what a sub-device talks over once it is online; ``received`` gets every downlink.

        Raises:
            LoginRefused: when the server answers the login with an error.
            OSError: when the gateway has no connection any more, or no answer comes.
        """
        waiting = _Joining(identity, received)
        self._joining.put_nowait(waiting)
        return await waiting.joined

    def log_out(self, identity: DeviceIdentity) -> None:
        """Say that a sub-device is offline."""
        self._subs.pop(_names(identity), None)
        if self._link is not None:
            payload = wire.write_logout(self._next_id(), identity)
            self._link.send(self._topic(Channel.SUB_LOGOUT), payload)

    def drop(self) -> None:
        """Lose the connection, and all sub-devices with it."""
        if self._link is not None:
            self._link.drop()

    # --- the connection ---

    async def _connect(self) -> Link | None:
        try:
            async with self._limits.connecting():
                begun = perf_counter()
                connect = introduction(self.identity, self._server, self._pace.keep_alive_s)
                link = await open_link(self._server, connect, self._receive)
        except (OSError, LoginRefused) as error:
            reason = str(error) if isinstance(error, LoginRefused) else type(error).__name__
            self._observer.refused(self.identity, reason)
            return None
        self._observer.connected(self.identity, perf_counter() - begun)
        return link

    async def _serve(self, link: Link) -> None:
        self._link = link
        self._connected.set()
        logins = asyncio.create_task(self._log_in_all(link))
        cancelled = True
        try:
            await asyncio.wait({link.lost, logins}, return_when=asyncio.FIRST_COMPLETED)
            cancelled = False
        finally:
            logins.cancel()
            self._link = None
            self._connected.clear()
            link.close()
            self._lose_all()
            self._observer.disconnected(self.identity, expected=cancelled)

    def _lose_all(self) -> None:
        for sub in self._subs.values():
            sub.drop()
        self._subs.clear()
        for asked in self._asked.values():
            asked.cancel()

    # --- logins ---

    async def _log_in_all(self, link: Link) -> None:
        while True:
            batch = [await self._joining.get()]
            while len(batch) < LOGINS_AT_ONCE and not self._joining.empty():
                batch.append(self._joining.get_nowait())
            try:
                await self._log_in(link, batch)
            finally:
                # Who has no answer yet, because the connection broke, tries again.
                for waiting in batch:
                    if not waiting.joined.done():
                        waiting.joined.set_exception(ConnectionResetError("the gateway lost its connection"))

    async def _log_in(self, link: Link, batch: Sequence[_Joining]) -> None:
        await self._add([each.identity for each in batch])
        # From now on, since a downlink may come before the answer.
        for each in batch:
            self._subs[_names(each.identity)] = SubLink(self, link, each.identity, each.received)
        code = await self._batch_login(batch)
        if code != _OK and len(batch) > 1:
            # One that is wrong takes the others with it: now each for itself.
            for each in batch:
                self._answer([each], await self._batch_login([each]))
        else:
            self._answer(batch, code)

    async def _batch_login(self, batch: Sequence[_Joining]) -> int:
        payload = lambda message_id: wire.write_batch_login(message_id, [each.identity for each in batch])  # noqa: E731
        for _ in range(_TRIES):
            code = await self._ask(Channel.SUB_BATCH_LOGIN, payload)
            if code != _TOO_OFTEN:
                return code
            await asyncio.sleep(self._pace.spread(1.0))
        return _TOO_OFTEN

    def _answer(self, batch: Sequence[_Joining], code: int) -> None:
        for each in batch:
            if each.joined.done():
                continue
            if code == _OK:
                each.joined.set_result(self._subs[_names(each.identity)])
            else:
                self._subs.pop(_names(each.identity), None)
                each.joined.set_exception(
                    LoginRefused(code, "sub-device login") if code else TimeoutError("no answer to a login")
                )

    async def _add(self, identities: Sequence[DeviceIdentity]) -> None:
        """Add sub-devices to the topology, each once; where that is not answered, their logins will tell."""
        new = [each for each in identities if self.adds and _names(each) not in self._added]
        for start in range(0, len(new), ADDS_AT_ONCE):
            part = new[start : start + ADDS_AT_ONCE]
            payload = lambda message_id, part=part: wire.write_topo_add(message_id, part)  # noqa: E731
            if await self._ask(Channel.TOPO_ADD, payload) == _OK:
                self._added.update(_names(each) for each in part)

    async def _ask(self, channel: Channel, write: "wire.Write") -> int:
        """Return the code of the answer to a request, 0 if none comes."""
        message_id = self._next_id()
        answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._asked[str(message_id)] = answered
        try:
            if self._link is None or not self._link.send(self._topic(channel), write(message_id)):
                return 0
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await answered
        except TimeoutError:
            return 0
        finally:
            del self._asked[str(message_id)]

    # --- messages ---

    def _next_id(self) -> int:
        self._message_id += 1
        return self._message_id

    def _topic(self, channel: Channel) -> str:
        return topic_for(channel, *_names(self.identity))

    def _receive(self, topic: str, payload: bytes) -> None:
        address = channel_of(topic)
        if address is None:
            return
        names = address.product_key, address.device_name
        if names != _names(self.identity):
            sub = self._subs.get(names)
            if sub is not None:
                sub.received(topic, payload)
        elif address.channel is Channel.ERROR:
            self._lose(wire.read_error(payload))
        else:
            said = wire.read_answer(payload)
            asked = self._asked.get(str(said.id))
            if asked is not None and not asked.done():
                asked.set_result(int(said.code))

    def _lose(self, names: _Names) -> None:
        sub = self._subs.pop(names, None)
        if sub is not None:
            sub.drop()


def _names(identity: DeviceIdentity) -> _Names:
    return identity.product_key, identity.device_name
