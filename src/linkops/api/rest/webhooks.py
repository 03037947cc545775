"""Webhooks: where applications hear of events, and what could not be delivered."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from linkops.api.auth import Admin
from linkops.api.paging import Cursor, Limit, PageOf, Shown, next_after, number_in
from linkops.api.services import Called
from linkops.subscriptions.letters.service import MAX_LETTERS_NAMED
from linkops.subscriptions.model import DisabledReason, NewWebhook, WebhookChange
from linkops.subscriptions.urls import MAX_DESCRIPTION_CHARS, MAX_URL_CHARS
from linkops.subscriptions.webhooks.service import MAX_GRACE_H

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])
WebhookId = Annotated[int, Path(alias="id", ge=1, le=2**62)]
LetterId = Annotated[int, Path(alias="letter_id", ge=1, le=2**62)]
Url = Annotated[str, Field(max_length=MAX_URL_CHARS, description="http or https, without credentials.")]
Kinds = Annotated[list[str], Field(max_length=50, description="As in `ota.task_ended`.")]
Description = Annotated[str, Field(max_length=MAX_DESCRIPTION_CHARS)]


class WebhookShown(Shown):
    """An address that events are posted to, without its secret."""

    id: int
    product_key: str | None = Field(description="Null: events of all products.")
    description: str
    url: str
    kinds: list[str]
    batch: bool
    enabled: bool
    disabled_reason: DisabledReason
    failures: int = Field(description="Tries in a row that failed, of what comes next.")
    failing_since_at: int | None
    next_try_at: int = Field(description="0: as soon as there is something.")
    last_error: str
    delivered_at: int | None
    behind: int = Field(description="Events of the log beyond its place, wanted or not.")
    dead_letters: int
    old_secret_until_at: int | None = Field(description="Until then a rotated secret signs, too.")
    created_by: str
    created_at: int
    updated_at: int


class WebhookToCreate(BaseModel):
    """A webhook that is to be."""

    url: Url
    kinds: Kinds
    product_key: str | None = Field(None, max_length=32, description="Null: events of all products.")
    description: Description = ""
    batch: bool = Field(True, description="A list of events in each request; otherwise one event.")


class WebhookToEdit(BaseModel):
    """What is to be another; what is absent stays."""

    url: Url | None = None
    kinds: Kinds | None = None
    description: Description | None = None
    batch: bool | None = None
    enabled: bool | None = None
    skip_backlog: bool = Field(False, description="Go on with what happens from now on.")


class SecretShown(Shown):
    """The secret of a webhook, shown this once."""

    id: int
    secret: str
    old_secret_until_at: int | None = Field(description="Until then the old secret signs, too.")


class Rotation(BaseModel):
    """How a secret is replaced."""

    grace_h: int = Field(24, ge=0, le=MAX_GRACE_H, description="How many hours the old one signs, too.")


class AnswerShown(Shown):
    """What came of one request to a webhook."""

    taken: bool
    status: int | None = Field(description="HTTP status; null when there was no answer.")
    error: str
    duration_ms: int


class DeadLetterShown(Shown):
    """An event that a webhook did not take."""

    id: int
    event_id: int
    at: int = Field(description="Of the event.")
    kind: str
    tries: int
    error: str
    failed_at: int
    replaying: bool = Field(description="Whether it is being sent once more.")
    event: dict[str, Any] = Field(description="As it was sent.")


class LettersNamed(BaseModel):
    """Some of a webhook's dead letters."""

    ids: list[int] | None = Field(None, max_length=MAX_LETTERS_NAMED, description="Null: all of them.")


class LettersChanged(BaseModel):
    """How many dead letters it was about."""

    count: int


@router.get("")
async def list_webhooks(
    actor: Admin,
    services: Called,
    product_key: Annotated[str | None, Query(max_length=32)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOf[WebhookShown]:
    """List the webhooks of the products that you administer."""
    after = number_in(cursor, 0)
    found = await services.subscriptions.webhooks.page(actor, product_key=product_key, after=after, limit=limit)
    items = [WebhookShown.model_validate(webhook) for webhook in found]
    return PageOf(items=items, next=next_after(items, limit, lambda webhook: webhook.id))


@router.post("", status_code=201)
async def create_webhook(new: WebhookToCreate, actor: Admin, services: Called) -> SecretShown:
    """Create a webhook that hears of what happens from now on. Its secret is in the answer and nowhere else."""
    wanted = msgspec.convert(new.model_dump(), NewWebhook)
    return SecretShown.model_validate(await services.subscriptions.webhooks.create(actor, wanted))


@router.get("/{id}")
async def get_webhook(webhook_id: WebhookId, actor: Admin, services: Called) -> WebhookShown:
    """Show a webhook and how it goes."""
    return WebhookShown.model_validate(await services.subscriptions.webhooks.get(actor, webhook_id))


@router.patch("/{id}")
async def edit_webhook(webhook_id: WebhookId, change: WebhookToEdit, actor: Admin, services: Called) -> WebhookShown:
    """Change, enable or disable a webhook; what failed before is tried at once."""
    wanted = msgspec.convert(change.model_dump(), WebhookChange)
    return WebhookShown.model_validate(await services.subscriptions.webhooks.edit(actor, webhook_id, wanted))


@router.delete("/{id}", status_code=204)
async def delete_webhook(webhook_id: WebhookId, actor: Admin, services: Called) -> None:
    """Delete a webhook and its dead letters, for good."""
    await services.subscriptions.webhooks.delete(actor, webhook_id)


@router.post("/{id}/test")
async def test_webhook(webhook_id: WebhookId, actor: Admin, services: Called) -> AnswerShown:
    """Post an event of the kind `webhook.test` now, and show what came of it."""
    return AnswerShown.model_validate(await services.subscriptions.webhooks.test(actor, webhook_id))


@router.post("/{id}/rotate-secret")
async def rotate_webhook_secret(
    webhook_id: WebhookId, rotation: Rotation, actor: Admin, services: Called
) -> SecretShown:
    """Give a webhook a new secret; for a while requests carry a signature of the old one, too."""
    rotated = await services.subscriptions.webhooks.rotate_secret(actor, webhook_id, rotation.grace_h)
    return SecretShown.model_validate(rotated)


@router.get("/{id}/dead-letters")
async def list_dead_letters(
    webhook_id: WebhookId, actor: Admin, services: Called, cursor: Cursor = None, limit: Limit = 50
) -> PageOf[DeadLetterShown]:
    """List the events that a webhook did not take, oldest first."""
    after = number_in(cursor, 0)
    found = await services.subscriptions.letters.page(actor, webhook_id, after=after, limit=limit)
    items = [DeadLetterShown.model_validate(letter) for letter in found]
    return PageOf(items=items, next=next_after(items, limit, lambda letter: letter.id))


@router.get("/{id}/dead-letters/{letter_id}")
async def get_dead_letter(
    webhook_id: WebhookId, letter_id: LetterId, actor: Admin, services: Called
) -> DeadLetterShown:
    """Show an event that a webhook did not take."""
    return DeadLetterShown.model_validate(await services.subscriptions.letters.get(actor, webhook_id, letter_id))


@router.post("/{id}/dead-letters/replay")
async def replay_dead_letters(
    webhook_id: WebhookId, actor: Admin, services: Called, named: LettersNamed | None = None
) -> LettersChanged:
    """Send dead letters once more, soon; those that are not taken stay. A call is refused whole if one is not there."""
    ids = None if named is None else named.ids
    return LettersChanged(count=await services.subscriptions.letters.replay(actor, webhook_id, ids))


@router.post("/{id}/dead-letters/delete")
async def delete_dead_letters(
    webhook_id: WebhookId, actor: Admin, services: Called, named: LettersNamed | None = None
) -> LettersChanged:
    """Delete dead letters, for good. A call is refused whole if one is not there."""
    ids = None if named is None else named.ids
    return LettersChanged(count=await services.subscriptions.letters.delete(actor, webhook_id, ids))
