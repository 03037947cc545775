"""Messages from applications to devices, on their custom topics."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

from linkops.alink.topics import Channel, topic_for
from linkops.bus import Downlink, LocalBus
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices import store
from linkops.devices.access import require_devices
from linkops.devices.model import DeviceKey
from linkops.devices.presence.service import Presence
from linkops.devices.topics.model import MAX_LEVELS, MAX_PATH_CHARS
from linkops.devices.topics.permissions import ProductTopics, is_path
from linkops.devices.topics.store import rules_of
from linkops.errors import Conflict, Invalid, TooLarge
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit

MAX_PAYLOAD_BYTES = 131_072


class Sent(StrEnum):
    """What became of a message."""

    DELIVERED = "delivered"
    STORED = "stored"
    NOT_DELIVERED = "not_delivered"
    NOT_ALLOWED = "not_allowed"


class Message(NamedTuple):
    """What is published on ``/{product_key}/{device_name}/user/{path}`` of each device."""

    path: str
    payload: bytes
    qos: int


class _Addressed(NamedTuple):
    """A device that is to get a message; ``allowed``: its product's rules let it hear the topic."""

    key: DeviceKey
    downlink: Downlink
    online: bool
    allowed: bool


class Outgoing:
    """Sends messages; for operators of the devices' products."""

    def __init__(self, db: Database, clock: Clock, bus: LocalBus, presence: Presence) -> None:
        self._db = db
        self._clock = clock
        self._bus = bus
        self._presence = presence

    async def send(self, actor: Actor, key: DeviceKey, message: Message) -> Sent:
        """Send a message to one device.

        Returns:
            `Sent.STORED` when the device is away and its session keeps messages of QoS 1.

        Raises:
            Invalid: when the path is no topic.
            TooLarge: when the payload is over `MAX_PAYLOAD_BYTES`.
            Conflict: when the device is away, does not subscribe to the topic, or may not.
        """
        sent = (await self.send_to_many(actor, [key], message))[key]
        if sent is Sent.NOT_ALLOWED:
            raise Conflict("topic.not_allowed", path=message.path)
        if sent is Sent.NOT_DELIVERED:
            raise Conflict("message.not_delivered", device=str(key))
        return sent

    async def send_to_many(self, actor: Actor, keys: Sequence[DeviceKey], message: Message) -> dict[DeviceKey, Sent]:
        """Send a message to each of up to `MAX_BULK` devices, and return what became of it by device.

        Raises:
            Invalid: when the path is no topic, or none or too many devices are named.
            TooLarge: when the payload is over `MAX_PAYLOAD_BYTES`.
            NotFound, Forbidden: one of the devices is not the actor's; then nothing is sent to any.
        """
        check_path(message.path)
        if len(message.payload) > MAX_PAYLOAD_BYTES:
            raise TooLarge("message.too_large", max_bytes=MAX_PAYLOAD_BYTES)
        devices = await self._db.write(self._recorded, actor, keys, message)
        allowed = [device for device in devices if device.allowed]
        delivered = await self._bus.deliver([device.downlink for device in allowed])
        reached = {device.key for device, was in zip(allowed, delivered, strict=True) if was}
        away = [each for each in allowed if each.key not in reached and each.downlink.keep and not each.online]
        kept = await self._presence.keep([device.downlink for device in away]) if away else []
        stored = {device.key for device, was in zip(away, kept, strict=True) if was}
        return {device.key: _outcome(device, reached, stored) for device in devices}

    def _recorded(self, tx: Tx, actor: Actor, keys: Sequence[DeviceKey], message: Message) -> list[_Addressed]:
        devices = require_devices(tx, actor, Role.OPERATOR, keys)
        details = {"path": message.path, "size_bytes": len(message.payload)}
        now = self._clock.now()
        for device in devices:
            record_audit(tx, actor, now, "device.send", f"device:{device.key}", product_id=device.product_id, **details)
        may_hear = {i: may_be_heard(tx, i, message.path) for i in {device.product_id for device in devices}}
        online = store.online(tx, [device.id for device in devices])
        return [
            _Addressed(device.key, _downlink(device, message), device.id in online, may_hear[device.product_id])
            for device in devices
        ]


def may_be_heard(tx: Tx, product_id: int, path: str) -> bool:
    """Return whether a product's rules let its devices hear the custom topic."""
    rules = rules_of(tx, product_id)
    return not rules or ProductTopics(rules).may_hear(path.split("/"))


def check_path(path: str) -> None:
    """Check the part of a custom topic that follows ``user/``.

    Raises:
        Invalid: when it is empty, too long, too deep, or holds a wildcard.
    """
    if not is_path(path) or any(sign in path for sign in "+#"):
        raise Invalid("message.path", field="path", max_chars=MAX_PATH_CHARS, max_levels=MAX_LEVELS)


def _downlink(device: store.DeviceRef, message: Message) -> Downlink:
    topic = topic_for(Channel.CUSTOM, *device.key, message.path)
    return Downlink(device.id, topic, message.payload, message.qos, keep=message.qos == 1)


def _outcome(device: _Addressed, reached: Collection[DeviceKey], stored: Collection[DeviceKey]) -> Sent:
    if not device.allowed:
        return Sent.NOT_ALLOWED
    if device.key in reached:
        return Sent.DELIVERED
    return Sent.STORED if device.key in stored else Sent.NOT_DELIVERED
