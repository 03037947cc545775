"""Devices: the list, making new ones, and one device with everything that is known of it."""

from linkops.console.pages.devices import creating, device, listing

__all__ = ["creating", "device", "listing"]
