"""What becomes of files by itself: ticks that each do a bounded piece, and say whether there is more."""

from linkops.blobs import Blobs
from linkops.clock import Clock
from linkops.db import Database
from linkops.devices.files import store
from linkops.devices.files.service import forget_files
from linkops.devices.files.uploads import store as uploads
from linkops.devices.files.uploads.giving_up import give_up
from linkops.devices.files.uploads.spool import Spool

KEEP_UPLOADS_MS = 86_400_000
"""After its last block, an unfinished upload is given up."""
_DAY_MS = 86_400_000
_PER_TICK = 100
_SPOOLED_FOR_S = 3_600.0
"""The row of a spool file is there before the file; an hour later no request that began it is under way."""


class Sweep:
    """Deletes what is too old, and what nothing names any more."""

    def __init__(self, db: Database, blobs: Blobs, spool: Spool, clock: Clock, keep_days: int) -> None:
        self._db = db
        self._blobs = blobs
        self._spool = spool
        self._clock = clock
        self._keep_days = keep_days
        self._looked_up_to = ""

    async def give_up_uploads(self) -> bool:
        """Give up uploads of which nothing came for a day, or whose device was deleted."""
        now = self._clock.now()
        stale = await self._db.read(uploads.stale, now - KEEP_UPLOADS_MS, _PER_TICK)
        gone = await self._db.read(uploads.of_nobody, _PER_TICK)
        await self._spool.delete(await self._db.write(give_up, stale, now, idle_since=now - KEEP_UPLOADS_MS))
        await self._spool.delete(await self._db.write(give_up, gone, now))
        return _PER_TICK in (len(stale), len(gone))

    async def delete_old_files(self) -> bool:
        """Forget files that are too old, or whose device was deleted."""
        now = self._clock.now()
        found = await self._db.read(store.old, now - self._keep_days * _DAY_MS, _PER_TICK)
        found = found or await self._db.read(store.of_nobody, _PER_TICK)
        if found:
            await self._db.write(forget_files, found, now)
        return len(found) == _PER_TICK

    async def delete_abandoned(self) -> bool:
        """Delete stored bytes that nothing names any more."""
        keys = await self._db.read(store.abandoned, _PER_TICK)
        for key in keys:
            # The bytes first: after a crash in between, the row still says that they are to be deleted.
            await self._blobs.delete(key)
        if keys:
            await self._db.write(store.forget, keys)
        return len(keys) == _PER_TICK

    async def delete_left_spool(self) -> bool:
        """Delete spool files whose upload is gone: the server was killed before it could."""
        names = await self._spool.left(_SPOOLED_FOR_S, self._looked_up_to, _PER_TICK)
        self._looked_up_to = names[-1] if names else ""
        if names:
            known = await self._db.read(uploads.known, names)
            await self._spool.delete(set(names) - known)
        return len(names) == _PER_TICK
