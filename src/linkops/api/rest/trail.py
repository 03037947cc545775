"""The audit trail and the event log."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from linkops.accounts.trail.model import AuditFilter, EventFilter
from linkops.api.auth import Admin, Viewer
from linkops.api.paging import NEWEST, PageOf, Shown, next_after, number_in
from linkops.api.services import Called

router = APIRouter(prefix="/api/v1", tags=["trail"])
Words = Annotated[str | None, Field(max_length=200)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    since: int | None = Field(None, ge=0, le=2**53, description="Unix milliseconds, inclusive.")
    until: int | None = Field(None, ge=0, le=2**53, description="Unix milliseconds, exclusive.")
    cursor: Words = None
    limit: int = Field(50, ge=1, le=200)

    def fields(self) -> dict[str, Any]:
        return self.model_dump(exclude={"cursor", "limit"})


class AuditAsked(_Asked):
    """Which lines of the audit trail."""

    account_name: Words = None
    action: Words = None
    action_begins: Words = None
    target: Words = None
    product_key: Words = None


class EventsAsked(_Asked):
    """Which events."""

    kind: Words = None
    product_key: Words = None
    device_name: Words = None


class AuditShown(Shown):
    """Who changed what."""

    id: int
    at: int
    account_name: str
    address: str
    action: str
    target: str
    details: dict[str, Any]


class EventShown(Shown):
    """Something that happened."""

    id: int
    at: int
    kind: str
    product_key: str
    device_name: str | None
    body: dict[str, Any]


@router.get("/audit")
async def list_audit(actor: Admin, services: Called, asked: Annotated[AuditAsked, Query()]) -> PageOf[AuditShown]:
    """List what was changed, newest first; administrators of single products see the lines about these."""
    before = number_in(asked.cursor, NEWEST)
    lines = await services.trail.audit(actor, AuditFilter(**asked.fields()), before, asked.limit)
    items = [AuditShown.model_validate(line) for line in lines]
    return PageOf(items=items, next=next_after(items, asked.limit, lambda line: line.id))


@router.get("/events")
async def list_events(actor: Viewer, services: Called, asked: Annotated[EventsAsked, Query()]) -> PageOf[EventShown]:
    """List what happened, newest first."""
    before = number_in(asked.cursor, NEWEST)
    lines = await services.trail.events(actor, EventFilter(**asked.fields()), before, asked.limit)
    items = [EventShown.model_validate(line) for line in lines]
    return PageOf(items=items, next=next_after(items, asked.limit, lambda line: line.id))
