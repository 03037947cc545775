"""Delivering: one request at a time per webhook, many webhooks at once.

A webhook's events are sent in the order of the log, and its place moves after they were taken: a crash in between means
that they are sent twice, never that they are lost.
"""

import asyncio
import random
from collections.abc import Sequence

import structlog

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.errors import Unavailable
from linkops.events.actor import SYSTEM
from linkops.events.store import record_audit
from linkops.secretbox import SecretBox
from linkops.subscriptions.counts import Counts
from linkops.subscriptions.delivery import store
from linkops.subscriptions.delivery.client import Poster
from linkops.subscriptions.delivery.sending import request
from linkops.subscriptions.delivery.store import Candidate, Next, Target
from linkops.subscriptions.model import Answer, DisabledReason, Happened
from linkops.subscriptions.retries import Verdict, delay_ms, verdict
from linkops.subscriptions.wire import written
from linkops.subscriptions.wishes import Wishes

WEBHOOKS_AT_ONCE = 32
FAILING_AT_ONCE = WEBHOOKS_AT_ONCE // 2
"""Receivers that hang hold half of the places at most: the others go on meanwhile."""
REQUESTS_PER_TURN = 20
"""Then a webhook that has more to do lets others have its place, if all are taken."""

_log = structlog.get_logger(__name__)


class Deliverer:
    """Sends events to webhooks; used on one loop."""

    def __init__(
        self, db: Database, clock: Clock, box: SecretBox, poster: Poster, wishes: Wishes, counts: Counts, most: int
    ) -> None:
        """``most`` events are in one request."""
        self._db = db
        self._clock = clock
        self._box = box
        self._poster = poster
        self._wishes = wishes
        self._counts = counts
        self._most = most
        self._running: dict[int, asyncio.Task[None]] = {}
        self._failing: set[int] = set()
        self._scanned: dict[int, tuple[int, int]] = {}
        self._turns = 0
        self._last_turn: dict[int, int] = {}

    async def deliver(self) -> bool:
        """Begin to deliver what is due, without waiting for it (a tick)."""
        candidates, newest = await self._db.read(store.enabled)
        self._wishes.of_webhooks({kind for candidate in candidates for kind in candidate.kinds})
        now = self._clock.now()
        for candidate in sorted(candidates, key=lambda candidate: self._last_turn.get(candidate.id, 0)):
            if self._is_due(candidate, newest, now) and self._has_room(candidate):
                self._begin(candidate)
        return False

    async def idle(self) -> None:
        """Return when everything that was begun has ended."""
        while self._running:
            await asyncio.wait(list(self._running.values()))

    async def stop(self) -> None:
        """End what is under way; what was not recorded as taken is sent again after the next start."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._poster.close()

    async def settle(self) -> bool:
        """Store how far webhooks passed over what they do not want, and look how far behind they are (a tick)."""
        places = [(webhook_id, was, place) for webhook_id, (was, place) in self._scanned.items() if place > was]
        if places:
            await self._db.write(store.settle, places)
        self._scanned.clear()
        self._counts.behind, self._counts.dead_letters = await self._db.read(store.lags)
        self._last_turn = {number: turn for number, turn in self._last_turn.items() if number in self._counts.behind}
        return False

    def _is_due(self, candidate: Candidate, newest: int, now: int) -> bool:
        if candidate.id in self._running:
            return False
        was, place = self._scanned.get(candidate.id, (candidate.place, candidate.place))
        behind = newest > (place if was == candidate.place else candidate.place)
        return candidate.replays or (behind and candidate.next_try_at <= now)

    def _has_room(self, candidate: Candidate) -> bool:
        if candidate.failures and len(self._failing) >= FAILING_AT_ONCE:
            return False
        return len(self._running) < WEBHOOKS_AT_ONCE

    def _begin(self, candidate: Candidate) -> None:
        if candidate.failures:
            self._failing.add(candidate.id)
        self._turns += 1
        self._last_turn[candidate.id] = self._turns
        self._running[candidate.id] = asyncio.create_task(self._turn(candidate.id), name=f"webhook {candidate.id}")

    async def _turn(self, webhook_id: int) -> None:
        try:
            sent = 0
            while await self._once(webhook_id):
                sent += 1
                if sent >= REQUESTS_PER_TURN and len(self._running) >= WEBHOOKS_AT_ONCE:
                    return
        except Unavailable as error:
            _log.warning("webhook put off", webhook=webhook_id, code=error.code)
        except Exception:  # noqa: BLE001 - one webhook's fault must not end the others
            _log.exception("webhook failed", webhook=webhook_id)
        finally:
            self._failing.discard(webhook_id)
            del self._running[webhook_id]

    async def _once(self, webhook_id: int) -> bool:
        """Send one request and return whether there may be more to send at once."""
        found = await self._db.read(
            store.next_for, webhook_id, self._scanned.get(webhook_id), self._most, self._clock.now()
        )
        if found is None:
            return False
        if found.replays:
            return await self._replay(found)
        if found.events:
            return await self._send(found.target, found.events)
        self._scanned[webhook_id] = (found.target.place, found.upto)
        return found.more

    async def _replay(self, found: Next) -> bool:
        attempt = found.replays[0].tries + 1
        answer = await self._post(found.target, [replay.body.encode() for replay in found.replays], attempt)
        letter_ids = [replay.id for replay in found.replays]
        if answer.taken:
            await self._db.write(store.replayed, letter_ids)
        else:
            await self._db.write(store.replay_failed, letter_ids, answer.error, self._clock.now())
        return True

    async def _send(self, target: Target, events: Sequence[Happened]) -> bool:
        bodies = [written(event) for event in events]
        answer = await self._post(target, bodies, target.failures + 1)
        now = self._clock.now()
        if answer.taken:
            await self._db.write(store.delivered, target, events[-1].id, now)
            return True
        letters = [(event, body.decode()) for event, body in zip(events, bodies, strict=True)]
        return await self._db.write(_record_failure, target, letters, answer, now)

    async def _post(self, target: Target, bodies: Sequence[bytes], attempt: int) -> Answer:
        now = self._clock.now()
        keys = [self._box.open(sealed) for sealed in target.secrets_sealed(now)]
        answer = await self._poster.post(
            request(target.id, target.url, keys, bodies, batch=target.batch, attempt=attempt, now=now)
        )
        self._counts.requests[_outcome(answer)] += 1
        self._counts.events += len(bodies) if answer.taken else 0
        return answer


def _record_failure(tx: Tx, target: Target, letters: Sequence[tuple[Happened, str]], answer: Answer, now: int) -> bool:
    """Store what follows from a try that failed and return whether there is something to send at once."""
    if answer.gone:
        _disable(tx, target, DisabledReason.GONE, answer.error, now)
        return False
    failures = target.failures + 1
    follows = verdict(failures, target.failing_since_at, now)
    if follows is Verdict.DISABLE:
        _disable(tx, target, DisabledReason.FAILING, answer.error, now)
        return False
    again_at = now + delay_ms(failures, random.random())  # noqa: S311 - spreads load, guards nothing
    if follows is Verdict.AGAIN:
        store.failed(tx, target, failures, again_at, answer.error, now, last=target.place)
    elif store.failed(tx, target, 0, now, answer.error, now, last=letters[-1][0].id):
        store.bury(tx, target, letters, failures, answer.error, now)
    return follows is Verdict.DEAD


def _disable(tx: Tx, target: Target, reason: DisabledReason, error: str, now: int) -> None:
    if store.disable(tx, target, reason, error, now):
        details = {"reason": reason, "error": error}
        record_audit(
            tx, SYSTEM, now, "webhook.disable", f"webhook:{target.id}", product_id=target.product_id, **details
        )


def _outcome(answer: Answer) -> str:
    if answer.taken:
        return "delivered"
    return "refused" if answer.status is not None else "unreachable"
