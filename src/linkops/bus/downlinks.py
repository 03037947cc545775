"""Messages on their way to devices."""

import msgspec


class Downlink(msgspec.Struct, frozen=True, gc=False):
    """A message for a device.

    Attributes:
        device_id: whose connection carries it.
        topic: as the device reads it.
        payload: bytes on the wire.
        qos: 0 or 1.
        keep: whether a persistent session that is offline gets it later (never set for OTA and configuration pushes).
    """

    device_id: int
    topic: str
    payload: bytes
    qos: int = 1
    keep: bool = False


class Broadcast(msgspec.Struct, frozen=True):
    """A message for all devices of a product that subscribe to its topic now."""

    product_id: int
    topic: str
    payload: bytes
    qos: int
