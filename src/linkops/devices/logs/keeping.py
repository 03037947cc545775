"""How long entries are kept, and how many: ticks that each do a bounded piece, and say whether there is more."""

from collections import deque

from linkops.clock import Clock
from linkops.db import Database
from linkops.devices.logs import store
from linkops.devices.logs.uplinks import LogUplinks

_DAY_MS = 86_400_000
_ROWS_PER_UNIT = 1_000
_DEVICES_PER_TICK = 50


class LogKeeping:
    """Deletes entries that are too old, or too many."""

    def __init__(self, db: Database, clock: Clock, uplinks: LogUplinks, keep_days: int, most_per_device: int) -> None:
        self._db = db
        self._clock = clock
        self._uplinks = uplinks
        self._keep_days = keep_days
        self._most_per_device = most_per_device
        self._to_trim: deque[int] = deque()

    async def delete_old(self) -> bool:
        """Delete entries that came too long ago."""
        before = self._clock.now() - self._keep_days * _DAY_MS
        return await self._db.write(store.delete_old, before, _ROWS_PER_UNIT) == _ROWS_PER_UNIT

    async def trim(self) -> bool:
        """Delete the oldest entries of devices that have more than they may, of those that sent some lately."""
        self._to_trim.extend(self._uplinks.recent(self._clock.now()))
        for _ in range(min(_DEVICES_PER_TICK, len(self._to_trim))):
            device_id = self._to_trim.popleft()
            trimmed = await self._db.write(store.trim, device_id, self._most_per_device, _ROWS_PER_UNIT)
            if trimmed == _ROWS_PER_UNIT:
                self._to_trim.append(device_id)
        return bool(self._to_trim)
