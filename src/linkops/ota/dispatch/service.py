"""Pushing: what is due is claimed in one commit, published, and recorded in another.

A crash in between means a second push once the rate slot is over, never none.
"""

import asyncio

from linkops.alink.firmware import write_firmware_push
from linkops.alink.topics import Channel, topic_for
from linkops.bus import Downlink, LocalBus
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.links import LinkWriter
from linkops.ota import pace, wire
from linkops.ota.dispatch import store
from linkops.ota.dispatch.claims import Claim, claim_due, record_pushes


class Dispatcher:
    """Pushes updates to devices that are online."""

    def __init__(self, db: Database, bus: LocalBus, clock: Clock, links: LinkWriter) -> None:
        self._db = db
        self._bus = bus
        self._clock = clock
        self._links = links
        self._pushing = asyncio.Lock()

    async def settled(self) -> None:
        """Return once every push that was claimed before is published: nothing that was just stopped comes after."""
        async with self._pushing:
            return

    async def push_due(self) -> bool:
        """Push to a bounded number of devices and return whether more may be due (a tick)."""
        if not await self._db.read(_any_due, self._clock.now()):
            return False
        async with self._pushing:
            return await self._push(self._clock.now())

    async def _push(self, now: int) -> bool:
        claimed = await self._db.write(claim_due, now)
        if claimed.claims:
            delivered = await self._bus.deliver([self._downlink(claim, now) for claim in claimed.claims])
            pushes = list(zip(claimed.claims, delivered, strict=True))
            await self._db.write(record_pushes, pushes, self._clock.now())
        return bool(claimed.claims or claimed.parked)

    def _downlink(self, claim: Claim, now: int) -> Downlink:
        url_of = lambda file_id: self._links.url(claim.device_id, file_id, now)  # noqa: E731 - a closure over both
        firmware = wire.firmware(claim.offer, claim.task_id, url_of)
        payload = write_firmware_push(firmware, now)
        return Downlink(claim.device_id, topic_for(Channel.FIRMWARE_PUSH, *claim.key), payload)


def _any_due(tx: Tx, now: int) -> bool:
    return bool(store.due_jobs(tx, now, pace.TOLERANCE_MS, 1))
