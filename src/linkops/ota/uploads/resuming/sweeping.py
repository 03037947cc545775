"""Deletes uploads that nobody goes on with, and what is in the spool for no upload."""

from linkops.blobs import Blobs
from linkops.clock import Clock
from linkops.db import Database
from linkops.devices.files.uploads.spool import Spool
from linkops.ota.uploads.resuming import store

_UPLOADS_PER_SWEEP = 20
_FILES_PER_SWEEP = 200
_SURELY_BEGUN_S = 3_600
"""A file of the spool is older than its row by moments only."""


class UploadSweep:
    """Ticks of upkeep."""

    def __init__(self, db: Database, blobs: Blobs, spool: Spool, clock: Clock, keep_s: int) -> None:
        self._db = db
        self._blobs = blobs
        self._spool = spool
        self._clock = clock
        self._keep_ms = keep_s * 1_000
        self._looked_at = ""

    async def give_up(self) -> bool:
        """Delete some unfinished uploads of which nothing came for long; return whether there are others (a tick)."""
        before = self._clock.now() - self._keep_ms
        found = await self._db.read(store.stale, before, _UPLOADS_PER_SWEEP)
        for upload in found:
            if await self._db.write(store.remove_stale, upload.upload_id, before):
                await self._blobs.delete(upload.blob_key)
                await self._spool.delete([upload.upload_id])
        return len(found) == _UPLOADS_PER_SWEEP

    async def delete_left(self) -> bool:
        """Delete files of the spool that are of no upload: a crash left them; return whether to go on (a tick)."""
        found = await self._spool.left(_SURELY_BEGUN_S, self._looked_at, _FILES_PER_SWEEP)
        known = await self._db.read(store.known, found)
        await self._spool.delete([upload_id for upload_id in found if upload_id not in known])
        self._looked_at = found[-1] if len(found) == _FILES_PER_SWEEP else ""
        return self._looked_at != ""
