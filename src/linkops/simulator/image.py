"""A firmware on its way into a device: how much has arrived, and whether it is what was promised."""

import hashlib

from linkops.simulator.wire import Offer


class Image:
    """Counts and digests what arrives; keeps none of it."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self.size_bytes = 0

    @property
    def percent(self) -> int:
        """How much of the promised size has arrived."""
        return min(100, self.size_bytes * 100 // self._offer.size) if self._offer.size else 100

    def missing_until(self, percent: int) -> int:
        """Return how many bytes are missing until ``percent`` of the promised size has arrived."""
        return self._offer.size * percent // 100 - self.size_bytes

    def add(self, piece: bytes) -> None:
        """Take in the next piece."""
        self._md5.update(piece)
        self._sha256.update(piece)
        self.size_bytes += len(piece)

    def fault(self) -> str:
        """Return what differs from what was promised, '' when nothing does."""
        if self.size_bytes != self._offer.size:
            return "the size differs"
        md5, sha256 = self._md5.hexdigest(), self._sha256.hexdigest()
        if self._offer.md5 and self._offer.md5.lower() != md5:
            return "the MD5 differs"
        # Spelled exactly: real SDKs ignore a push with any other name (docs/protocol/device-protocol.md#ota).
        wanted = {"SHA256": sha256, "Md5": md5}.get(self._offer.sign_method)
        if wanted is None:
            return "the signMethod is unknown"
        return "" if self._offer.sign.lower() == wanted else "the sign differs"
