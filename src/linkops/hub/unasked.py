"""Addresses from which the next client is not asked for a certificate, since the last one had one that nobody knows.

A handshake that asks cannot go on when the certificate is of a stranger. A device that logs in with its secret, and
shows such a certificate because it has one for other purposes, fails once and gets in with its next attempt. Devices
with certificates of ours behind the same address lose one attempt at most: what is remembered holds once.
"""

MOST_ADDRESSES = 10_000
REMEMBERED_S = 60.0


class Unasked:
    """What is remembered of an address; when there are too many, the oldest is forgotten."""

    def __init__(self) -> None:
        self._until_s: dict[str, float] = {}

    def remember(self, address: str, now_s: float) -> None:
        """Ask the next client from here for nothing."""
        self._until_s.pop(address, None)
        if len(self._until_s) >= MOST_ADDRESSES:
            del self._until_s[next(iter(self._until_s))]
        self._until_s[address] = now_s + REMEMBERED_S

    def take(self, address: str, now_s: float) -> bool:
        """Return whether the client that comes from here now is not to be asked."""
        return self._until_s.pop(address, 0.0) > now_s
