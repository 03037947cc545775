"""Use cases about device logs: read them, and switch them on and off. What an actor may not see does not exist for it.

A log may hold what is private, so reading takes an operator, too.
"""

from linkops.alink.logs import write_log_push
from linkops.alink.topics import Channel, topic_for
from linkops.bus import Downlink, LocalBus
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_device, require_product
from linkops.devices.logs import store
from linkops.devices.logs.model import LogFilter, LogLine, LogSwitch
from linkops.devices.model import DeviceKey
from linkops.devices.paging import check_limit
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit

TOLD_PER_TICK = 500


class Logs:
    """Logs of the devices that an actor operates."""

    def __init__(self, db: Database, clock: Clock, bus: LocalBus) -> None:
        self._db = db
        self._clock = clock
        self._bus = bus

    async def page(
        self, actor: Actor, key: DeviceKey, wanted: LogFilter, *, before: int, limit: int = 50
    ) -> list[LogLine]:
        """Return up to ``limit`` entries with an id below ``before``, the newest first.

        Raises:
            Invalid: the limit.
        """
        check_limit(limit)

        def read(tx: Tx) -> list[LogLine]:
            device = require_device(tx, actor, Role.OPERATOR, key)
            return store.newest(tx, device.id, wanted, before, limit)

        return await self._db.read(read)

    async def follow(
        self, actor: Actor, key: DeviceKey, wanted: LogFilter, *, after: int, limit: int = 50
    ) -> list[LogLine]:
        """Return up to ``limit`` entries with an id above ``after``, the oldest first.

        Raises:
            Invalid: the limit.
        """
        check_limit(limit)

        def read(tx: Tx) -> list[LogLine]:
            device = require_device(tx, actor, Role.OPERATOR, key)
            return store.oldest(tx, device.id, wanted, after, limit)

        return await self._db.read(read)

    async def switch_of(self, actor: Actor, key: DeviceKey) -> LogSwitch:
        """Return whether a device uploads its log, and why."""
        return await self._db.read(lambda tx: store.switch(tx, require_device(tx, actor, Role.VIEWER, key).id))

    async def switch_of_product(self, actor: Actor, product_key: str) -> bool:
        """Return whether the devices of a product upload their logs, unless it was said otherwise about one."""
        return await self._db.read(
            lambda tx: store.product_switch(tx, require_product(tx, actor, Role.VIEWER, product_key).id)
        )

    async def switch(self, actor: Actor, key: DeviceKey, *, on: bool | None) -> LogSwitch:
        """Switch a device's log on or off; None: as its product. A device that is online is told at once."""
        device_id, holds = await self._db.write(self._switch, actor, key, on)
        await self._bus.deliver([_push(device_id, key, self._clock.now(), on=holds.on)])
        return holds

    def _switch(self, tx: Tx, actor: Actor, key: DeviceKey, on: bool | None) -> tuple[int, LogSwitch]:  # noqa: FBT001 - of `switch`
        device = require_device(tx, actor, Role.OPERATOR, key)
        store.set_device(tx, device.id, on=on)
        target = f"device:{key}"
        record_audit(tx, actor, self._clock.now(), "device.switch_log", target, product_id=device.product_id, on=on)
        return device.id, store.switch(tx, device.id)

    async def switch_product(self, actor: Actor, product_key: str, *, on: bool) -> None:
        """Switch the logs of a product's devices on or off; those that are online are told by and by."""

        def write(tx: Tx) -> None:
            product = require_product(tx, actor, Role.OPERATOR, product_key)
            store.set_product(tx, product.id, on=on)
            target = f"product:{product_key}"
            record_audit(tx, actor, self._clock.now(), "product.switch_log", target, product_id=product.id, on=on)

        await self._db.write(write)

    async def tell_devices(self) -> bool:
        """Tell some online devices of a product whose switch was turned; return whether there are more (a tick)."""
        telling = await self._db.read(store.telling)
        if telling is None:
            return False
        devices = await self._db.read(store.to_tell, telling.product_id, telling.told_up_to, TOLD_PER_TICK)
        now, on = self._clock.now(), bool(telling.is_on)
        keys = [(each.device_id, DeviceKey(each.product_key, each.device_name)) for each in devices]
        await self._bus.deliver([_push(device_id, key, now, on=on) for device_id, key in keys])
        up_to = devices[-1].device_id if len(devices) == TOLD_PER_TICK else None
        await self._db.write(store.told, telling, up_to)
        return True


def _push(device_id: int, key: DeviceKey, now: int, *, on: bool) -> Downlink:
    return Downlink(device_id, topic_for(Channel.LOG_CONFIG_PUSH, *key), write_log_push(str(now), on=on), qos=1)
