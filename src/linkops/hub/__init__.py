"""The door for devices: MQTT over TCP and TLS."""

from linkops.hub.hub import Hub, HubAddresses
from linkops.hub.listener import DoorTls

__all__ = ["DoorTls", "Hub", "HubAddresses"]
