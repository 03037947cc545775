"""How fast one device may talk: beyond that its connection is not read for a while, so that others are not slowed."""

BURST_S = 2.0
"""Seconds' worth of the quota that may come at once."""


class Quota:
    """What a device may send, and read in blocks of a file, per second."""

    __slots__ = ("_s_per_byte", "_s_per_message")

    def __init__(self, messages_per_second: int, bytes_per_second: int) -> None:
        self._s_per_message = 1 / messages_per_second
        self._s_per_byte = 1 / bytes_per_second

    def charged(self, used_until_s: float, now_s: float, messages: float, size_bytes: float) -> float:
        """Return until when the quota is used up after this much more (virtual scheduling; the dearer one counts)."""
        cost_s = max(messages * self._s_per_message, size_bytes * self._s_per_byte)
        return max(used_until_s, now_s) + cost_s

    def charged_block(self, used_until_s: float, now_s: float, size_bytes: int, share: int = 1) -> float:
        """Return the same after a block was sent: it counts by its size instead of as one message."""
        return max(used_until_s, now_s) + (size_bytes * self._s_per_byte - self._s_per_message) / share

    @staticmethod
    def pause_s(used_until_s: float, now_s: float) -> float:
        """Return how long not to read; 0 while within the burst."""
        return max(0.0, used_until_s - now_s - BURST_S)
