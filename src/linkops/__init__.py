"""LinkOps: self-hosted device operations for MQTT fleets."""

__version__ = "0.1.0"
