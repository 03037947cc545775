"""Messages from applications to one device, on its custom topics."""

from enum import StrEnum

from linkops.alink.topics import Channel, topic_for
from linkops.bus import Downlink, LocalBus
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices import store
from linkops.devices.access import require_device
from linkops.devices.model import DeviceKey
from linkops.devices.presence.service import Presence
from linkops.errors import Conflict, Invalid, TooLarge
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit

MAX_PAYLOAD_BYTES = 131_072
MAX_LEVELS = 7
MAX_PATH_CHARS = 96


class Sent(StrEnum):
    """What became of a message."""

    DELIVERED = "delivered"
    STORED = "stored"


class Outgoing:
    """Sends messages; for operators of the device's product."""

    def __init__(self, db: Database, clock: Clock, bus: LocalBus, presence: Presence) -> None:
        self._db = db
        self._clock = clock
        self._bus = bus
        self._presence = presence

    async def send(self, actor: Actor, key: DeviceKey, path: str, payload: bytes, qos: int) -> Sent:
        """Publish on ``/{product_key}/{device_name}/user/{path}``.

        Returns:
            `Sent.STORED` when the device is away and its session keeps messages of QoS 1.

        Raises:
            Invalid: when ``path`` is no topic.
            TooLarge: when the payload is over `MAX_PAYLOAD_BYTES`.
            Conflict: when the device is away, or does not subscribe to the topic.
        """
        check_path(path)
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise TooLarge("message.too_large", max_bytes=MAX_PAYLOAD_BYTES)
        device_id, online = await self._db.write(self._recorded, actor, key, path, len(payload))
        downlink = Downlink(device_id, topic_for(Channel.CUSTOM, *key, path), payload, qos, keep=qos == 1)
        if (await self._bus.deliver([downlink]))[0]:
            return Sent.DELIVERED
        if qos and not online and (await self._presence.keep([downlink]))[0]:
            return Sent.STORED
        raise Conflict("message.not_delivered", device=str(key))

    def _recorded(self, tx: Tx, actor: Actor, key: DeviceKey, path: str, size_bytes: int) -> tuple[int, bool]:
        device = require_device(tx, actor, Role.OPERATOR, key)
        details = {"path": path, "size_bytes": size_bytes}
        now = self._clock.now()
        record_audit(tx, actor, now, "device.send", f"device:{key}", product_id=device.product_id, **details)
        return device.id, store.is_online(tx, device.id)


def check_path(path: str) -> None:
    """Check the part of a custom topic that follows ``user/``.

    Raises:
        Invalid: when it is empty, too long, too deep, or holds a wildcard.
    """
    levels = path.split("/")
    fits = 0 < len(path) <= MAX_PATH_CHARS and len(levels) <= MAX_LEVELS and all(levels)
    if not fits or not path.isprintable() or any(sign in path for sign in "+#"):
        raise Invalid("message.path", field="path", max_chars=MAX_PATH_CHARS, max_levels=MAX_LEVELS)
