"""The devices on one connection: what they say is acknowledged and answered, what is meant for them is written.

Its own device, and the sub-devices of a gateway. The connection knows of sockets and bytes, this of devices.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from linkops.alink.topics import Address
from linkops.bus import Downlink
from linkops.devices.model import NodeType
from linkops.devices.presence.model import Accepted, StoredDownlink
from linkops.errors import Unavailable
from linkops.hub.calls import Answer
from linkops.hub.context import Context
from linkops.hub.downlinks import Downlinks
from linkops.hub.logged_in import LoggedIn, store_logout
from linkops.hub.message_log import Recorder
from linkops.hub.online import Online
from linkops.hub.sub_devices import SubDevices
from linkops.hub.subscribing import Subscriber
from linkops.mqtt.packets import Publish
from linkops.mqtt.reasons import Reason

if TYPE_CHECKING:
    from linkops.hub.connection import Connection

_log = structlog.get_logger(__name__)


class Carried:
    """Who is logged in over one connection, from the login of its own device on.

    Attributes:
        connection: what carries them.
        own: the connection's own device.
        sub_devices: who is logged in over it besides; None where its own device is no gateway.
        downlinks: what goes down to all of them.
        subscriber: changes what they want to hear.
    """

    __slots__ = ("_context", "_online", "_session", "connection", "downlinks", "own", "sub_devices", "subscriber")

    def __init__(self, context: Context, online: Online, connection: "Connection", own: LoggedIn) -> None:
        self._context = context
        self._online = online
        self._session = connection.session
        self.connection = connection
        self.own = own
        self.downlinks = Downlinks(context, connection.session)
        self.subscriber = Subscriber(context, connection.session, self)
        is_gateway = own.device.node_type is NodeType.GATEWAY
        self.sub_devices = SubDevices(context, self) if is_gateway else None

    def logged_in(self, product_key: str, device_name: str) -> LoggedIn | None:
        """Return a device that is logged in over the connection: its own, or a sub-device."""
        if self.own.device.key == (product_key, device_name):
            return self.own
        return None if self.sub_devices is None else self.sub_devices.find(product_key, device_name)

    def _by_id(self, device_id: int) -> LoggedIn | None:
        if self.own.device.device_id == device_id:
            return self.own
        return None if self.sub_devices is None else self.sub_devices.by_id(device_id)

    def heard_at_s(self, device_id: int) -> float:
        """Return when a device last said something, on the loop's clock; for its own, anything that came counts."""
        sub = None if self.sub_devices is None else self.sub_devices.by_id(device_id)
        return self._session.heard_at_s if sub is None else sub.heard_at_s

    # The connection

    @property
    def address(self) -> str:
        """Where the connection comes from."""
        return self.connection.address

    @property
    def open(self) -> bool:
        """Whether the connection still carries anything."""
        return self.connection.open

    @property
    def has_room(self) -> bool:
        """Whether the devices read what they are sent, and have not used up their quota."""
        return self.connection.has_room

    def pace(self) -> None:
        """Read on, or stop reading, whichever fits now."""
        self.connection.pace()

    def flush(self) -> None:
        """Send what the session has to say."""
        self.connection.flush()

    def set_share(self, share: int) -> None:
        """Let the connection talk as much as so many devices."""
        self.connection.allowance.share = share
        self._session.carry(share)

    # Coming and going

    def carries(self, arrived: LoggedIn) -> None:
        """Take note of a sub-device: what is meant for it comes here from now on."""
        self._online.logged_in(self, arrived.device.device_id)
        self.greet(arrived.device)

    def carries_no_more(self, left: Sequence[LoggedIn]) -> None:
        """Take note that sub-devices have left, and keep what they did not acknowledge."""
        self._online.left(self, [each.device.device_id for each in left])
        self._keep(left)

    def greet(self, device: Accepted) -> None:
        """Tell who waits for a device that it has come, and the device what was kept for it."""
        try:
            for greeter in self._context.greeters:
                greeter.put(device.device_id, _ignore)
        except Unavailable as error:
            # Somebody did not hear of it: when it comes again, they will.
            self.not_stored(error)
        if device.session_present:
            self._online.send_stored(self, device.device_id)

    def end(self, device_id: int, reason: Reason, why: str) -> None:
        """End a device's session: its own is the connection with all it carries, of a sub-device only that."""
        if self.sub_devices is None or self.own.device.device_id == device_id:
            self.connection.end(reason, why)
        else:
            self.sub_devices.end(device_id, why)

    def close(self, why: str) -> None:
        """Let all of them go with the connection; what its own did not acknowledge is kept as long as its session."""
        if self.sub_devices is not None:
            self.sub_devices.close()
        self._online.left(self, [self.own.device.device_id])
        store_logout(self._context.presence, self.own.logout(why))
        if self.own.expiry_s:
            self._keep([self.own])

    def _keep(self, left: Sequence[LoggedIn]) -> None:
        kept = self.downlinks.take_unacknowledged(left)
        if kept:
            self._online.keep(kept)

    # Uplinks

    def acknowledge(self, message: Publish, sender: LoggedIn, answer: Answer | None) -> None:
        """Acknowledge a message that is stored, then answer it."""
        self._context.counts.uplinks += 1
        if sender.recorder is not None:
            sender.recorder.add(message.topic, message.payload, message.qos, "accepted", uplink=True)
        if message.qos:
            self._session.acknowledge(message.packet_id)
        if answer is not None:
            self._answer(answer, message.qos, sender)
        self.connection.flush()

    def _answer(self, answer: Answer, qos: int, asker: LoggedIn) -> None:
        if answer.is_block:
            self.connection.allowance.charge_block(len(answer.payload))
            self._context.counts.block_bytes += len(answer.payload)
        if self.downlinks.wants(answer.topic, asker):
            self.downlinks.send(Downlink(asker.device.device_id, answer.topic, answer.payload, qos), asker)

    def deny(self, message: Publish, address: Address | None) -> None:
        """Drop a message that nobody on this connection may publish; MQTT 5 can say so, and a gateway is told."""
        self._context.counts.denied["publish"] += 1
        _log.info("publish denied", device=str(self.own.device.key), topic=message.topic)
        if self.own.recorder is not None:
            self.own.recorder.add(message.topic, message.payload, message.qos, "denied", uplink=True)
        if message.qos:
            self._session.acknowledge(message.packet_id, Reason.NOT_AUTHORIZED)
        if self.sub_devices is not None and address is not None and self.logged_in(*address[1:3]) is None:
            self.sub_devices.refuse(address.product_key, address.device_name)
        self.connection.flush()

    def not_stored(self, error: Exception) -> None:
        """Close without an acknowledgement, so that the device sends it again."""
        device = str(self.own.device.key)
        if isinstance(error, Unavailable):
            _log.warning("uplink not stored", device=device, code=error.code)
        else:
            _log.error("uplink failed", device=device, exc_info=error)
        self.connection.end(Reason.SERVER_UNAVAILABLE, "storage_unavailable")

    # Downlinks

    def hears(self, device_id: int, topic: str) -> bool:
        """Return whether a device wants messages on ``topic``."""
        device = self._by_id(device_id)
        return device is not None and self.downlinks.wants(topic, device)

    def deliver(self, downlink: Downlink) -> bool:
        """Write a message to a device; False if it does not want it or there is no room for it now."""
        device = self._by_id(downlink.device_id)
        if device is None or not self.connection.takes:
            return False
        sent = self.downlinks.deliver(downlink, device)
        self.connection.flush()
        return sent

    def deliver_stored(self, device_id: int, stored: StoredDownlink) -> bool:
        """Write a message that was kept for a device; False if it has gone, or there is no room."""
        device = self._by_id(device_id)
        sent = device is not None and self.downlinks.deliver_stored(stored, device)
        self.connection.flush()
        return sent

    def record(self, device_id: int, recorder: Recorder | None) -> None:
        """Keep the messages of a device from now on, or do not."""
        device = self._by_id(device_id)
        if device is not None:
            device.recorder = recorder


def _ignore(_result: object) -> None:
    """Nobody waits for the outcome."""
