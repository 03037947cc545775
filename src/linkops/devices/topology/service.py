"""Use cases about sub-devices of gateways. A call about several is refused whole if one is not the actor's."""

from collections.abc import Sequence

from linkops.bus import LocalBus
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_device
from linkops.devices.model import DeviceKey
from linkops.devices.paging import Page, check_limit, page_of, read_cursor, write_cursor
from linkops.devices.search.store import tags
from linkops.devices.store import DeviceRef
from linkops.devices.topology import changing, store
from linkops.devices.topology.access import require_gateway, require_sub_devices
from linkops.devices.topology.model import Place, SubDevice
from linkops.devices.topology.notices import Aftermath
from linkops.errors import Conflict
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.settings import Settings

_ORDER = "sub_devices"


class Topology:
    """Who hangs on whom.

    Looking takes a viewer of the gateway, and shows what the viewer may see of the sub-devices. Changing takes an
    operator of the gateway and of each sub-device. Names of the other end are shown to whoever may see one end.
    """

    def __init__(self, db: Database, clock: Clock, bus: LocalBus, settings: Settings) -> None:
        self._db = db
        self._clock = clock
        self._bus = bus
        self._most = settings.max_sub_devices

    async def place(self, actor: Actor, key: DeviceKey) -> Place:
        """Return on which gateway a device hangs, and how many sub-devices hang on it."""
        return await self._db.read(lambda tx: store.place(tx, require_device(tx, actor, Role.VIEWER, key).id))

    async def page(
        self,
        actor: Actor,
        gateway: DeviceKey,
        *,
        online: bool | None = None,
        prefix: str = "",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[SubDevice]:
        """Return sub-devices of a gateway, product by product, by name; of those whose products the actor may see.

        Args:
            actor: who asks.
            gateway: whose.
            online: only who is online, or only who is not; None: all.
            prefix: only who is called something that begins so.
            cursor: ``next`` of the page before.
            limit: how many at a time.

        Raises:
            Conflict: it is no gateway.
            Invalid: limit or cursor.
        """
        check_limit(limit)
        after = None if cursor is None else read_cursor(cursor, _ORDER, [int, str])

        def read(tx: Tx) -> Page[SubDevice]:
            gateway_id = require_gateway(tx, actor, Role.VIEWER, gateway).id
            wanted = store.Wanted(gateway_id, actor.visible_products(), prefix, online)
            found = store.some(tx, wanted, None if after is None else (after[0], after[1]), limit + 1)
            return page_of(_tagged(tx, found), limit, store.count(tx, wanted), _beyond(found, limit))

        return await self._db.read(read)

    async def bind(self, actor: Actor, gateway: DeviceKey, subs: Sequence[DeviceKey]) -> int:
        """Make devices sub-devices of a gateway, without their proof, and return how many were not.

        One that hangs on another gateway moves: that gateway is told, and its session over it ends.

        Raises:
            Conflict: the gateway is none, or would have too many; a device is not one that can be a sub-device.
        """
        changed, aftermath = await self._db.write(self._bind, actor, gateway, subs)
        await aftermath.follow(self._bus)
        return changed

    def _bind(self, tx: Tx, actor: Actor, gateway: DeviceKey, subs: Sequence[DeviceKey]) -> tuple[int, Aftermath]:
        ref = require_gateway(tx, actor, Role.OPERATOR, gateway)
        devices = require_sub_devices(tx, actor, subs)
        store.lock(tx, [ref.id, *(device.id for device in devices)])
        own = {bond.sub_id for bond in store.bonds(tx, [d.id for d in devices]) if bond.gateway_id == ref.id}
        if len(devices) > len(own) and store.held(tx, ref.id) + len(devices) - len(own) > self._most:
            raise Conflict("gateway.full", device=str(gateway), most=self._most)
        pairs = [(device.id, device.key) for device in devices]
        now = self._clock.now()
        changed, aftermath = changing.bind(tx, ref.id, pairs, now, tell_gateway=True)
        if changed:
            _audit(tx, actor, now, "gateway.bind", ref, [device.key for device in devices if device.id not in own])
        return changed, aftermath

    async def unbind(self, actor: Actor, gateway: DeviceKey, subs: Sequence[DeviceKey]) -> int:
        """Take sub-devices from a gateway and return how many it had; their sessions end.

        Raises:
            Conflict: it is no gateway.
        """
        changed, aftermath = await self._db.write(self._unbind, actor, gateway, subs)
        await aftermath.follow(self._bus)
        return changed

    def _unbind(self, tx: Tx, actor: Actor, gateway: DeviceKey, subs: Sequence[DeviceKey]) -> tuple[int, Aftermath]:
        ref = require_gateway(tx, actor, Role.OPERATOR, gateway)
        devices = require_sub_devices(tx, actor, subs)
        store.lock(tx, [ref.id, *(device.id for device in devices)])
        now = self._clock.now()
        changed, aftermath = changing.unbind(tx, ref.id, [device.id for device in devices], now, tell_gateway=True)
        if changed:
            gone = set(aftermath.ended)
            _audit(tx, actor, now, "gateway.unbind", ref, [device.key for device in devices if device.id in gone])
        return changed, aftermath


def _tagged(tx: Tx, found: Sequence[SubDevice]) -> list[SubDevice]:
    tags_of = tags(tx, [each.device.id for each in found])
    return [SubDevice(each.device, tags_of.get(each.device.id, {}), each.added_at) for each in found]


def _beyond(found: Sequence[SubDevice], limit: int) -> str | None:
    if len(found) <= limit:
        return None
    last = found[limit - 1].device
    return write_cursor(_ORDER, [last.product_id, last.key.device_name])


def _audit(tx: Tx, actor: Actor, at: int, action: str, gateway: DeviceRef, subs: Sequence[DeviceKey]) -> None:
    devices = [str(sub) for sub in subs]
    record_audit(tx, actor, at, action, f"device:{gateway.key}", product_id=gateway.product_id, devices=devices)
