"""What may happen only so often: failed logins per source address and device, take-overs per device."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Who = TypeVar("Who", bound=Hashable)


class Throttle(Generic[Who]):
    """Refuses whoever was counted ``most`` times, until ``window_ms`` after the first of these times.

    It remembers at most ``max_entries``; when more are counted at once, the oldest are forgotten.
    """

    def __init__(self, most: int, window_ms: int, max_entries: int = 100_000) -> None:
        self._most = most
        self._window_ms = window_ms
        self._max_entries = max_entries
        self._counted: dict[Who, tuple[int, int]] = {}  # how often, and when the window ends; oldest first

    def refuses(self, who: Who, now: int) -> bool:
        """Return whether ``who`` must wait."""
        count, ends_at = self._counted.get(who, (0, 0))
        return count >= self._most and now < ends_at

    def count(self, who: Who, now: int, times: int = 1) -> None:
        """Count once more, or several times."""
        count, ends_at = self._counted.pop(who, (0, 0))
        if now >= ends_at:
            count, ends_at = 0, now + self._window_ms
            if len(self._counted) >= self._max_entries:
                del self._counted[next(iter(self._counted))]
        self._counted[who] = (count + times, ends_at)

    def forget(self, who: Who) -> None:
        """Begin anew for ``who``."""
        self._counted.pop(who, None)
