"""A device that is logged in over a connection: the connection's own, or a sub-device of a gateway."""

from linkops.devices.presence.model import Accepted, Logout
from linkops.hub.message_log import Recorder
from linkops.hub.subscriptions import Subscriptions


class LoggedIn:
    """What a connection keeps of one device.

    Attributes:
        device: what the login answered.
        number: of this login, never used twice while the server runs.
        expiry_s: how long its session is kept when it goes; 0: it ends then.
        filters: what it wants to hear.
        recorder: where its messages are shown, None while nobody looks.
        heard_at_s: when it last published something, or logged in, on the loop's clock.
    """

    __slots__ = ("device", "expiry_s", "filters", "heard_at_s", "number", "recorder")

    def __init__(self, device: Accepted, number: int, expiry_s: int, recorder: Recorder | None, now_s: float) -> None:
        self.device = device
        self.number = number
        self.expiry_s = expiry_s
        self.filters = Subscriptions(device.subscriptions)
        self.recorder = recorder
        self.heard_at_s = now_s

    def logout(self, why: str) -> Logout:
        """Return the goodbye that is to be stored."""
        return Logout(self.device, self.number, self.expiry_s, why)
