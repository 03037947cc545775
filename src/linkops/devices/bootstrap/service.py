"""Sends a device to ask again where it is to connect, as before a server moves."""

from linkops.alink.bootstrap import write_ask_again
from linkops.alink.topics import Channel, topic_for
from linkops.bus import Downlink, LocalBus
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices import generate
from linkops.devices.access import require_device
from linkops.devices.model import DeviceKey
from linkops.errors import Conflict
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit


class BootstrapNotices:
    """Notices to single devices; for operators of their product."""

    def __init__(self, db: Database, clock: Clock, bus: LocalBus) -> None:
        self._db = db
        self._clock = clock
        self._bus = bus

    async def send(self, actor: Actor, key: DeviceKey) -> None:
        """Tell a device that is online to ask again (docs/protocol/device-protocol.md#bootstrap).

        Raises:
            Conflict: it is away; it asks when it starts.
        """
        device_id = await self._db.write(self._recorded, actor, key)
        topic = topic_for(Channel.BOOTSTRAP_NOTIFY, *key)
        downlink = Downlink(device_id, topic, write_ask_again(generate.message_id()))
        if not (await self._bus.deliver([downlink]))[0]:
            raise Conflict("bootstrap.device_away", device=str(key))

    def _recorded(self, tx: Tx, actor: Actor, key: DeviceKey) -> int:
        device = require_device(tx, actor, Role.OPERATOR, key)
        target, now = f"device:{key}", self._clock.now()
        record_audit(tx, actor, now, "device.send_to_bootstrap", target, product_id=device.product_id)
        return device.id
