"""Drift, as people see it."""

from collections import Counter
from typing import NamedTuple

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_device, require_product
from linkops.devices.model import DeviceKey
from linkops.devices.paging import check_limit, read_cursor, write_cursor
from linkops.events.actor import Actor, Role
from linkops.remote_config.documents.contents.store import of_product
from linkops.remote_config.states.drift import looking
from linkops.remote_config.states.drift.model import DeviceDrift, DriftSummary, Standing

DEVICES_PER_UNIT = 500
MAX_UNITS = 100
"""One answer looks at so many devices at most, and then says where to go on."""
_ORDER = "drift"


class DriftPage(NamedTuple):
    """Some devices that drift; ``next``: the cursor of what follows, None at the end."""

    items: list[DeviceDrift]
    next: str | None


class Drift:
    """How the devices of products stand to their configuration. Looking takes a viewer of the product."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def summary(self, actor: Actor, product_key: str) -> DriftSummary:
        """Return the devices of a product by how they stand; devices with narrower documents are looked at one by one.

        Raises:
            NotFound: the product.
        """

        def read(tx: Tx) -> tuple[int, int, Counter[Standing]]:
            product_id = require_product(tx, actor, Role.VIEWER, product_key).id
            document = of_product(tx, product_id)
            version = 0 if document is None else document.version
            return product_id, version, looking.plain_counts(tx, product_id)

        product_id, version, counts = await self._db.read(read)
        after: int | None = 0
        while after is not None:
            found = await self._db.write(looking.corrections, product_id, after, DEVICES_PER_UNIT, self._clock.now())
            counts.update(found.counts)
            after = found.reached
        shown = {each: counts[each] for each in Standing}
        return DriftSummary(version=version, devices=sum(shown.values()), counts=shown)

    async def page(
        self,
        actor: Actor,
        product_key: str,
        *,
        standing: Standing | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> DriftPage:
        """Return devices that do not have what they should, in the order in which they were registered.

        A page may be short, or empty, though more follow: ``next`` says so.

        Raises:
            Invalid: limit or cursor.
            NotFound: the product.
        """
        check_limit(limit)
        after: int | None = 0 if cursor is None else read_cursor(cursor, _ORDER, [int])[0]
        product_id = (await self._db.read(require_product, actor, Role.VIEWER, product_key)).id
        found: list[DeviceDrift] = []
        for _ in range(MAX_UNITS):
            if after is None or len(found) > limit:
                break
            looked = await self._db.write(looking.look, product_id, after, DEVICES_PER_UNIT, self._clock.now())
            found += [device for device in looked.devices if standing in {None, device.standing}]
            after = looked.reached
        if len(found) > limit:
            after = found[limit - 1].device_id
        return DriftPage(found[:limit], None if after is None else write_cursor(_ORDER, [after]))

    async def of_device(self, actor: Actor, key: DeviceKey) -> DeviceDrift:
        """Return how one device stands.

        Raises:
            NotFound: the device.
        """

        def look(tx: Tx) -> DeviceDrift:
            device = require_device(tx, actor, Role.VIEWER, key)
            return looking.of_device(tx, device.product_id, device.id, self._clock.now())

        return await self._db.write(look)
