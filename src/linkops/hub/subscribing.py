"""SUBSCRIBE and UNSUBSCRIBE of one connection: judged, stored if the session lasts, then answered."""

from functools import partial
from typing import Protocol

from linkops.devices.presence.model import Accepted
from linkops.devices.presence.model import Subscriptions as StoredSubscriptions
from linkops.errors import Unavailable
from linkops.hub import admission
from linkops.hub.context import Context
from linkops.hub.subscriptions import Subscriptions
from linkops.mqtt.packets import Subscribe, Unsubscribe
from linkops.mqtt.reasons import Reason
from linkops.mqtt.session import ServerSession


class Owner(Protocol):
    """The connection that the packets came from."""

    number: int

    def flush(self) -> None:
        """Send what the session has to say."""
        ...

    def not_stored(self, error: Exception) -> None:
        """End: the subscriptions could not be stored."""
        ...


class Subscriber:
    """The filters of one connection."""

    __slots__ = ("_context", "_device", "_filters", "_lasts", "_owner", "_session")

    def __init__(
        self, context: Context, device: Accepted, session: ServerSession, owner: Owner, *, lasts: bool
    ) -> None:
        self._context = context
        self._device = device
        self._session = session
        self._owner = owner
        self._lasts = lasts
        self._filters = Subscriptions(device.subscriptions)

    def wants(self, topic: str) -> bool:
        """Return whether the device wants messages on ``topic``, and may still hear them."""
        may_hear = self._context.permissions.may_hear(self._device.product_id, topic.split("/"))
        return may_hear and self._filters.wants(topic)

    def handle(self, packet: Subscribe | Unsubscribe) -> None:
        """Change the filters, and answer once a session that outlives the connection has stored them."""
        if isinstance(packet, Subscribe):
            reasons = [self._grant(each.topic_filter, each.qos) for each in packet.subscriptions]
            answer = partial(self._session.answer_subscribe, packet.packet_id, reasons)
        else:
            reasons = [self._remove(topic_filter) for topic_filter in packet.topic_filters]
            answer = partial(self._session.answer_unsubscribe, packet.packet_id, reasons)
        if self._lasts:
            self._store(answer)
        else:
            answer()

    def _grant(self, topic_filter: str, qos: int) -> Reason:
        parsed = admission.subscribed(topic_filter, self._device.key)
        if parsed is None or not self._context.permissions.may_hear(self._device.product_id, parsed.levels):
            self._context.counts.denied["subscribe"] += 1
            return Reason.NOT_AUTHORIZED
        granted = min(qos, 1)
        return Reason(granted) if self._filters.add(topic_filter, granted) else Reason.QUOTA_EXCEEDED

    def _remove(self, topic_filter: str) -> Reason:
        if admission.subscribed(topic_filter, self._device.key) is None:
            return Reason.NO_SUBSCRIPTION_EXISTED
        return Reason.SUCCESS if self._filters.remove(topic_filter) else Reason.NO_SUBSCRIPTION_EXISTED

    def _store(self, answer: "partial[None]") -> None:
        stored = StoredSubscriptions(self._device.device_id, self._owner.number, self._filters.as_stored())
        try:
            self._context.presence.subscribe(stored, partial(self._stored, answer))
        except Unavailable as error:
            self._owner.not_stored(error)

    def _stored(self, answer: "partial[None]", error: Exception | None) -> None:
        if error is not None:
            self._owner.not_stored(error)
            return
        answer()
        self._owner.flush()
