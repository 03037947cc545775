"""How often somebody may register; kept in memory, judged and counted inside the units, one after the other."""

from linkops.alink.registration import RegistrationFault
from linkops.devices.model import DeviceKey
from linkops.devices.presence.throttle import Throttle
from linkops.devices.registration.model import Outcome, Registered, Registration

WINDOW_MS = 60_000
_GUESSES = frozenset({RegistrationFault.WRONG_SIGNATURE, RegistrationFault.NO_PRODUCT, RegistrationFault.NO_DEVICE})


class Limits:
    """Three limits, none of which lets somebody lock out a device at another address.

    Wrong tries count for the address and the device; tries of any kind for the address; only what succeeded, for
    which it takes the product's secret, counts for the product. A gateway has logged in and has no address.
    """

    def __init__(self, failures: int, failure_window_s: int, per_address: int, per_product: int) -> None:
        self._failures: Throttle[tuple[str, int | None, DeviceKey]] = Throttle(failures, failure_window_s * 1_000)
        self._tries: Throttle[str] = Throttle(per_address, WINDOW_MS)
        self._successes: Throttle[str] = Throttle(per_product, WINDOW_MS)

    def admit(self, wanted: Registration, now: int) -> bool:
        """Return whether this may be looked at, and count it."""
        if (
            self._failures.refuses(_who(wanted), now)
            or self._tries.refuses(wanted.address, now)
            or self._successes.refuses(wanted.key.product_key, now)
        ):
            return False
        if wanted.gateway_id is None:
            self._tries.count(wanted.address, now)
        return True

    def record(self, wanted: Registration, outcome: Outcome, now: int) -> None:
        """Count what became of it."""
        if isinstance(outcome, Registered):
            self._successes.count(wanted.key.product_key, now)
            self._failures.forget(_who(wanted))
        elif outcome in _GUESSES:
            self._failures.count(_who(wanted), now)


def _who(wanted: Registration) -> tuple[str, int | None, DeviceKey]:
    return wanted.address, wanted.gateway_id, wanted.key
