"""The time, as a thing that is handed in: everything else asks a `Clock`."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> int:
        """Return Unix milliseconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return Unix milliseconds."""
        return time.time_ns() // 1_000_000


class FixedClock:
    """A clock that stands still until it is advanced."""

    def __init__(self, now: int) -> None:
        self._now = now

    def now(self) -> int:
        """Return Unix milliseconds."""
        return self._now

    def advance(self, by_ms: int) -> None:
        """Move the hands by ``by_ms`` (negative: backwards)."""
        self._now += by_ms
