"""The hub on a loop and thread of its own, as the server runs it, over real services."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from obstore.store import MemoryStore

from linkops.blobs import Blobs
from linkops.bus import Downlink, LocalBus
from linkops.certificates import CertificateFiles, device_context
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.certificates.service import X509
from linkops.devices.model import NewDevice, Product
from linkops.devices.presence.service import Presence
from linkops.devices.products.service import Products
from linkops.devices.registration.service import Registrations
from linkops.devices.service import Devices
from linkops.devices.topology.joining.service import Joining
from linkops.devices.topology.service import Topology
from linkops.events.actor import SYSTEM
from linkops.hub import DoorTls, Hub, HubAddresses
from linkops.mqtt.packets import ConnAck
from linkops.secretbox import SecretBox
from linkops.server.loops import LoopThread
from linkops.server.services import AllServices, Foundation, build_services
from linkops.settings import load_settings
from tests.support.mqtt import Address, MqttClient, connect_of

REACHED_WITHIN_S = 120.0
_STEP_S = 0.01
_numbers = count(1)


@dataclass(frozen=True)
class HubDoor:
    """A listening hub, and what stands behind it."""

    addresses: HubAddresses
    authority: Path
    hub: Hub
    db: Database
    bus: LocalBus
    products: Products
    devices: Devices
    presence: Presence
    x509: X509
    thread: LoopThread
    topology: Topology
    joining: Joining
    registrations: Registrations
    services: AllServices

    async def device(self, product: Product | None = None) -> NewDevice:
        """Create a device, of a product of its own unless one is given."""
        if product is None:
            product = await self.products.create(SYSTEM, f"Pumps {next(_numbers)}")
        return await self.devices.create(SYSTEM, product.product_key, None)

    def trust(self) -> ssl.SSLContext:
        """Return the TLS settings of a device that trusts this server's CA."""
        return ssl.create_default_context(cafile=str(self.authority))

    async def open(
        self, version: int = 4, *, tls: ssl.SSLContext | None = None, at: Address | None = None
    ) -> MqttClient:
        """Return a connection that has said nothing yet, on the port that takes both unless another is given."""
        return await MqttClient.open(at or self.addresses.mqtt, version, tls)

    async def online(self, device: NewDevice, version: int = 4, **connect: Any) -> MqttClient:
        """Return a connection on which ``device`` is logged in."""
        client = await self.open(version)
        answer = await client.login(connect_of(device, version, **connect))
        assert answer.reason == 0
        return client

    async def answer(self, device: NewDevice, version: int = 4, **connect: Any) -> ConnAck:
        """Return how a login is answered, on a connection that ends with it."""
        async with await self.open(version) as client:
            return await client.login(connect_of(device, version, **connect))

    async def deliver(
        self, device: NewDevice, topic: str, payload: bytes = b"{}", *, qos: int = 0, keep: bool = False
    ) -> bool:
        """Return whether a message was written to the device."""
        return (await self.bus.deliver([Downlink(device.id, topic, payload, qos, keep)]))[0]

    async def kept(self, device: NewDevice, topic: str, payload: bytes) -> bool:
        """Return whether a message is kept for a device that is away."""
        return (await self.presence.keep([Downlink(device.id, topic, payload, 1, keep=True)]))[0]

    async def until(self, sql: str, value: Any) -> None:
        """Wait until a query finds ``value``."""
        async with asyncio.timeout(REACHED_WITHIN_S):
            while await self.value(sql) != value:  # noqa: ASYNC110 - what is waited for lives in another thread
                await asyncio.sleep(_STEP_S)

    async def value(self, sql: str, **params: Any) -> Any:
        """Return the one value that a query finds."""

        def read(tx: Tx) -> Any:
            return tx.scalar(sql, **params)

        return await self.db.read(read)

    async def stop(self) -> None:
        """Stop the hub as the server does."""
        await self.thread.run(self.hub.stop())


@asynccontextmanager
async def open_hub(
    db: Database, clock: Clock, files: CertificateFiles, blobs: Blobs | None = None, **given: Any
) -> AsyncIterator[HubDoor]:
    """Listen on free ports until the block ends; ``given`` are settings. Without ``blobs`` there are no files."""
    settings = load_settings(mqtt_port=0, mqtt_tls_port=0, **given)
    box, bus = SecretBox(b"k" * 32), LocalBus()
    thread = LoopThread("hub-under-test")
    usual, unasked = (device_context(files, legacy_suites=settings.tls_legacy_suites) for _ in range(2))

    foundation = Foundation(settings, clock, db, box, blobs or Blobs(MemoryStore(), None), bus)
    services = build_services(foundation, "https://linkops.example")
    await services.hub.topics.load()

    services.api.x509.trusted.guard(usual)
    await services.api.x509.trust()

    async def start() -> tuple[Hub, HubAddresses]:
        hub = Hub(settings, clock, services.hub, bus, DoorTls(usual, unasked))
        return hub, hub.start()

    hub, addresses = await thread.run(start())
    assert files.authority is not None
    door = HubDoor(
        addresses,
        files.authority,
        hub,
        db,
        bus,
        services.api.products,
        services.api.devices,
        services.hub.presence,
        services.api.x509,
        thread,
        topology=services.api.topology,
        joining=services.api.joining,
        registrations=services.api.registrations,
        services=services,
    )
    try:
        yield door
    finally:
        await door.stop()
        await thread.stop()


async def reached(condition: Callable[[], bool]) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it did not become so.
    """
    async with asyncio.timeout(REACHED_WITHIN_S):
        while not condition():  # noqa: ASYNC110 - what is waited for lives in another thread
            await asyncio.sleep(_STEP_S)
