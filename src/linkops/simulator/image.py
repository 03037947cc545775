"""A firmware on its way into a device: how much has arrived, and whether it is what was promised."""

import hashlib

from linkops.simulator.publisher import Publisher
from linkops.simulator.wire import Offer, OfferedFile


class Part:
    """One file: counts and digests what arrives of it."""

    def __init__(self, promised: OfferedFile) -> None:
        self.promised = promised
        self.size_bytes = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    @property
    def missing(self) -> int:
        """How many bytes have not arrived."""
        return self.promised.file_size - self.size_bytes

    def add(self, piece: bytes) -> None:
        """Take in the next piece."""
        self._md5.update(piece)
        self._sha256.update(piece)
        self.size_bytes += len(piece)

    def fault(self, sign_method: str, publisher: Publisher | None) -> str:
        """Return what differs from what was promised, '' when nothing does."""
        if self.missing:
            return "the size differs"
        md5, sha256 = self._md5.hexdigest(), self._sha256.hexdigest()
        if self.promised.file_md5 and self.promised.file_md5.lower() != md5:
            return "the MD5 differs"
        # Spelled exactly: real SDKs ignore a push with any other name (docs/protocol/device-protocol.md#ota).
        wanted = {"SHA256": sha256, "Md5": md5}.get(sign_method)
        if wanted is None:
            return "the signMethod is unknown"
        if self.promised.file_sign.lower() != wanted:
            return "the sign differs"
        return "" if publisher is None else publisher.fault(self.promised.digestsign, self._sha256.digest())


class Image:
    """All files of an offer, filled one after the other; keeps none of their bytes."""

    def __init__(self, offer: Offer, publisher: Publisher | None = None) -> None:
        """``publisher``: whose signature every file must carry; None: signatures are not looked at."""
        self._offer = offer
        self._publisher = publisher
        self._parts = [Part(promised) for promised in offer.parts()]
        self._size = sum(part.promised.file_size for part in self._parts)

    @property
    def size_bytes(self) -> int:
        """How much has arrived."""
        return sum(part.size_bytes for part in self._parts)

    @property
    def percent(self) -> int:
        """How much of the promised size has arrived."""
        return min(100, self.size_bytes * 100 // self._size) if self._size else 100

    @property
    def filling(self) -> Part:
        """The file that the next piece belongs to; the last one once all have arrived."""
        return next((part for part in self._parts if part.missing > 0), self._parts[-1])

    def missing_until(self, percent: int) -> int:
        """Return how many bytes are missing until ``percent`` of the promised size has arrived."""
        return self._size * percent // 100 - self.size_bytes

    def add(self, piece: bytes) -> None:
        """Take in the next piece, of `filling`."""
        self.filling.add(piece)

    def fault(self) -> str:
        """Return what differs from what was promised, '' when nothing does."""
        faults = (part.fault(self._offer.sign_method, self._publisher) for part in self._parts)
        return next((fault for fault in faults if fault), "")
