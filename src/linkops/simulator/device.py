"""One simulated device: it logs in, stays, reports its versions, and does with an update what its behaviour says."""

import asyncio
from time import perf_counter
from typing import Any

from linkops.alink.firmware import DEFAULT_MODULE
from linkops.alink.topics import Channel, channel_of, topic_for
from linkops.simulator import services, wire
from linkops.simulator.behaviour import SUCCEED, Behaviour
from linkops.simulator.blocks import Block, BlockExchange, write_block_request
from linkops.simulator.configuring import (
    ACKNOWLEDGE,
    ConfigBehaviour,
    Offered,
    configure,
    read_offered,
    write_answer,
    write_config_get,
)
from linkops.simulator.credentials import DeviceIdentity
from linkops.simulator.gateway import SimulatedGateway
from linkops.simulator.limits import Limits
from linkops.simulator.link import Line, LoginRefused, ServerAddress, introduction, open_link
from linkops.simulator.pace import Pace
from linkops.simulator.publisher import Publisher
from linkops.simulator.statistics import Observer
from linkops.simulator.update import Update

_NORMAL = Pace()
_OFFERS = frozenset({Channel.FIRMWARE_PUSH, Channel.FIRMWARE_GET})
_CONFIGURATIONS = frozenset({Channel.CONFIG_PUSH, Channel.CONFIG_GET})


class SimulatedDevice:
    """A device on the wire; `run` is its life, `settled` tells when it is there.

    Attributes:
        versions: by module, what the device runs; reported after every login.
        gateway: whose connection carries it; None: it dials itself.
        publisher: whose signature it wants on every file; None: it looks at none.
        configuring: what it does with a configuration.
        configuration: the bytes of the last one that it took.
        asks_time: whether it asks what time it is after every login.
        clock_offset_ms: by how much the server's clock is ahead of this machine's; None until it was told.
    """

    def __init__(
        self,
        identity: DeviceIdentity,
        server: ServerAddress,
        observer: Observer,
        limits: Limits,
        *,
        behaviour: Behaviour = SUCCEED,
        pace: Pace = _NORMAL,
        version: str = "1.0.0",
        pulls: bool = False,
    ) -> None:
        """``pulls``: also asks for an update after each login; a push is taken in either case."""
        self.identity = identity
        self.versions = {DEFAULT_MODULE: version}
        self._server = server
        self._observer = observer
        self._limits = limits
        self._behaviour = behaviour
        self._pace = pace
        self._pulls = pulls
        self.publisher: Publisher | None = None
        self.gateway: SimulatedGateway | None = None
        self.configuring: ConfigBehaviour = ACKNOWLEDGE
        self.configuration = b""
        self._configuring_now: set[asyncio.Task[None]] = set()
        self.asks_time = False
        self.clock_offset_ms: float | None = None
        self._message_id = 0
        self._link: Line | None = None
        self._goes_offline = False
        self._settled = False
        self._waiting: list[asyncio.Future[None]] = []
        self._updating: asyncio.Task[None] | None = None
        self._blocks = BlockExchange(pace.block_timeout_s)

    async def run(self) -> None:
        """Live until cancelled: log in, serve, and come back after every loss."""
        failures = 0
        try:
            while True:
                link = await self._connect()
                failures = 0 if link else failures + 1
                if link is not None:
                    await self._serve(link)
                expected, self._goes_offline = self._goes_offline, False
                pause_s = (
                    self._pace.spread(self._pace.restart_s) if expected else self._pace.reconnect_after_s(failures)
                )
                await asyncio.sleep(pause_s)
        finally:
            under_way = [*self._configuring_now, *([] if self._updating is None else [self._updating])]
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def settled(self) -> None:
        """Return when the device is connected and the server has acknowledged its versions."""
        while not self._settled:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            await waiter

    # --- what an update does with its device (`linkops.simulator.update.Body`) ---

    async def progress(self, module: str, step: int, desc: str) -> bool:
        """Send a progress report and return whether the server acknowledged it."""
        payload = wire.write_progress(self._next_id(), step, desc, module)
        return await self._report(Channel.PROGRESS, payload)

    async def report_version(self, module: str, version: str) -> bool:
        """Say which version a module runs, now and after every login; return whether the server acknowledged it."""
        self.versions[module] = version
        return await self._report(Channel.VERSION_REPORT, wire.write_version(self._next_id(), version, module))

    async def ask_block(self, offer: wire.Offer, offset: int, size: int) -> Block | None:
        """Return the reply to one block request; None when none came in time."""
        message_id = self._next_id()
        payload = write_block_request(message_id, offer, offset, size)
        topic = self._topic(Channel.FILE_DOWNLOAD)
        return await self._blocks.ask(message_id, lambda: self._link is not None and self._link.send(topic, payload))

    async def pull_configuration(self) -> bool:
        """Ask for the configuration, and return whether the server took the question."""
        return await self._report(Channel.CONFIG_GET, write_config_get(self._next_id()))

    def disturb_blocks(self, *, on: bool) -> None:
        """Let some blocks be lost or broken on their way from now on, or none."""
        self._blocks.disturbed = on

    def received(self, size_bytes: int) -> None:
        """Note what was downloaded."""
        self._observer.received(self.identity, size_bytes)

    def restart(self, module: str, version: str) -> None:
        """Go offline and come back with ``version``."""
        self.versions[module] = version
        self._hang_up()
        if self._link is not None:
            self._link.close()

    def drop(self) -> None:
        """Lose the connection as by a power cut."""
        self._hang_up()
        if self._link is not None:
            self._link.drop()

    def _hang_up(self) -> None:
        self._settled = False
        self._goes_offline = self._link is not None

    # --- the connection ---

    async def _connect(self) -> Line | None:
        try:
            begun, link = await self._dial() if self.gateway is None else await self._join(self.gateway)
        except (OSError, LoginRefused) as error:
            self._observer.refused(
                self.identity, str(error) if isinstance(error, LoginRefused) else type(error).__name__
            )
            return None
        self._observer.connected(self.identity, perf_counter() - begun)
        return link

    async def _dial(self) -> tuple[float, Line]:
        async with self._limits.connecting():
            begun = perf_counter()
            connect = introduction(self.identity, self._server, self._pace.keep_alive_s)
            return begun, await open_link(self._server, connect, self._receive)

    async def _join(self, gateway: SimulatedGateway) -> tuple[float, Line]:
        await gateway.settled()
        begun = perf_counter()
        return begun, await gateway.join(self.identity, self._receive)

    async def _serve(self, link: Line) -> None:
        self._link = link
        cancelled = True
        try:
            await self._introduce_versions()
            await link.lost
            cancelled = False
        finally:
            self._link, self._settled = None, False
            link.close()
            self._observer.disconnected(self.identity, expected=self._goes_offline or cancelled)

    async def _introduce_versions(self) -> None:
        for module, version in self.versions.items():
            if not await self.report_version(module, version):
                return
        if self.asks_time and self._link is not None:
            self._link.send(*services.ask_time(self.identity))
        self._settled = True
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()
        if self._pulls and self._updating is None:
            await self._report(Channel.FIRMWARE_GET, wire.write_pull(self._next_id(), DEFAULT_MODULE))

    # --- messages ---

    def _next_id(self) -> int:
        self._message_id += 1
        return self._message_id

    def _topic(self, channel: Channel) -> str:
        return topic_for(channel, self.identity.product_key, self.identity.device_name)

    async def _report(self, channel: Channel, payload: bytes) -> bool:
        link = self._link
        if link is None:
            return False
        topic = self._topic(channel)
        after_s = await link.publish(topic, payload)
        if after_s is None:
            if self._link is link:  # whoever then waits to be connected again must not find the lost connection settled
                self._settled = False
            return False
        self._observer.acknowledged(self.identity, topic, payload, after_s)
        return True

    def _receive(self, topic: str, payload: bytes) -> None:
        address = channel_of(topic)
        if address is not None and address.channel is Channel.FILE_DOWNLOAD:
            self._blocks.receive(payload)
        elif address is not None and address.channel in _CONFIGURATIONS:
            self._configure_from(payload, pushed=address.channel is Channel.CONFIG_PUSH)
        elif address is not None and address.channel in _OFFERS:
            self._consider(payload)
        elif address is not None and address.channel is Channel.NTP:
            self.clock_offset_ms = services.clock_offset_ms(payload)
        elif address is not None:
            self._answer(services.answer(address, topic, payload))

    def _answer(self, answer: tuple[str, bytes] | None) -> None:
        if answer is not None and self._link is not None and self._link.send(*answer):
            self._observer.answered(self.identity)

    def _consider(self, payload: bytes) -> None:
        offer = wire.read_offer(payload)
        if offer is None:
            return
        self._observer.offered(self.identity, offer)
        if self._updating is None:
            self._updating = asyncio.get_running_loop().create_task(self._update(offer))

    def _configure_from(self, payload: bytes, *, pushed: bool) -> None:
        found = read_offered(payload)
        if found is not None:
            task = asyncio.get_running_loop().create_task(self._configure(*found, pushed=pushed))
            self._configuring_now.add(task)
            task.add_done_callback(self._configuring_now.discard)

    async def _configure(self, message_id: Any, offered: Offered, *, pushed: bool) -> None:
        done = await configure(offered, self.configuring, self._limits, self._server.tls, self.received)
        self.configuration = done.body or self.configuration
        if pushed and done.code is not None and self._link is not None:
            key = self.identity.product_key, self.identity.device_name
            topic = topic_for(Channel.CONFIG_PUSH, *key, reply=True)
            await self._link.publish(topic, write_answer(message_id, done.code))
        self._observer.configured(self.identity, done.outcome)

    async def _update(self, offer: wire.Offer) -> None:
        update = Update(
            self,
            offer,
            behaviour=self._behaviour,
            pace=self._pace,
            limits=self._limits,
            tls=self._server.tls,
            publisher=self.publisher,
        )
        try:
            self._observer.ended(self.identity, await update.perform())
        finally:
            self._updating = None
