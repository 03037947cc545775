"""What links to configurations open. Contents never change, so the last ones stay in memory."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable

import structlog

from linkops.clock import Clock
from linkops.db import Database
from linkops.errors import Forbidden, Unavailable
from linkops.links import Link, Opens, read_token
from linkops.remote_config.documents.effective import content
from linkops.remote_config.pulls import store
from linkops.remote_config.pulls.reports import Fetched

_log = structlog.get_logger(__name__)

CONTENTS_KEPT = 64
"""Of at most 64 KB each: a push to ten thousand devices reads its document once."""


class ConfigurationFile:
    """A content on its way to one device."""

    def __init__(self, found: store.Download, body: bytes, on_sent: Callable[[], Awaitable[None]]) -> None:
        self.size_bytes = found.size_bytes
        self.sha256 = found.sha256
        self._body = body
        self._on_sent = on_sent

    async def read(self, at: int, size: int) -> bytes:
        """Return ``size`` bytes from ``at`` on, fewer only at the end."""
        return self._body[at : at + size]

    async def sent(self) -> None:
        """Remember that the device has it."""
        await self._on_sent()


class Downloads:
    """Opens links to configurations."""

    def __init__(
        self, db: Database, clock: Clock, link_key: bytes, record: Callable[[Fetched], Awaitable[None]]
    ) -> None:
        self._db = db
        self._clock = clock
        self._link_key = link_key
        self._record = record
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    async def open_download(self, token: str) -> ConfigurationFile:
        """Return what a device may read by the token of its link.

        Raises:
            Forbidden: the token is not ours, its time is over, the device is disabled or gone, or configuration is
                switched off.
        """
        link = read_token(self._link_key, token, self._clock.now())
        if link.opens is not Opens.CONFIGURATION:
            raise Forbidden("link.invalid")
        found = await self._db.read(store.download, link.device_id, link.item_id)
        if found is None:
            raise Forbidden("link.invalid")
        return ConfigurationFile(found, await self._body(link.item_id), lambda: self._sent(link))

    async def _body(self, content_id: int) -> bytes:
        body = self._kept.get(content_id)
        if body is None:
            body = await self._db.read(content, content_id)
        self._kept[content_id] = body
        self._kept.move_to_end(content_id)
        while len(self._kept) > CONTENTS_KEPT:
            self._kept.popitem(last=False)
        return body

    async def _sent(self, link: Link) -> None:
        try:
            await self._record(Fetched(link.device_id, link.item_id, self._clock.now()))
        except Unavailable as error:
            # The device has its bytes, and may still say so by itself.
            _log.warning("download of configuration not recorded", device_id=link.device_id, code=error.code)
