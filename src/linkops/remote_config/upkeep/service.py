"""Forgetting: ticks that each look at a bounded piece, and say whether there is more."""

from linkops.clock import Clock
from linkops.db import Database
from linkops.remote_config.upkeep import store
from linkops.remote_config.upkeep.store import Merge

ROWS_PER_TICK = 500
SPARED_MS = 86_400_000
"""An unused content is kept so much longer than a link is valid."""
_FIRST = Merge(0, "")


class Upkeep:
    """Goes through merges and contents, from the first to the last and then again."""

    def __init__(self, db: Database, clock: Clock, link_s: int) -> None:
        self._db = db
        self._clock = clock
        self._spared_ms = link_s * 1_000 + SPARED_MS
        self._merge = _FIRST
        self._content_id = 0

    async def forget_merges(self) -> bool:
        """Delete merges of versions that are not the newest any more: no device is given them."""
        found = await self._db.read(store.merges, self._merge, ROWS_PER_TICK)
        if await self._db.read(store.any_out_of_date, found):
            await self._db.write(store.forget_out_of_date, found)
        more = len(found) == ROWS_PER_TICK
        self._merge = found[-1] if more else _FIRST
        return more

    async def mark_unused(self) -> bool:
        """Mark contents that nothing refers to: their time begins."""
        found = await self._db.read(store.contents, self._content_id, ROWS_PER_TICK)
        if await self._db.read(store.any_unmarked, found):
            await self._db.write(store.mark_unused, found, self._clock.now())
        more = len(found) == ROWS_PER_TICK
        self._content_id = found[-1] if more else 0
        return more

    async def delete_unused(self) -> bool:
        """Delete contents that were unused for so long that no link to them is valid."""
        before = self._clock.now() - self._spared_ms
        return await self._db.write(store.delete_unused, before, ROWS_PER_TICK) == ROWS_PER_TICK
