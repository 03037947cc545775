"""What a simulated fleet was told: the observer that forgets nothing."""

import time
from collections import defaultdict
from typing import NamedTuple

import msgspec

from linkops.simulator import DeviceIdentity
from linkops.simulator.wire import Offer


class Report(NamedTuple):
    """A report that the server acknowledged; times are Unix milliseconds."""

    sent_at: int
    acknowledged_at: int
    params: dict[str, str]


class Diary:
    """An `linkops.simulator.Observer`; everything by device name.

    Attributes:
        reports: in the order of their acknowledgement.
        offers: when each push came (Unix milliseconds).
        outcomes: what became of each update, as far as the device is concerned.
    """

    def __init__(self) -> None:
        self.reports: dict[str, list[Report]] = defaultdict(list)
        self.offers: dict[str, list[int]] = defaultdict(list)
        self.outcomes: dict[str, list[str]] = defaultdict(list)
        self.latencies_s: list[float] = []
        self.connects = 0

    def connected(self, identity: DeviceIdentity, after_s: float) -> None:  # noqa: ARG002 - `Observer`
        self.connects += 1

    def refused(self, identity: DeviceIdentity, reason: str) -> None:
        """A server that is away refuses; the device tries again."""

    def disconnected(self, identity: DeviceIdentity, *, expected: bool) -> None:
        """It comes back."""

    def acknowledged(self, identity: DeviceIdentity, topic: str, payload: bytes, after_s: float) -> None:  # noqa: ARG002
        now = unix_ms()
        params = msgspec.json.decode(payload)["params"]
        self.reports[identity.device_name].append(Report(now - int(after_s * 1_000), now, params))
        self.latencies_s.append(after_s)

    def offered(self, identity: DeviceIdentity, offer: Offer) -> None:  # noqa: ARG002
        self.offers[identity.device_name].append(unix_ms())

    def received(self, identity: DeviceIdentity, size_bytes: int) -> None:
        """Bytes are not counted."""

    def ended(self, identity: DeviceIdentity, outcome: str) -> None:
        self.outcomes[identity.device_name].append(outcome)

    def configured(self, identity: DeviceIdentity, outcome: str) -> None:
        pass

    def answered(self, identity: DeviceIdentity) -> None:
        """Questions are not counted."""


def unix_ms() -> int:
    """Return the time as the server counts it."""
    return time.time_ns() // 1_000_000
