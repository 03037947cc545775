"""Who may have got in with a certificate that is worth nothing any more is cut off, and judged anew when it returns."""

from collections.abc import Collection

from linkops.bus import LocalBus
from linkops.db import Database
from linkops.devices.certificates.authorities import store

_PER_TURN = 1_000


class Kicking:
    """Closes connections; devices that have another certificate are back at once."""

    def __init__(self, db: Database, bus: LocalBus) -> None:
        self._db = db
        self._bus = bus

    async def devices(self, device_ids: Collection[int], why: str) -> None:
        """Cut off these devices."""
        if device_ids:
            await self._bus.kick(list(device_ids), why)

    async def holders_of(self, authority_id: int) -> None:
        """Cut off all who have a certificate of an authority, `_PER_TURN` at a time."""
        after = 0
        while holders := await self._db.read(store.holders, authority_id, after, _PER_TURN):
            online = [holder.device_id for holder in holders if holder.device_id is not None and holder.online]
            await self.devices(online, "authority disabled")
            after = holders[-1].certificate_id
