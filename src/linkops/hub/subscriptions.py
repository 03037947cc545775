"""What one connection wants to hear.

System topics are heard without SUBSCRIBE, until an UNSUBSCRIBE names them (docs/protocol/device-protocol.md#delivery);
custom topics, calls on them and broadcasts only after one.
"""

from collections.abc import Mapping

from linkops.alink.topics import channel_of
from linkops.mqtt.topics import parse_filter

MOST = 100
"""Filters of one connection."""

_MUTED = -1


class Subscriptions:
    """Filters with their quality of service; a filter that was unsubscribed stays, as muted."""

    __slots__ = ("_filters",)

    def __init__(self, filters: Mapping[str, int] | None = None) -> None:
        self._filters: dict[str, int] | None = dict(filters) if filters else None

    def as_stored(self) -> Mapping[str, int]:
        """Return all filters as a session keeps them."""
        return self._filters or {}

    def add(self, topic_filter: str, qos: int) -> bool:
        """Hear what ``topic_filter`` matches; False when there are too many."""
        filters = self._filters
        if filters is None:
            filters = self._filters = {}
        if topic_filter not in filters and len(filters) >= MOST:
            return False
        filters[topic_filter] = qos
        return True

    def remove(self, topic_filter: str) -> bool:
        """Hear no more of what ``topic_filter`` matches; return whether it had been subscribed."""
        had = self._filters is not None and self._filters.pop(topic_filter, _MUTED) != _MUTED
        address = channel_of(topic_filter)
        if address is None or not address.channel.needs_subscribe:
            self.add(topic_filter, _MUTED)
        return had

    def wants(self, topic: str) -> bool:
        """Return whether a message on ``topic`` is to be delivered."""
        address = channel_of(topic)
        asked = address is not None and address.channel.needs_subscribe
        if self._filters is None:
            return not asked
        qualities = [qos for text, qos in self._filters.items() if _matches(text, topic)]
        if any(qos != _MUTED for qos in qualities):
            return True
        return not asked and not qualities


def _matches(text: str, topic: str) -> bool:
    if text == topic:
        return True
    if "+" not in text and "#" not in text and not text.startswith("$share/"):
        return False
    parsed = parse_filter(text)
    return parsed is not None and parsed.matches(topic)
