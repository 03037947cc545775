"""Who may publish or subscribe here? A device reaches its own topics, a gateway also those of its sub-devices.

docs/protocol/device-protocol.md#access
"""

from linkops.alink.topics import Address, Direction, channel_of, owner_of_filter
from linkops.devices.model import DeviceKey
from linkops.mqtt.topics import parse_filter


def published(topic: str) -> Address | None:
    """Return what a topic means that a device publishes to, or None if no device may."""
    address = channel_of(topic)
    return None if address is None or address.direction is Direction.DOWN else address


def subscribed(topic_filter: str, own: DeviceKey) -> DeviceKey | None:
    """Return whom all topics that a filter matches belong to; None if it is not valid, or matches anything of others.

    What a connection hears that no device is named in belongs to ``own``, its own device.
    """
    parsed = parse_filter(topic_filter)
    owner = None if parsed is None else owner_of_filter("/".join(parsed.levels))
    if owner in (("", ""), (own.product_key, "")):
        return own
    return DeviceKey(*owner) if owner is not None and owner[1] else None
