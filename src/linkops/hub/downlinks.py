"""What goes down one connection, for all devices on it: written, shown, and kept until it is acknowledged."""

from collections.abc import Sequence

from linkops.bus import Downlink
from linkops.devices.presence.model import StoredDownlink
from linkops.hub.context import Context
from linkops.hub.logged_in import LoggedIn
from linkops.mqtt.session import Delivered, ServerSession


class Downlinks:
    """Writes messages to one connection, and remembers those of QoS 1 that a lasting session must not lose."""

    __slots__ = ("_context", "_held", "_session")

    def __init__(self, context: Context, session: ServerSession) -> None:
        self._context = context
        self._session = session
        self._held: dict[int, Downlink] | None = None

    def wants(self, topic: str, device: LoggedIn) -> bool:
        """Return whether a device wants messages on ``topic``, and may still hear them."""
        may_hear = self._context.permissions.may_hear(device.device.product_id, topic.split("/"))
        return may_hear and device.filters.wants(topic)

    def send(self, downlink: Downlink, device: LoggedIn, ticket: int | None = None) -> bool:
        """Write a message; False if there is no room for it."""
        sent = self._session.publish(downlink.topic, downlink.payload, downlink.qos, ticket)
        self._context.counts.downlinks += sent
        if device.recorder is not None:
            outcome = "delivered" if sent else "no room"
            device.recorder.add(downlink.topic, downlink.payload, downlink.qos, outcome, uplink=False)
        return sent

    def deliver(self, downlink: Downlink, device: LoggedIn) -> bool:
        """Write a message that the device wants; False if it does not, or there is no room for it."""
        if not self.wants(downlink.topic, device):
            return False
        ticket = next(self._context.numbers)
        sent = self.send(downlink, device, ticket)
        if sent and downlink.keep and downlink.qos and device.expiry_s:
            if self._held is None:
                self._held = {}
            self._held[ticket] = downlink
        return sent

    def deliver_stored(self, stored: StoredDownlink, device: LoggedIn) -> bool:
        """Write a message that was kept for a device; its acknowledgement removes it from the store."""
        if not self.wants(stored.topic, device):
            self._context.presence.acknowledge(stored.id, _ignore)
            return True
        return self._session.publish(stored.topic, stored.payload, 1, (stored.id,))

    def delivered(self, event: Delivered) -> None:
        """Forget a message that was acknowledged."""
        if isinstance(event.ticket, tuple):
            self._context.presence.acknowledge(event.ticket[0], _ignore)
        elif self._held is not None and isinstance(event.ticket, int):
            self._held.pop(event.ticket, None)

    def take_unacknowledged(self, devices: Sequence[LoggedIn]) -> list[Downlink]:
        """Return what these devices have not acknowledged, to be stored for them, and forget it here."""
        if not self._held:
            return []
        ids = {each.device.device_id for each in devices}
        tickets = [ticket for ticket, downlink in self._held.items() if downlink.device_id in ids]
        return [self._held.pop(ticket) for ticket in tickets]


def _ignore(_result: object) -> None:
    """Nobody waits for the outcome."""
