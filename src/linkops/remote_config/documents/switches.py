"""The switch of a product, and what there is of its configuration at a glance."""

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_product
from linkops.devices.groups import store as groups
from linkops.devices.paging import MAX_TOTAL, check_limit
from linkops.events.actor import ALL_PRODUCTS, Actor, Role
from linkops.remote_config.documents import store
from linkops.remote_config.documents.announcing import record_switched
from linkops.remote_config.documents.contents.store import switched_on
from linkops.remote_config.documents.model import (
    MAX_GROUP_DOCUMENTS,
    RECENT,
    DeviceDocument,
    GroupDocument,
    Overview,
    Scope,
    Version,
)
from linkops.remote_config.documents.store import Place


class Switches:
    """Whether devices are given configuration; looking takes a viewer of the product, switching an operator."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def overview(self, actor: Actor, product_key: str) -> Overview:
        """Return what there is of a product's configuration."""
        return await self._db.read(_overview, actor, product_key)

    async def switch(self, actor: Actor, product_key: str, *, on: bool) -> Overview:
        """Give devices their configuration from now on, or no more; documents can be edited all the same."""

        def write(tx: Tx) -> Overview:
            product, now = require_product(tx, actor, Role.OPERATOR, product_key), self._clock.now()
            if switched_on(tx, product.id) != on and store.switch(tx, product.id, now, on=on):
                record_switched(tx, actor, now, product, on=on)
            return _overview(tx, actor, product_key)

        return await self._db.write(write)

    async def groups(self, actor: Actor, product_key: str) -> list[GroupDocument]:
        """Return all documents for groups, the one that is laid over the others first."""

        def read(tx: Tx) -> list[GroupDocument]:
            product = require_product(tx, actor, Role.VIEWER, product_key)
            found = store.of_groups(tx, product.id, MAX_GROUP_DOCUMENTS)
            return [GroupDocument(group_id, path_of(tx, actor, group_id), found[group_id]) for group_id in found]

        return await self._db.read(read)

    async def devices(self, actor: Actor, product_key: str, after: int, limit: int) -> list[DeviceDocument]:
        """Return up to ``limit`` documents of devices, in the order of their ids, behind the id ``after``."""
        check_limit(limit)

        def read(tx: Tx) -> list[DeviceDocument]:
            product = require_product(tx, actor, Role.VIEWER, product_key)
            return [DeviceDocument(*found) for found in store.of_devices(tx, product.id, after, limit)]

        return await self._db.read(read)


def path_of(tx: Tx, actor: Actor, group_id: int) -> tuple[str, ...] | None:
    """Return the names that lead to a group; None: it is gone, or one that the actor may not look at."""
    group = groups.by_id(tx, group_id)
    if group is None or not actor.may(Role.VIEWER, group.product_id or ALL_PRODUCTS):
        return None
    return group.path


def _overview(tx: Tx, actor: Actor, product_key: str) -> Overview:
    product = require_product(tx, actor, Role.VIEWER, product_key)
    recent, schema = (_recent(tx, product.id, scope) for scope in (Scope.PRODUCT, Scope.SCHEMA))
    devices = store.count_devices(tx, product.id, MAX_TOTAL + 1)
    return Overview(
        product_key=product.product_key,
        enabled=switched_on(tx, product.id),
        recent=recent,
        schema=schema[0] if schema and not schema[0].removed else None,
        groups=store.count_groups(tx, product.id),
        devices=min(devices, MAX_TOTAL),
        devices_is_more=devices > MAX_TOTAL,
    )


def _recent(tx: Tx, product_id: int, scope: Scope) -> list[Version]:
    state = store.find(tx, Place(product_id, scope, None, None))
    return [] if state is None else store.versions(tx, state.id, state.version + 1, RECENT)
