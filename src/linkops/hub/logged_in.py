"""A device that is logged in over a connection: the connection's own, or a sub-device of a gateway."""

import structlog

from linkops.devices.presence.model import Accepted, Logout
from linkops.devices.presence.service import Presence
from linkops.errors import Unavailable
from linkops.hub.message_log import Recorder
from linkops.hub.subscriptions import Subscriptions

_log = structlog.get_logger(__name__)


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


def store_logout(presence: Presence, logout: Logout) -> None:
    """Store the goodbye of a connection's own device; nobody waits for the outcome."""
    try:
        presence.logout(logout, _ignore)
    except Unavailable:
        # Nothing is lost: what is still marked online is put offline at the next start.
        _log.warning("logout not stored", device=str(logout.device.key))


def _ignore(_result: object) -> None:
    """Nobody waits for the outcome."""
