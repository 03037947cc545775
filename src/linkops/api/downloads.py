"""What a download link may lead to, as the files door serves it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from linkops.blobs import Blobs
from linkops.links import Opens, opens_what
from linkops.ota.model import Download


class Downloadable(Protocol):
    """Some bytes that a device may read, in any order."""

    @property
    def size_bytes(self) -> int:
        """How many there are."""
        ...

    @property
    def sha256(self) -> str:
        """Their digest in lower-case hexadecimal: it is their entity tag."""
        ...

    async def read(self, at: int, size: int) -> bytes:
        """Return ``size`` bytes from ``at`` on, fewer only at the end.

        Raises:
            FileNotFoundError: they are gone.
        """
        ...

    async def sent(self) -> None:
        """Take note that the last byte was handed to the connection of the device."""
        ...


OpenDownload = Callable[[str], Awaitable[Downloadable]]
"""Returns what the token of a link opens.

Raises:
    Forbidden: the token is not ours, or opens nothing any more.
"""


class _PackageFile:
    """A file of a package, wherever package files are kept."""

    def __init__(self, download: Download, blobs: Blobs) -> None:
        self.size_bytes = download.size_bytes
        self.sha256 = download.sha256
        self._blob_key = download.blob_key
        self._blobs = blobs

    async def read(self, at: int, size: int) -> bytes:
        return await self._blobs.read(self._blob_key, at, size)

    async def sent(self) -> None:
        """An update is done when the device reports its version, not when it has the file."""


def package_files(open_download: Callable[[str], Awaitable[Download]], blobs: Blobs) -> OpenDownload:
    """Return how links to package files are opened."""

    async def opened(token: str) -> Downloadable:
        return _PackageFile(await open_download(token), blobs)

    return opened


def any_of(openers: dict[Opens, OpenDownload]) -> OpenDownload:
    """Return how any link is opened: by who is asked for its kind."""

    async def opened(token: str) -> Downloadable:
        return await openers[opens_what(token)](token)

    return opened
