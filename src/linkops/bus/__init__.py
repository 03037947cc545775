"""How services reach the hub: in one process, from one event loop to another."""

from linkops.bus.downlinks import Broadcast, Downlink
from linkops.bus.local import LocalBus, MessageRecord, Port
from linkops.bus.questions import Answered, Outcome, Question

__all__ = ["Answered", "Broadcast", "Downlink", "LocalBus", "MessageRecord", "Outcome", "Port", "Question"]
