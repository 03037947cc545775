"""Who may read the audit trail and the event log, and how long they are kept."""

from dataclasses import dataclass

from linkops.accounts.trail import store
from linkops.accounts.trail.model import AuditFilter, AuditLine, EventFilter, EventLine
from linkops.clock import Clock
from linkops.db import Database
from linkops.errors import Forbidden
from linkops.events.actor import Actor, Role
from linkops.events.store import delete_old_audit, delete_old_events

_DAY_MS = 86_400_000
_ROWS_PER_TICK = 1_000


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long lines are kept."""

    audit_days: int
    events_days: int


class Trail:
    """Use cases of somebody who wants to know what happened."""

    def __init__(self, db: Database, clock: Clock, keeping: Keeping) -> None:
        self._db = db
        self._clock = clock
        self._keeping = keeping

    async def audit(self, actor: Actor, wanted: AuditFilter, before: int, limit: int) -> list[AuditLine]:
        """Return up to ``limit`` lines with an id below ``before``, newest first.

        Administrators of everything see all lines, those of single products the lines about these.

        Raises:
            Forbidden: when the actor administers nothing.
        """
        products = _administered(actor)
        return await self._db.read(store.page_of_audit, wanted, products, before, limit)

    async def events(self, actor: Actor, wanted: EventFilter, before: int, limit: int) -> list[EventLine]:
        """Return up to ``limit`` events of visible products with an id below ``before``, newest first.

        What devices said is left out where the actor is no operator.
        """
        return await self._db.read(store.page_of_events, wanted, actor, before, limit)

    async def delete_old(self) -> bool:
        """Delete a bounded number of lines that are too old and return whether there may be more (a tick)."""
        now = self._clock.now()
        audit_before = now - self._keeping.audit_days * _DAY_MS
        events_before = now - self._keeping.events_days * _DAY_MS
        audit = await self._db.write(delete_old_audit, audit_before, _ROWS_PER_TICK)
        events = await self._db.write(delete_old_events, events_before, _ROWS_PER_TICK)
        return max(audit, events) == _ROWS_PER_TICK


def _administered(actor: Actor) -> list[int] | None:
    if actor.may(Role.ADMIN):
        return None
    products = sorted(product for product, role in actor.roles.items() if role >= Role.ADMIN)
    if not products:
        raise Forbidden("access.role_required", role=Role.ADMIN.name.lower())
    return products
