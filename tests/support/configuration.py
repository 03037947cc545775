"""Configuration documents of one product, over the services of `tests.support.devices`."""

import json
from typing import Any

from linkops.clock import FixedClock
from linkops.db import Database, Tx
from linkops.devices.model import NewDevice, Product
from linkops.events.actor import SYSTEM, Actor
from linkops.remote_config.documents.model import Document, Draft, Saved, Scope, Target
from linkops.remote_config.service import RemoteConfig
from tests.support.devices import DeviceServices


class Office:
    """Where documents of pumps are written."""

    product: Product

    def __init__(self, db: Database, clock: FixedClock) -> None:
        self.db = db
        self.clock = clock
        self.devices = DeviceServices(db, clock)
        self.config = RemoteConfig(db, clock)

    async def start(self) -> "Office":
        """Create the product."""
        self.product = await self.devices.product()
        return self

    async def device(self, name: str) -> NewDevice:
        """Create a device."""
        return await self.devices.device(self.product, name)

    @property
    def of_product(self) -> Target:
        """The product's document."""
        return Target(self.product.product_key, Scope.PRODUCT)

    @property
    def schema(self) -> Target:
        """The product's schema."""
        return Target(self.product.product_key, Scope.SCHEMA)

    def of_device(self, name: str) -> Target:
        """Return the document of a device."""
        return Target(self.product.product_key, Scope.DEVICE, device_name=name)

    def of_group(self, group_id: int) -> Target:
        """Return the document of a group."""
        return Target(self.product.product_key, Scope.GROUP, group_id=group_id)

    async def save(
        self, target: Target, content: str, base: int = 0, *, actor: Actor = SYSTEM, priority: int | None = None
    ) -> Saved:
        """Save a document made from version ``base``."""
        return await self.config.editing.save(actor, target, Draft(content, base, "", priority))

    async def get(self, target: Target) -> Document:
        """Return a document."""
        return await self.config.documents.get(SYSTEM, target)

    async def preview(self, device: NewDevice) -> Any:
        """Return the merged document of a device, as a value; None: none applies."""
        content = (await self.config.previews.of_device(SYSTEM, device.key)).content
        return None if content is None else json.loads(content)

    async def audited(self) -> list[tuple[str, str]]:
        """Return what was recorded about configuration: action and target."""
        return await self.db.read(_audited)

    async def told(self) -> list[tuple[str, Any]]:
        """Return what applications hear about configuration: kind and body."""
        return await self.db.read(_told)


def _audited(tx: Tx) -> list[tuple[str, str]]:
    rows = tx.all("SELECT action, target FROM audit WHERE action LIKE 'config.%' ORDER BY id")
    return [(row[0], row[1]) for row in rows]


def _told(tx: Tx) -> list[tuple[str, Any]]:
    rows = tx.all("SELECT kind, body FROM event WHERE kind LIKE 'config.%' ORDER BY id")
    return [(row[0], json.loads(row[1])) for row in rows]
