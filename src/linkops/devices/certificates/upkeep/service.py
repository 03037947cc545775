"""Ticks: applications hear once that a certificate expires; who is connected with one that has expired is cut off."""

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.certificates.kicking import Kicking
from linkops.devices.certificates.upkeep import store
from linkops.devices.certificates.upkeep.store import EXPIRED, EXPIRING, Ending
from linkops.events.store import Event, record_events

PER_TICK = 500


class Upkeep:
    """Looks after certificates; each tick does a bounded piece and returns whether more waits."""

    def __init__(self, db: Database, clock: Clock, kicking: Kicking, warn_ms: int) -> None:
        self._db = db
        self._clock = clock
        self._kicking = kicking
        self._warn_ms = warn_ms

    async def announce_expiring(self) -> bool:
        """Record ``device.certificate_expiring`` for those that end within the time of warning."""
        return await self._db.write(self._announce) == PER_TICK

    def _announce(self, tx: Tx) -> int:
        now = self._clock.now()
        found = store.ending(tx, EXPIRING, now + self._warn_ms, PER_TICK)
        store.take_notice(tx, [each.id for each in found], EXPIRING)
        record_events(tx, [_expiring(now, each) for each in found])
        return len(found)

    async def cut_off_expired(self) -> bool:
        """Cut off devices whose certificate has expired while they are connected."""
        found = await self._db.write(self._expired)
        await self._kicking.devices([each.device_id for each in found if each.in_use], "certificate expired")
        return len(found) == PER_TICK

    def _expired(self, tx: Tx) -> list[Ending]:
        found = store.ending(tx, EXPIRED, self._clock.now(), PER_TICK)
        store.take_notice(tx, [each.id for each in found], EXPIRED)
        return found

    async def delete_orphans(self) -> bool:
        """Forget certificates that have expired and whose devices are deleted."""
        return await self._db.write(store.delete_orphans, self._clock.now(), PER_TICK) == PER_TICK


def _expiring(at: int, ending: Ending) -> Event:
    body = {**ending.key._asdict(), "serial": ending.serial, "notAfterAt": ending.not_after_at}
    return Event(at, "device.certificate_expiring", ending.product_id, ending.device_id, body)
