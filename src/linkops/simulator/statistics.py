"""What a fleet has seen: counters and latencies that add up over processes."""

from bisect import bisect_left
from typing import Any, Protocol

import msgspec

from linkops.simulator.credentials import DeviceIdentity
from linkops.simulator.wire import Offer

# 0.05 ms to 3.5 minutes, each bucket 10 % wider than the one before.
_BOUNDS_MS = [0.05 * 1.1**n for n in range(160)]


class Latencies(msgspec.Struct):
    """A histogram; percentiles are exact to 10 %."""

    counts: list[int] = msgspec.field(default_factory=lambda: [0] * len(_BOUNDS_MS))

    def add(self, seconds: float) -> None:
        """Count one latency."""
        self.counts[min(bisect_left(_BOUNDS_MS, seconds * 1000), len(_BOUNDS_MS) - 1)] += 1

    def merge(self, other: "Latencies") -> None:
        """Add what another process counted."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]

    def percentile(self, percent: float) -> float | None:
        """Return the milliseconds under which ``percent`` of all were; None when there were none."""
        remaining = sum(self.counts) * percent / 100
        if not remaining:
            return None
        for bound, count in zip(_BOUNDS_MS, self.counts, strict=True):
            remaining -= count
            if remaining <= 0:
                return round(bound, 2)
        return None

    def summary(self) -> dict[str, float | None]:
        """Return the percentiles that people look at, in milliseconds."""
        return {f"p{percent}_ms": self.percentile(percent) for percent in (50, 95, 99)}


class Observer(Protocol):
    """Who is told what a device lives through; times are seconds."""

    def connected(self, identity: DeviceIdentity, after_s: float) -> None:
        """The server accepted the login ``after_s`` seconds after the device began to dial."""

    def refused(self, identity: DeviceIdentity, reason: str) -> None:
        """A login failed."""

    def disconnected(self, identity: DeviceIdentity, *, expected: bool) -> None:
        """A connection ended; ``expected``: the device itself ended it."""

    def acknowledged(self, identity: DeviceIdentity, topic: str, payload: bytes, after_s: float) -> None:
        """The server acknowledged a report."""

    def offered(self, identity: DeviceIdentity, offer: Offer) -> None:
        """A push came, or the answer to a pull."""

    def received(self, identity: DeviceIdentity, size_bytes: int) -> None:
        """A piece of a download came."""

    def ended(self, identity: DeviceIdentity, outcome: str) -> None:
        """An update ended, as far as the device is concerned."""

    def configured(self, identity: DeviceIdentity, outcome: str) -> None:
        """A configuration was dealt with, one way or the other."""

    def answered(self, identity: DeviceIdentity) -> None:
        """The device was asked something, and answered."""


class Statistics(msgspec.Struct, kw_only=True):
    """The observer that counts. ``outcomes`` and ``refusals`` are by their name."""

    devices: int = 0
    online: int = 0
    connects: int = 0
    losses: int = 0
    offers: int = 0
    reports: int = 0
    answers: int = 0
    received_bytes: int = 0
    refusals: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    configurations: dict[str, int] = {}
    connect: Latencies = msgspec.field(default_factory=Latencies)
    acknowledge: Latencies = msgspec.field(default_factory=Latencies)

    def connected(self, identity: DeviceIdentity, after_s: float) -> None:  # noqa: ARG002 - `Observer`
        """Count a connection."""
        self.online += 1
        self.connects += 1
        self.connect.add(after_s)

    def refused(self, identity: DeviceIdentity, reason: str) -> None:  # noqa: ARG002
        """Count a failed login."""
        self.refusals[reason] = self.refusals.get(reason, 0) + 1

    def disconnected(self, identity: DeviceIdentity, *, expected: bool) -> None:  # noqa: ARG002
        """Count a lost connection, unless the device itself ended it."""
        self.online -= 1
        self.losses += not expected

    def acknowledged(self, identity: DeviceIdentity, topic: str, payload: bytes, after_s: float) -> None:  # noqa: ARG002
        """Count a report that the server has committed."""
        self.reports += 1
        self.acknowledge.add(after_s)

    def offered(self, identity: DeviceIdentity, offer: Offer) -> None:  # noqa: ARG002
        """Count a push, or an answer to a pull."""
        self.offers += 1

    def received(self, identity: DeviceIdentity, size_bytes: int) -> None:  # noqa: ARG002
        """Count downloaded bytes."""
        self.received_bytes += size_bytes

    def ended(self, identity: DeviceIdentity, outcome: str) -> None:  # noqa: ARG002
        """Count an outcome."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def configured(self, identity: DeviceIdentity, outcome: str) -> None:  # noqa: ARG002
        """Count what was done with a configuration."""
        self.configurations[outcome] = self.configurations.get(outcome, 0) + 1

    def answered(self, identity: DeviceIdentity) -> None:  # noqa: ARG002
        """Count a question that was answered."""
        self.answers += 1

    def merge(self, other: "Statistics") -> None:
        """Add what another process counted."""
        for name in ("devices", "online", "connects", "losses", "offers", "reports", "answers", "received_bytes"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        pairs = (
            (self.refusals, other.refusals),
            (self.outcomes, other.outcomes),
            (self.configurations, other.configurations),
        )
        for mine, theirs in pairs:
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        self.connect.merge(other.connect)
        self.acknowledge.merge(other.acknowledge)

    def summary(self) -> dict[str, Any]:
        """Return everything as a document for ``--json``; latencies as percentiles."""
        document: dict[str, Any] = msgspec.structs.asdict(self)
        return {**document, "connect": self.connect.summary(), "acknowledge": self.acknowledge.summary()}
