"""Questions from applications that a device answers at once: RRPC (docs/protocol/device-protocol.md#rrpc)."""

import secrets

from linkops.alink.topics import Channel, topic_for
from linkops.bus import Answered, Downlink, LocalBus, Outcome, Question
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_device
from linkops.devices.model import DeviceKey
from linkops.devices.outgoing import MAX_PAYLOAD_BYTES, check_path, may_be_heard
from linkops.errors import Conflict, Invalid, TooLarge, TooMany
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit

MIN_TIMEOUT_S = 1
MAX_TIMEOUT_S = 8
_MESSAGE_IDS = 2**63


class Questions:
    """Asks devices; for operators of their products."""

    def __init__(self, db: Database, clock: Clock, bus: LocalBus) -> None:
        self._db = db
        self._clock = clock
        self._bus = bus

    async def ask(
        self, actor: Actor, key: DeviceKey, payload: bytes, *, timeout_s: float, path: str | None = None
    ) -> Answered:
        """Return what a device answers, or why there is no answer; cancelling the call forgets the question.

        Args:
            actor: an operator of the device's product.
            key: the device.
            payload: as it is sent.
            timeout_s: how long the answer is waited for.
            path: of a custom topic, what follows ``user/``; None: the system's topic for questions.

        Raises:
            Invalid: when ``path`` is no topic, or ``timeout_s`` not `MIN_TIMEOUT_S` to `MAX_TIMEOUT_S`.
            TooLarge: when the payload is over `MAX_PAYLOAD_BYTES`.
            Conflict: when the product's rules do not let its devices hear the topic.
            TooMany: when too many questions wait for answers already.
        """
        if not MIN_TIMEOUT_S <= timeout_s <= MAX_TIMEOUT_S:
            raise Invalid("rrpc.timeout", field="timeout_s", least=MIN_TIMEOUT_S, most=MAX_TIMEOUT_S)
        if path is not None:
            check_path(path)
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise TooLarge("message.too_large", max_bytes=MAX_PAYLOAD_BYTES)
        device_id = await self._db.write(self._recorded, actor, key, path, len(payload))
        answered = await self._bus.ask(_question(device_id, key, path, payload, timeout_s))
        if answered.outcome is Outcome.TOO_MANY:
            raise TooMany("rrpc.too_many", device=str(key))
        return answered

    def _recorded(self, tx: Tx, actor: Actor, key: DeviceKey, path: str | None, size_bytes: int) -> int:
        device = require_device(tx, actor, Role.OPERATOR, key)
        if path is not None and not may_be_heard(tx, device.product_id, path):
            raise Conflict("topic.not_allowed", path=path)
        details = {"path": path, "size_bytes": size_bytes}
        now = self._clock.now()
        record_audit(tx, actor, now, "device.ask", f"device:{key}", product_id=device.product_id, **details)
        return device.id


def _question(device_id: int, key: DeviceKey, path: str | None, payload: bytes, timeout_s: float) -> Question:
    # A number that nobody guesses, so that an answer is one to this question and to no other.
    message_id = str(secrets.randbelow(_MESSAGE_IDS))
    if path is None:
        topic, name = topic_for(Channel.RRPC, *key, message_id), message_id
    else:
        name = message_id + topic_for(Channel.CUSTOM, *key, path)
        topic = topic_for(Channel.CUSTOM_RRPC, rest=name)
    return Question(Downlink(device_id, topic, payload, qos=0), name, custom=path is not None, timeout_s=timeout_s)
