"""What a route says is to be done with a message, and what is said to the device afterwards."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from linkops.alink.topics import Address
from linkops.devices.presence.model import Accepted

if TYPE_CHECKING:
    from linkops.hub.sub_devices import SubDevices


class Answer(NamedTuple):
    """Topic and payload of a message to the device; ``is_block``: its size counts against the device's quota."""

    topic: str
    payload: bytes
    is_block: bool = False


class Worker(Protocol):
    """Takes what is to be done: a `linkops.db.Batcher`, or a service that reads."""

    def put(self, item: Any, done: Callable[[Any], None], /) -> None:
        """Take an item; ``done`` is called on the running loop, later.

        Raises:
            Unavailable: when it can take no more now.
        """
        ...


class Call(NamedTuple):
    """Something to do elsewhere, what it is counted as, and what to say of the result.

    ``reply`` is called on the hub's loop after the commit, also when the device has gone meanwhile.
    """

    worker: Worker
    item: Any
    counted: str
    reply: Callable[[Any], Answer | None] | None = None


Route: TypeAlias = Callable[[Accepted, bytes, int], Call | Answer | None]
"""Takes the device, the payload and the time (ms).

Raises:
    Malformed: the payload is no such message.
"""

AddressedRoute: TypeAlias = Callable[[Accepted, Address, bytes, int], Call | Answer | None]
"""A `Route` that is also told the topic, for channels where it varies."""

GatewayRoute: TypeAlias = Callable[["SubDevices", bytes], Call | Answer]
"""Takes the sub-devices of the gateway that the message came from, and the payload."""
