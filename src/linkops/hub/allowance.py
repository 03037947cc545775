"""How much of its quota one device has used, and when it may go on."""

import asyncio
from collections.abc import Callable

from linkops.hub.quota import Quota

_NO_PAUSE_S = 0.001
"""A timer is not more exact than that."""


class Allowance:
    """The quota of one connection; times are of the loop's clock.

    Attributes:
        share: as much as so many devices may be used.
    """

    __slots__ = ("_loop", "_quota", "_rested", "_timer", "_used_until_s", "share")

    def __init__(self, loop: asyncio.AbstractEventLoop, quota: Quota, rested: Callable[[], None]) -> None:
        """``rested`` is called when a device that `rest` found over its quota may go on."""
        self._loop = loop
        self._quota = quota
        self._rested = rested
        self._timer: asyncio.TimerHandle | None = None
        self._used_until_s = 0.0
        self.share = 1

    @property
    def used_up(self) -> bool:
        """Whether the device has to wait."""
        return self._pause_s() > _NO_PAUSE_S

    def charge(self, now_s: float, messages: int, size_bytes: int) -> bool:
        """Count what came; return whether that was too much."""
        self._used_until_s = self._quota.charged(
            self._used_until_s, now_s, messages / self.share, size_bytes / self.share
        )
        return self._quota.pause_s(self._used_until_s, now_s) > _NO_PAUSE_S

    def charge_block(self, size_bytes: int) -> None:
        """Count a block of a file that is sent; the message that asked for it counts no more."""
        self._used_until_s = self._quota.charged_block(self._used_until_s, self._loop.time(), size_bytes, self.share)

    def rest(self) -> bool:
        """Return whether the device has to wait; if so, ``rested`` is called once it need not any more."""
        pause_s = self._pause_s()
        if pause_s <= _NO_PAUSE_S:
            return False
        if self._timer is None:
            self._timer = self._loop.call_later(pause_s, self._end_rest)
        return True

    def close(self) -> None:
        """Call nobody any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _end_rest(self) -> None:
        self._timer = None
        self._rested()

    def _pause_s(self) -> float:
        return self._quota.pause_s(self._used_until_s, self._loop.time())
