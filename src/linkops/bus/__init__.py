"""How services reach the hub: in one process, from one event loop to another."""

from linkops.bus.local import Downlink, LocalBus, MessageRecord, Port

__all__ = ["Downlink", "LocalBus", "MessageRecord", "Port"]
