"""Use cases about the devices of groups. A call about several is refused whole if one is not the actor's."""

from collections.abc import Sequence

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_devices, require_product
from linkops.devices.conditions.model import Condition
from linkops.devices.groups.access import conditions_of, require_group
from linkops.devices.groups.members import store
from linkops.devices.groups.members.reading import Asked
from linkops.devices.groups.model import Counted, Group, GroupKind
from linkops.devices.groups.query import check_query
from linkops.devices.groups.service import audit
from linkops.devices.model import DeviceKey
from linkops.devices.paging import Page, check_limit
from linkops.devices.search.model import DeviceRow
from linkops.errors import Conflict, Invalid
from linkops.events.actor import Actor, Role


class Members:
    """The devices of groups. Looking takes a viewer, changing an operator; see `linkops.devices.groups.service`."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def page(
        self, actor: Actor, group_id: int, *, direct: bool = False, cursor: str | None = None, limit: int = 50
    ) -> Page[DeviceRow]:
        """Return the devices that a group has now, product by product, the first registered first.

        Args:
            actor: who asks.
            group_id: which group.
            direct: leave out what only groups below it have.
            cursor: ``next`` of the page before.
            limit: how many devices at a time.
        """
        check_limit(limit)

        def read(tx: Tx) -> Page[DeviceRow]:
            group = require_group(tx, actor, Role.VIEWER, group_id)
            return self._asked(tx, group, direct=direct).page(cursor, limit)

        return await self._db.read(read)

    async def count(self, actor: Actor, group_id: int) -> Counted:
        """Return how many devices a group and those below it have now."""

        def read(tx: Tx) -> Counted:
            return self._asked(tx, require_group(tx, actor, Role.VIEWER, group_id), direct=False).count()

        return await self._db.read(read)

    def _asked(self, tx: Tx, group: Group, *, direct: bool) -> Asked:
        products = None if group.product_id is None else [group.product_id]
        return Asked(tx, conditions_of(tx, group, direct=direct), products, self._clock.now())

    async def preview(
        self, actor: Actor, product_key: str | None, query: Sequence[Condition], *, limit: int = 20
    ) -> Page[DeviceRow]:
        """Return the first devices that a dynamic group would have now, of those that the actor may look at.

        Raises:
            Invalid: the query, or the limit.
        """
        check_limit(limit)
        check_query(query, of_product=product_key is not None)

        def read(tx: Tx) -> Page[DeviceRow]:
            products = actor.visible_products()
            if product_key is not None:
                products = [require_product(tx, actor, Role.VIEWER, product_key).id]
            return Asked(tx, query, products, self._clock.now()).page(None, limit)

        return await self._db.read(read)

    async def add(self, actor: Actor, group_id: int, keys: Sequence[DeviceKey]) -> int:
        """Put devices into a static group and return how many were not in it already.

        Raises:
            Conflict: the group is a dynamic one.
            Invalid: a device is not of the group's product.
        """
        return await self._db.write(self._add, actor, group_id, keys)

    def _add(self, tx: Tx, actor: Actor, group_id: int, keys: Sequence[DeviceKey]) -> int:
        group = require_static(tx, actor, group_id)
        devices = require_devices(tx, actor, Role.OPERATOR, keys)
        for device in devices:
            if group.product_id not in {None, device.product_id}:
                raise Invalid("group.device_of_other_product", field="devices", device=str(device.key))
        added = store.add(tx, group_id, [device.id for device in devices])
        names = [str(device.key) for device in devices if device.id in added]
        if names:
            audit(tx, actor, self._clock.now(), "group.add_members", group, devices=names)
        return len(added)

    async def remove(self, actor: Actor, group_id: int, keys: Sequence[DeviceKey]) -> int:
        """Take devices out of a static group and return how many were in it; their tasks stay.

        Raises:
            Conflict: the group is a dynamic one.
        """
        return await self._db.write(self._remove, actor, group_id, keys)

    def _remove(self, tx: Tx, actor: Actor, group_id: int, keys: Sequence[DeviceKey]) -> int:
        group = require_static(tx, actor, group_id)
        devices = require_devices(tx, actor, Role.OPERATOR, keys)
        removed = store.remove(tx, group_id, [device.id for device in devices])
        if removed:
            names = [str(device.key) for device in devices]
            audit(tx, actor, self._clock.now(), "group.remove_members", group, devices=names, removed=removed)
        return removed


def require_static(tx: Tx, actor: Actor, group_id: int) -> Group:
    """Return a static group whose members ``actor`` may change.

    Raises:
        NotFound, Forbidden: see `require_group`.
        Conflict: it is a dynamic one.
    """
    group = require_group(tx, actor, Role.OPERATOR, group_id)
    if group.kind is GroupKind.DYNAMIC:
        raise Conflict("group.is_dynamic")
    return group
