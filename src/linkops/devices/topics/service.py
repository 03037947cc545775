"""Use cases about custom topics: who may do what where, stored and told to the hub."""

import asyncio
from collections.abc import Sequence

from linkops.bus import LocalBus
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_product
from linkops.devices.topics import store
from linkops.devices.topics.model import TopicRule
from linkops.devices.topics.permissions import Permissions, check_rules
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit

_PRODUCTS_PER_READ = 500


class Topics:
    """Rules about the custom topics of products.

    Attributes:
        permissions: what the hub asks; it is the hub's own once that runs, and changes only through the bus then.
    """

    def __init__(self, db: Database, clock: Clock, bus: LocalBus) -> None:
        self._db = db
        self._clock = clock
        self._bus = bus
        self._changing = asyncio.Lock()
        self.permissions = Permissions()

    async def load(self) -> None:
        """Read all rules, before the hub listens: without them everything would be open."""
        rules: dict[int, list[TopicRule]] = {}
        while some := await self._db.read(store.some_rules, max(rules, default=0), _PRODUCTS_PER_READ):
            rules |= some
        self.permissions.replace_all(rules)

    async def of(self, actor: Actor, product_key: str) -> list[TopicRule]:
        """Return a product's rules by path, to a viewer; none: everything below ``user/`` is open to its devices."""
        return await self._db.read(_rules_of, actor, product_key)

    async def replace(self, actor: Actor, product_key: str, rules: Sequence[TopicRule]) -> list[TopicRule]:
        """Give a product these rules, and return them by path; connections are held to them at once.

        Raises:
            Invalid: the rules.
            Forbidden: it takes an administrator of the product.
        """
        check_rules(rules)
        wanted = sorted(rules)
        async with self._changing:  # the hub hears of changes in the order in which they were stored
            product_id = await self._db.write(self._replace, actor, product_key, wanted)
            await self._bus.change_topics(product_id, wanted)
        return wanted

    def _replace(self, tx: Tx, actor: Actor, product_key: str, rules: Sequence[TopicRule]) -> int:
        product = require_product(tx, actor, Role.ADMIN, product_key)
        if store.rules_of(tx, product.id) != rules:
            store.replace_rules(tx, product.id, rules)
            details = {rule.path: rule.access for rule in rules}
            record_audit(
                tx,
                actor,
                self._clock.now(),
                "product.set_topics",
                f"product:{product_key}",
                product_id=product.id,
                rules=details,
            )
        return product.id


def _rules_of(tx: Tx, actor: Actor, product_key: str) -> list[TopicRule]:
    return store.rules_of(tx, require_product(tx, actor, Role.VIEWER, product_key).id)
