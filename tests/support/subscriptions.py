"""Carrying events over a database, as the server puts it together, with receivers on loopback."""

import asyncio
from typing import Any

from linkops.clock import FixedClock
from linkops.db import Database, Tx
from linkops.devices.model import NewDevice, Product
from linkops.events.actor import SYSTEM
from linkops.events.interest import Interest
from linkops.events.kinds import KINDS
from linkops.events.store import Event, record_events
from linkops.settings import Settings, load_settings
from linkops.subscriptions.model import NewWebhook, Webhook, WebhookSecret
from linkops.subscriptions.service import Subscriptions
from tests.support.devices import DeviceServices
from tests.support.receiver import to_loopback


class Carriers:
    """A product, a device, and everything about carrying what happens to them."""

    def __init__(self, db: Database, clock: FixedClock, settings: Settings | None = None) -> None:
        self.db = db
        self.clock = clock
        # Only what never answers takes so long: a busy machine is no failure.
        self.settings = settings or load_settings(webhook_timeout_s=30)
        self.registry = DeviceServices(db, clock)
        self.interest = Interest()
        self.restart()

    def restart(self) -> None:
        """Build the services anew, as after a restart: what was in memory is gone."""
        self.services = Subscriptions(self.db, self.clock, self.settings, self.registry.box, self.interest, to_loopback)
        self.webhooks, self.letters = self.services.webhooks, self.services.letters

    def set(self, **settings: Any) -> None:
        """Go on with other settings, after a restart."""
        self.settings = load_settings(**settings)
        self.restart()

    async def start(self) -> None:
        """Create the product and the device."""
        self.product: Product = await self.registry.product()
        self.device: NewDevice = await self.registry.device(self.product, "pump-1")

    async def webhook(self, url: str, *, kinds: tuple[str, ...] = KINDS, **more: object) -> WebhookSecret:
        """Create a webhook for all products."""
        return await self.webhooks.create(SYSTEM, NewWebhook(url=url, kinds=list(kinds), **more))  # type: ignore[arg-type]

    async def shown(self, made: WebhookSecret) -> Webhook:
        """Return how a webhook goes."""
        return await self.webhooks.get(SYSTEM, made.id)

    async def happen(self, count: int, kind: str = "device.online", product: Product | None = None) -> list[int]:
        """Let things happen and return the ids of their events."""
        product_id = (product or self.product).id
        device_id = self.device.id if product is None else None
        events = [Event(self.clock.now(), kind, product_id, device_id, {"n": n}) for n in range(count)]

        def write(tx: Tx) -> list[int]:
            record_events(tx, events)
            last = int(tx.scalar("SELECT max(id) FROM event"))
            return list(range(last - count + 1, last + 1))

        return await self.db.write(write)

    async def deliver(self) -> None:
        """Deliver what is due, and wait until nothing is under way."""
        await self.services.deliverer.deliver()
        await self.services.deliverer.idle()

    async def deliver_until(self, done: asyncio.Event) -> None:
        """Deliver as the scheduler does, until a test says that it has seen enough."""
        while not done.is_set():
            await self.services.deliverer.deliver()
            await asyncio.sleep(0.01)
