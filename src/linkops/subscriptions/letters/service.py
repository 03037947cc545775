"""Use cases about dead letters, for those who may change their webhook."""

from collections.abc import Callable, Sequence

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.paging import check_limit
from linkops.errors import Conflict, Invalid, NotFound
from linkops.events.actor import Actor
from linkops.events.store import record_audit
from linkops.subscriptions.access import require_webhook
from linkops.subscriptions.letters import store
from linkops.subscriptions.model import DeadLetter

MAX_LETTERS_NAMED = 1_000
_ROWS_PER_TICK = 1_000
_DAY_MS = 86_400_000


class DeadLetters:
    """Events that webhooks could not deliver."""

    def __init__(self, db: Database, clock: Clock, keep_days: int, changed: Callable[[], None] = lambda: None) -> None:
        """``changed`` is called after the commit of what lets a webhook have something to do."""
        self._db = db
        self._clock = clock
        self._keep_days = keep_days
        self._changed = changed

    async def page(self, actor: Actor, webhook_id: int, *, after: int = 0, limit: int = 50) -> list[DeadLetter]:
        """Return up to ``limit`` dead letters of a webhook with an id above ``after``, oldest first."""
        check_limit(limit)

        def read(tx: Tx) -> list[DeadLetter]:
            require_webhook(tx, actor, webhook_id)
            return store.page(tx, webhook_id, after, limit)

        return await self._db.read(read)

    async def get(self, actor: Actor, webhook_id: int, letter_id: int) -> DeadLetter:
        """Return a dead letter of a webhook.

        Raises:
            NotFound: the webhook has no such dead letter.
        """

        def read(tx: Tx) -> DeadLetter:
            require_webhook(tx, actor, webhook_id)
            letter = store.by_id(tx, webhook_id, letter_id)
            if letter is None:
                raise NotFound("dead_letter.not_found", id=letter_id)
            return letter

        return await self._db.read(read)

    async def replay(self, actor: Actor, webhook_id: int, letter_ids: Sequence[int] | None = None) -> int:
        """Let dead letters (None: all) be sent once more, soon, and return how many; what is not taken stays one.

        Raises:
            Conflict: the webhook is disabled.
            Invalid, NotFound: see `delete`.
        """
        _check(letter_ids)
        count = await self._db.write(self._replay, actor, webhook_id, letter_ids)
        self._changed()
        return count

    def _replay(self, tx: Tx, actor: Actor, webhook_id: int, letter_ids: Sequence[int] | None) -> int:
        webhook = require_webhook(tx, actor, webhook_id)
        if not webhook.enabled:
            raise Conflict("webhook.disabled", id=webhook_id)
        count = _all_there(store.replay(tx, webhook_id, letter_ids), letter_ids)
        self._audit(tx, actor, "replay", webhook_id, webhook.product_id, count)
        return count

    async def delete(self, actor: Actor, webhook_id: int, letter_ids: Sequence[int] | None = None) -> int:
        """Delete dead letters (None: all), for good, and return how many.

        Raises:
            Invalid: more than `MAX_LETTERS_NAMED` are named.
            NotFound: one of them is not there; then nothing is changed.
        """
        _check(letter_ids)
        return await self._db.write(self._delete, actor, webhook_id, letter_ids)

    def _delete(self, tx: Tx, actor: Actor, webhook_id: int, letter_ids: Sequence[int] | None) -> int:
        webhook = require_webhook(tx, actor, webhook_id)
        count = _all_there(store.delete(tx, webhook_id, letter_ids), letter_ids)
        self._audit(tx, actor, "delete_dead_letters", webhook_id, webhook.product_id, count)
        return count

    async def delete_old(self) -> bool:
        """Delete a bounded number of dead letters that are too old and return whether there may be more (a tick)."""
        before = self._clock.now() - self._keep_days * _DAY_MS
        return await self._db.write(store.delete_old, before, _ROWS_PER_TICK) == _ROWS_PER_TICK

    def _audit(self, tx: Tx, actor: Actor, verb: str, webhook_id: int, product_id: int | None, count: int) -> None:
        now, target = self._clock.now(), f"webhook:{webhook_id}"
        record_audit(tx, actor, now, f"webhook.{verb}", target, product_id=product_id, count=count)


def _check(letter_ids: Sequence[int] | None) -> None:
    if letter_ids is not None and not 1 <= len(letter_ids) <= MAX_LETTERS_NAMED:
        raise Invalid("dead_letter.bulk_size_invalid", field="ids", most=MAX_LETTERS_NAMED)


def _all_there(count: int, letter_ids: Sequence[int] | None) -> int:
    if letter_ids is not None and count != len(set(letter_ids)):
        raise NotFound("dead_letter.not_found", id=", ".join(map(str, letter_ids[:10])))
    return count
