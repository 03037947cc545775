"""Counts the devices for everybody who looks: once, however many look, and not too often."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence

from linkops.clock import Clock
from linkops.db import Database
from linkops.devices.totals import store
from linkops.devices.totals.model import ProductTotals, Totals
from linkops.errors import NotFound
from linkops.events.actor import Actor

LEAST_AGE_S = 1.0
_PART_OF_THE_TIME = 10
"""A count that took so long is good for so many times that: it takes at most a tenth of the time of one reader."""


class DeviceTotals:
    """How many devices the products have that an actor may see.

    Counting a million devices takes some tenths of a second (docs/adr/0048-devices-are-counted-not-tallied.md): all who
    look share what was counted last, until it is too old.
    """

    def __init__(self, db: Database, clock: Clock, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._clock = clock
        self._stopwatch = stopwatch
        self._counting = asyncio.Lock()
        self._counted: Totals | None = None
        self._good_until = 0.0

    async def of(self, actor: Actor) -> Totals:
        """Return the numbers, none older than a second, or than 10 times what counting takes if that is longer."""
        counted, visible = await self._fresh(), actor.visible_products()
        if visible is None:
            return counted
        return counted._replace(products=_only(counted.products, set(visible)))

    async def of_product(self, actor: Actor, product_key: str) -> ProductTotals:
        """Return the numbers of one product.

        Raises:
            NotFound: there is none, or there was none when devices were counted, or the actor may not see it.
        """
        for product in (await self.of(actor)).products:
            if product.product_key == product_key:
                return product
        raise NotFound("product.not_found", product_key=product_key)

    async def _fresh(self) -> Totals:
        async with self._counting:
            if self._counted is None or self._stopwatch() >= self._good_until:
                began, now = self._stopwatch(), self._clock.now()
                self._counted = Totals(now, await self._db.read(store.totals))
                ended = self._stopwatch()
                self._good_until = ended + max(LEAST_AGE_S, _PART_OF_THE_TIME * (ended - began))
            return self._counted


def _only(products: Sequence[ProductTotals], visible: Collection[int]) -> list[ProductTotals]:
    return [product for product in products if product.product_id in visible]
