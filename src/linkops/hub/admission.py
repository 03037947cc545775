"""May this device publish or subscribe here? A device reaches its own topics and nothing else.

docs/protocol/device-protocol.md#access
"""

from linkops.alink.topics import Address, Direction, channel_of, owner_of_filter
from linkops.devices.model import DeviceKey
from linkops.mqtt.topics import TopicFilter, parse_filter


def published(topic: str, device: DeviceKey) -> Address | None:
    """Return what a topic means that ``device`` publishes to, or None if it may not."""
    address = channel_of(topic)
    if address is None or address.direction is Direction.DOWN:
        return None
    own = address.device_name == device.device_name and address.product_key == device.product_key
    return address if own else None


def subscribed(topic_filter: str, device: DeviceKey) -> TopicFilter | None:
    """Return the filter that ``device`` may subscribe to, or None if it is not valid or matches anything of others."""
    parsed = parse_filter(topic_filter)
    if parsed is None:
        return None
    owner = owner_of_filter("/".join(parsed.levels))
    own = (("", ""), (device.product_key, ""), (device.product_key, device.device_name))
    return parsed if owner in own else None
