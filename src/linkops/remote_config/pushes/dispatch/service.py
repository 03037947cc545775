"""Dispatching: what is due is claimed in one commit, published, and recorded in another.

So one chunk is on its way at a time: a slow hub slows the claims. A crash in between means a second push a minute
later, never none.
"""

import asyncio

from linkops.alink.configuration import Configuration, write_config_push
from linkops.alink.topics import Channel, topic_for
from linkops.bus import Downlink, LocalBus
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.events.interest import Interest
from linkops.links import LinkWriter
from linkops.remote_config.pushes.dispatch import store
from linkops.remote_config.pushes.dispatch.claims import Claim, claim_due, record_pushes


class Dispatcher:
    """Pushes configuration to devices that are online."""

    def __init__(self, db: Database, bus: LocalBus, clock: Clock, links: LinkWriter, interest: Interest) -> None:
        self._db = db
        self._bus = bus
        self._clock = clock
        self._links = links
        self._interest = interest
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
        claimed = await self._db.write(claim_due, self._interest, now)
        if claimed.claims:
            delivered = await self._bus.deliver([self._downlink(claim, now) for claim in claimed.claims])
            published = list(zip(claimed.claims, delivered, strict=True))
            await self._db.write(record_pushes, published, self._links.valid_s, self._interest, self._clock.now())
        return bool(claimed.claims) or claimed.changed

    def _downlink(self, claim: Claim, now: int) -> Downlink:
        content = claim.content
        url = self._links.url(claim.device_id, content.content_id, now)
        configuration = Configuration.of(content.config_id, content.size_bytes, content.sha256, url)
        topic = topic_for(Channel.CONFIG_PUSH, *claim.key)
        return Downlink(claim.device_id, topic, write_config_push(claim.push_id, configuration))


def _any_due(tx: Tx, now: int) -> bool:
    return bool(store.due_pushes(tx, now, 1))
