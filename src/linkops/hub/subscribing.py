"""SUBSCRIBE and UNSUBSCRIBE on one connection: judged, stored where the session lasts, then answered."""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from linkops.devices.presence.model import Subscriptions as StoredSubscriptions
from linkops.errors import Unavailable
from linkops.hub import admission
from linkops.hub.context import Context
from linkops.hub.logged_in import LoggedIn
from linkops.mqtt.packets import Subscribe, Unsubscribe
from linkops.mqtt.reasons import Reason
from linkops.mqtt.session import ServerSession
from linkops.mqtt.topics import parse_filter


class Owner(Protocol):
    """The connection that the packets came from."""

    @property
    def own(self) -> LoggedIn:
        """The connection's own device."""
        ...

    def logged_in(self, product_key: str, device_name: str) -> LoggedIn | None:
        """Return a device that is logged in over it: its own, or a sub-device."""
        ...

    def flush(self) -> None:
        """Send what the session has to say."""
        ...

    def not_stored(self, error: Exception) -> None:
        """End: the subscriptions could not be stored."""
        ...


class Subscriber:
    """Changes the filters of the devices on one connection."""

    __slots__ = ("_context", "_owner", "_session")

    def __init__(self, context: Context, session: ServerSession, owner: Owner) -> None:
        self._context = context
        self._session = session
        self._owner = owner

    def handle(self, packet: Subscribe | Unsubscribe) -> None:
        """Change the filters, and answer once every session that outlives the connection has stored its own."""
        changed: dict[int, LoggedIn] = {}
        if isinstance(packet, Subscribe):
            reasons = [self._grant(each.topic_filter, each.qos, changed) for each in packet.subscriptions]
            answer = partial(self._session.answer_subscribe, packet.packet_id, reasons)
        else:
            reasons = [self._remove(topic_filter, changed) for topic_filter in packet.topic_filters]
            answer = partial(self._session.answer_unsubscribe, packet.packet_id, reasons)
        lasting = [device for device in changed.values() if device.expiry_s]
        if lasting:
            self._store(lasting, answer)
        else:
            answer()

    def _grant(self, topic_filter: str, qos: int, changed: dict[int, LoggedIn]) -> Reason:
        device = self._subscriber(topic_filter)
        if device is None or not self._may_hear(device, topic_filter):
            self._context.counts.denied["subscribe"] += 1
            return Reason.NOT_AUTHORIZED
        granted = min(qos, 1)
        if not device.filters.add(topic_filter, granted):
            return Reason.QUOTA_EXCEEDED
        changed[device.number] = device
        return Reason(granted)

    def _remove(self, topic_filter: str, changed: dict[int, LoggedIn]) -> Reason:
        device = self._subscriber(topic_filter)
        if device is None:
            return Reason.NO_SUBSCRIPTION_EXISTED
        changed[device.number] = device
        return Reason.SUCCESS if device.filters.remove(topic_filter) else Reason.NO_SUBSCRIPTION_EXISTED

    def _subscriber(self, topic_filter: str) -> LoggedIn | None:
        """Return the device that may hear what a filter matches; None if none on this connection may."""
        owner = admission.subscribed(topic_filter, self._owner.own.device.key)
        return None if owner is None else self._owner.logged_in(*owner)

    def _may_hear(self, device: LoggedIn, topic_filter: str) -> bool:
        parsed = parse_filter(topic_filter)
        return parsed is not None and self._context.permissions.may_hear(device.device.product_id, parsed.levels)

    def _store(self, lasting: Sequence[LoggedIn], answer: "partial[None]") -> None:
        """Store the filters of each; whoever is stored last answers for all."""
        for device in lasting:
            stored = StoredSubscriptions(device.device.device_id, device.number, device.filters.as_stored())
            last = device is lasting[-1]
            try:
                self._context.presence.subscribe(stored, partial(self._stored, answer if last else None))
            except Unavailable as error:
                self._owner.not_stored(error)
                return

    def _stored(self, answer: "partial[None] | None", error: Exception | None) -> None:
        if error is not None:
            self._owner.not_stored(error)
        elif answer is not None:
            answer()
            self._owner.flush()
