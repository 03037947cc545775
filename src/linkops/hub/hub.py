"""The hub: listeners, connections and ticks on one event loop."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import structlog

from linkops.bus import LocalBus
from linkops.clock import Clock
from linkops.hub.connection import Connection
from linkops.hub.context import Context
from linkops.hub.counts import Counts
from linkops.hub.listener import DoorTls, Listener
from linkops.hub.message_log import MessageLog
from linkops.hub.online import Online
from linkops.hub.questions import Questions
from linkops.hub.quota import Quota
from linkops.hub.reception import Reception
from linkops.hub.relay import ReceiveBytes, Relays, SendBytes
from linkops.hub.routes import addressed_routes, gateway_routes, routes
from linkops.hub.services import HubServices
from linkops.mqtt.reasons import Reason
from linkops.scheduler import Scheduler
from linkops.settings import Settings

_log = structlog.get_logger(__name__)

SWEEP_EVERY_S = 1.0
SEEN_EVERY_S = 60.0
DRAIN_WITHIN_S = 10.0
_DRAIN_STEP_S = 0.02
_CLOSES_PER_TURN = 500


class HubAddresses(NamedTuple):
    """Where devices connect: host and port."""

    mqtt: tuple[str, int]
    mqtt_tls: tuple[str, int]


class Hub:
    """Devices' door. Made and used on the loop that it runs on."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        services: HubServices,
        bus: LocalBus,
        tls: DoorTls,
    ) -> None:
        loop = asyncio.get_running_loop()
        quota = Quota(settings.messages_per_second, settings.bytes_per_second)
        log = MessageLog(clock, settings.message_log_entries)
        questions = Questions()
        self._context = Context(
            loop=loop,
            clock=clock,
            settings=settings,
            presence=services.presence,
            greeters=services.greeters,
            reception=Reception(services.registrations, settings.registering_connections),
            routes=routes(services),
            gateway_routes=gateway_routes(services),
            addressed_routes=addressed_routes(services, questions),
            quota=quota,
            message_log=log,
            permissions=services.topics.permissions,
            questions=questions,
        )
        self._online = Online(self._context)
        self._bus = bus
        self._scheduler = Scheduler()
        self._mqtt = Listener(loop, self._connection, tls, self._may_accept, tls_only=False)
        self._mqtt_tls = Listener(loop, self._connection, tls, self._may_accept, tls_only=True)
        self._relays = Relays(loop, self._connection, self._may_accept)

    @property
    def counts(self) -> Counts:
        """What the hub counts."""
        return self._context.counts

    @property
    def sockets(self) -> int:
        """How many sockets are open: connections, and those that are not one yet."""
        return len(self._online) + self._mqtt.pending + self._mqtt_tls.pending

    def start(self) -> HubAddresses:
        """Listen, and return where.

        Raises:
            OSError: when an address is taken.
        """
        settings = self._context.settings
        self._bus.attach(self._online, self._context.loop, self._online.__len__)
        self._scheduler.every(SWEEP_EVERY_S, "keep-alive", self._online.sweep)
        self._scheduler.every(SEEN_EVERY_S, "last seen", self._online.record_seen)
        return HubAddresses(
            self._mqtt.open(settings.bind_host, settings.mqtt_port),
            self._mqtt_tls.open(settings.bind_host, settings.mqtt_tls_port),
        )

    async def record_seen(self) -> None:
        """Store signs of life that came since the last time, as a tick does."""
        await self._online.record_seen()

    async def carry(
        self, address: str, receive: ReceiveBytes, send: SendBytes, certificate: bytes | None = None
    ) -> None:
        """Carry a connection whose socket belongs to another loop, on which this is called, until it ends."""
        await self._relays.carry(address, receive, send, certificate)

    async def stop(self) -> None:
        """Accept nobody more, store and acknowledge what came, and say goodbye to all."""
        self._context.stopping = True
        self._mqtt.close()
        self._mqtt_tls.close()
        await self._scheduler.stop()
        await self._drain()
        self._bus.detach()
        for number, connection in enumerate(self._online.connections(), 1):
            connection.end(Reason.SERVER_SHUTTING_DOWN, "server_stopping")
            if number % _CLOSES_PER_TURN == 0:
                await asyncio.sleep(0)
        await self._until_gone()
        await self._online.finish()
        await self._context.reception.finish()

    def _connection(self) -> Connection:
        return Connection(self._context, self._online)

    def _may_accept(self) -> bool:
        if self.sockets < self._context.settings.max_connections and not self._context.stopping:
            return True
        self._context.counts.refused["too_many_connections"] += 1
        return False

    async def _drain(self) -> None:
        """Wait until everything that was read is committed."""
        await self._until(lambda: all(each.idle for each in self._online.connections()))

    async def _until_gone(self) -> None:
        await self._until(lambda: not len(self._online))

    async def _until(self, reached: Callable[[], bool]) -> None:
        """Wait for something, but not for ever: one device that does not answer must not hold up the stop."""
        deadline = self._context.loop.time() + DRAIN_WITHIN_S
        for _ in iter(reached, True):
            if self._context.loop.time() > deadline:
                return
            await asyncio.sleep(_DRAIN_STEP_S)
