"""The door for devices: MQTT over TCP and TLS."""

from linkops.hub.hub import Hub, HubAddresses

__all__ = ["Hub", "HubAddresses"]
