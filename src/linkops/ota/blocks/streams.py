"""Who may read what, remembered for a short time, so that not every block asks the database."""

from collections import OrderedDict

from linkops.db import Database
from linkops.ota.blocks import store
from linkops.ota.blocks.cutting import MAX_FILE_BYTES
from linkops.ota.blocks.store import StreamFile

KEEP_MS = 20_000
"""How long a task that has ended may still be read."""
MOST_KEPT = 50_000


class Streams:
    """Files by (device, stream), those looked up first going first."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: OrderedDict[tuple[int, int], tuple[int, StreamFile]] = OrderedDict()

    def get(self, device_id: int, stream_id: int, now: int) -> StreamFile | None:
        """Return the file if that was looked up not long ago."""
        looked_up_at, file = self._kept.get((device_id, stream_id), (0, None))
        # A clock that was set back must not make an entry last.
        return file if 0 <= now - looked_up_at < KEEP_MS else None

    async def look_up(self, device_id: int, stream_id: int, now: int) -> StreamFile | None:
        """Return the file that a device may read as this stream; None if there is none, or none for this device.

        Raises:
            Unavailable: when the database does not answer.
        """
        file = await self._db.read(store.stream, device_id, stream_id, MAX_FILE_BYTES)
        self._kept.pop((device_id, stream_id), None)
        if file is not None:
            self._kept[device_id, stream_id] = now, file
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return file
