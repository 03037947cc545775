"""Carrying out a request once, however often it is sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from linkops.accounts.repeats import store
from linkops.clock import Clock
from linkops.db import Database
from linkops.errors import Conflict, Forbidden, Invalid, Refused
from linkops.events.actor import Actor

KEEP_MS = 86_400_000
_MAX_KEY_CHARS = 200
_ROWS_PER_TICK = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What the first request was answered."""

    status: int
    body: str


class Repeats:
    """Keeps the answers of requests for 24 hours under the keys that clients chose."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def once(self, actor: Actor, key: str, digest: str, do: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return the kept answer of the request with this key, or ``do`` it now and keep its answer.

        A request that is refused changed nothing and is not kept. One that was cut off (the server was killed) keeps
        its key without an answer: it is not done a second time, since nobody knows whether it was done.
        ``digest`` is made of all that makes the request what it is.

        Raises:
            Invalid: when the key is empty, too long or not printable ASCII.
            Conflict: when the key belongs to another request, or its request still runs.
        """
        account_id = _account_id(actor)
        if not (1 <= len(key) <= _MAX_KEY_CHARS and key.isascii() and key.isprintable()):
            raise Invalid("idempotency.key_invalid", field="Idempotency-Key", most=_MAX_KEY_CHARS)
        kept = await self._db.write(store.claim, account_id, key, digest, self._clock.now())
        if kept is not None:
            return _repeated(kept, digest)
        try:
            answer = await do()
        except Refused:
            await self._db.write(store.release, account_id, key)
            raise
        await self._db.write(store.keep_answer, account_id, key, answer.status, answer.body)
        return answer

    async def delete_old(self) -> bool:
        """Forget a bounded number of answers that are too old and return whether there may be more (a tick)."""
        forgotten = await self._db.write(store.delete_old, self._clock.now() - KEEP_MS, _ROWS_PER_TICK)
        return forgotten == _ROWS_PER_TICK


def _account_id(actor: Actor) -> int:
    if actor.account_id is None:
        raise Forbidden("token.account_required")
    return actor.account_id


def _repeated(kept: store.Kept, digest: str) -> Answer:
    if kept.request_digest != digest:
        raise Conflict("idempotency.other_request")
    if kept.status is None or kept.answer is None:
        raise Conflict("idempotency.in_progress")
    return Answer(kept.status, kept.answer)
