"""The live message log of one device, which the hub keeps in memory while it is switched on (docs/adr/0006)."""

from linkops.bus import LocalBus, MessageRecord
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_device
from linkops.devices.model import DeviceKey
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit


class MessageLog:
    """What a device says and hears; for operators of its product, since payloads may be private."""

    def __init__(self, db: Database, clock: Clock, bus: LocalBus) -> None:
        self._db = db
        self._clock = clock
        self._bus = bus

    async def switch(self, actor: Actor, key: DeviceKey, *, on: bool) -> None:
        """Begin to keep a device's messages, or stop and forget them."""
        action = "device.start_message_log" if on else "device.stop_message_log"
        device_id = await self._db.write(self._recorded, actor, key, action)
        await self._bus.record_messages(device_id, on=on)

    async def read(self, actor: Actor, key: DeviceKey, after: int) -> list[MessageRecord] | None:
        """Return the kept messages with a number above ``after``; None while the log is off.

        Reading from the start (``after`` 0) is recorded; following on from there is not.
        """
        if after > 0:
            return await self.follow(actor, key, after)
        device_id = await self._db.write(self._recorded, actor, key, "device.read_message_log")
        return await self._bus.messages(device_id, after)

    async def follow(self, actor: Actor, key: DeviceKey, after: int) -> list[MessageRecord] | None:
        """Return what `read` returns, to who has read from the start; that is not recorded again."""
        device_id = (await self._db.read(require_device, actor, Role.OPERATOR, key)).id
        return await self._bus.messages(device_id, after)

    def _recorded(self, tx: Tx, actor: Actor, key: DeviceKey, action: str) -> int:
        device = require_device(tx, actor, Role.OPERATOR, key)
        record_audit(tx, actor, self._clock.now(), action, f"device:{key}", product_id=device.product_id)
        return device.id
