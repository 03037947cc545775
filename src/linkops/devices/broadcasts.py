"""Messages from applications to all devices of a product that subscribe to them."""

from linkops.alink.topics import Channel, topic_for
from linkops.bus import Broadcast, LocalBus
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_product
from linkops.devices.outgoing import Message, check_path
from linkops.errors import TooLarge, TooMany
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit

MAX_BROADCAST_BYTES = 65_536


class Broadcasts:
    """Sends to those who listen now; nothing is kept for who is away. For operators of the product."""

    def __init__(self, db: Database, clock: Clock, bus: LocalBus) -> None:
        self._db = db
        self._clock = clock
        self._bus = bus
        self._running: set[str] = set()

    async def send(self, actor: Actor, product_key: str, message: Message) -> int:
        """Publish on ``/broadcast/{product_key}/{path}``, and return to how many devices it was written.

        Raises:
            Invalid: when the path is no topic.
            TooLarge: when the payload is over `MAX_BROADCAST_BYTES`.
            TooMany: while another one to this product is being written.
        """
        check_path(message.path)
        if len(message.payload) > MAX_BROADCAST_BYTES:
            raise TooLarge("message.too_large", max_bytes=MAX_BROADCAST_BYTES)
        if product_key in self._running:
            raise TooMany("broadcast.running", product_key=product_key)
        self._running.add(product_key)
        try:
            product_id = await self._db.write(self._recorded, actor, product_key, message)
            topic = topic_for(Channel.BROADCAST, product_key, rest=message.path)
            return await self._bus.broadcast(Broadcast(product_id, topic, message.payload, message.qos))
        finally:
            self._running.discard(product_key)

    def _recorded(self, tx: Tx, actor: Actor, product_key: str, message: Message) -> int:
        product = require_product(tx, actor, Role.OPERATOR, product_key)
        details = {"path": message.path, "size_bytes": len(message.payload)}
        target = f"product:{product_key}"
        record_audit(tx, actor, self._clock.now(), "product.broadcast", target, product_id=product.id, **details)
        return product.id
