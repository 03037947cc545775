"""Use cases about webhooks, for administrators of their product (of everything, for webhooks about all products)."""

from collections.abc import Callable

import msgspec

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_product
from linkops.devices.paging import check_limit
from linkops.errors import Conflict, Forbidden, Invalid
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.secretbox import SecretBox
from linkops.subscriptions.access import require_webhook
from linkops.subscriptions.addresses import AddressRefused
from linkops.subscriptions.delivery.client import Poster
from linkops.subscriptions.delivery.sending import trial
from linkops.subscriptions.model import (
    Answer,
    DisabledReason,
    NewWebhook,
    Webhook,
    WebhookChange,
    WebhookSecret,
)
from linkops.subscriptions.signatures import new_secret
from linkops.subscriptions.urls import check_description, check_kinds, check_url, host_of
from linkops.subscriptions.webhooks import store

MAX_WEBHOOKS = 200
MAX_GRACE_H = 7 * 24
_H_MS = 3_600_000


class Webhooks:
    """Where events are posted to; what an actor may not see is `NotFound`."""

    def __init__(
        self, db: Database, clock: Clock, box: SecretBox, poster: Poster, changed: Callable[[], None] = lambda: None
    ) -> None:
        """``changed`` is called after the commit of whatever may let a webhook have something to do."""
        self._db = db
        self._clock = clock
        self._box = box
        self._poster = poster
        self._changed = changed

    async def create(self, actor: Actor, new: NewWebhook) -> WebhookSecret:
        """Create a webhook that hears of what happens from now on; its secret is in the answer and nowhere else.

        Raises:
            Invalid: URL, kinds or description, or the URL leads where no webhook may be.
            NotFound, Forbidden: the product.
            Conflict: there are `MAX_WEBHOOKS`.
        """
        check_url(new.url)
        check_kinds(new.kinds)
        check_description(new.description)
        await self._db.read(_scope, actor, new.product_key)  # before a name is looked up for who may not
        await self._check_address(new.url)
        secret = new_secret()
        webhook_id = await self._db.write(self._create, actor, new, self._box.seal(secret))
        self._changed()
        return WebhookSecret(webhook_id, secret, None)

    def _create(self, tx: Tx, actor: Actor, new: NewWebhook, sealed: str) -> int:
        product_id = _scope(tx, actor, new.product_key)
        if store.count(tx) >= MAX_WEBHOOKS:
            raise Conflict("webhook.too_many", most=MAX_WEBHOOKS)
        now = self._clock.now()
        webhook_id = store.add(tx, new, product_id, sealed, actor.name, now)
        _audit(tx, actor, now, "create", webhook_id, product_id, host=host_of(new.url)[0], kinds=new.kinds)
        return webhook_id

    async def _check_address(self, url: str) -> None:
        """Tell at once what every delivery would tell; a name that cannot be resolved now may be resolved later."""
        try:
            await self._poster.look_up(*host_of(url))
        except AddressRefused:
            raise Invalid("webhook.address_refused", field="url") from None

    async def page(
        self, actor: Actor, *, product_key: str | None = None, after: int = 0, limit: int = 50
    ) -> list[Webhook]:
        """Return up to ``limit`` webhooks with an id above ``after``, of the products that the actor administers.

        Raises:
            Forbidden: when it administers none.
        """
        check_limit(limit)
        return await self._db.read(store.page, _administered(actor), product_key, after, limit)

    async def get(self, actor: Actor, webhook_id: int) -> Webhook:
        """Return a webhook."""
        return await self._db.read(require_webhook, actor, webhook_id)

    async def edit(self, actor: Actor, webhook_id: int, change: WebhookChange) -> Webhook:
        """Change what is given and try what failed before at once.

        Raises:
            Invalid: URL, kinds or description, or the URL leads where no webhook may be.
        """
        if change.kinds is not None:
            check_kinds(change.kinds)
        if change.description is not None:
            check_description(change.description)
        if change.url is not None:
            check_url(change.url)
            await self._db.read(require_webhook, actor, webhook_id)
            await self._check_address(change.url)
        edited = await self._db.write(self._edit, actor, webhook_id, change)
        self._changed()
        return edited

    def _edit(self, tx: Tx, actor: Actor, webhook_id: int, change: WebhookChange) -> Webhook:
        before, now = require_webhook(tx, actor, webhook_id), self._clock.now()
        given = {
            name: value
            for name in ("url", "kinds", "description", "batch")
            if (value := getattr(change, name)) is not None
        }
        store.edit(tx, msgspec.structs.replace(before, **given), now)
        if change.enabled is not None and change.enabled != before.enabled:
            reason = DisabledReason.NONE if change.enabled else DisabledReason.OPERATOR
            store.set_enabled(tx, webhook_id, reason, now)
        if change.skip_backlog:
            store.skip_backlog(tx, webhook_id)
        details = {name: value for name, value in given.items() if name != "url"}
        if change.url is not None:
            details["host"] = host_of(change.url)[0]
        if change.enabled is not None:
            details["enabled"] = change.enabled
        _audit(tx, actor, now, "edit", webhook_id, before.product_id, **details, skip_backlog=change.skip_backlog)
        return require_webhook(tx, actor, webhook_id)

    async def delete(self, actor: Actor, webhook_id: int) -> None:
        """Delete a webhook and its dead letters, for good."""
        await self._db.write(self._delete, actor, webhook_id)
        self._changed()

    def _delete(self, tx: Tx, actor: Actor, webhook_id: int) -> None:
        webhook = require_webhook(tx, actor, webhook_id)
        store.delete(tx, webhook_id)
        _audit(tx, actor, self._clock.now(), "delete", webhook_id, webhook.product_id, host=host_of(webhook.url)[0])

    async def rotate_secret(self, actor: Actor, webhook_id: int, grace_h: int = 24) -> WebhookSecret:
        """Give a webhook a new secret and return it; requests carry a signature of the old one, too, for ``grace_h``.

        Raises:
            Invalid: ``grace_h`` is not 0 to `MAX_GRACE_H`.
        """
        if not 0 <= grace_h <= MAX_GRACE_H:
            raise Invalid("webhook.grace_invalid", field="grace_h", most=MAX_GRACE_H)
        secret = new_secret()
        until = await self._db.write(self._rotate, actor, webhook_id, self._box.seal(secret), grace_h)
        return WebhookSecret(webhook_id, secret, until if grace_h else None)

    def _rotate(self, tx: Tx, actor: Actor, webhook_id: int, sealed: str, grace_h: int) -> int:
        webhook, now = require_webhook(tx, actor, webhook_id), self._clock.now()
        until = now + grace_h * _H_MS
        store.rotate(tx, webhook_id, sealed, until, now)
        _audit(tx, actor, now, "rotate_secret", webhook_id, webhook.product_id, grace_h=grace_h)
        return until

    async def test(self, actor: Actor, webhook_id: int) -> Answer:
        """Post an event of the kind ``webhook.test`` now, also to a disabled webhook, and return what came of it."""
        webhook, sealed = await self._db.write(self._test, actor, webhook_id)
        keys = [self._box.open(secret) for secret in sealed]
        return await self._poster.post(trial(webhook, keys, self._clock.now()))

    def _test(self, tx: Tx, actor: Actor, webhook_id: int) -> tuple[Webhook, list[str]]:
        webhook, now = require_webhook(tx, actor, webhook_id), self._clock.now()
        _audit(tx, actor, now, "test", webhook_id, webhook.product_id)
        return webhook, store.secrets_sealed(tx, webhook_id, now)


def _scope(tx: Tx, actor: Actor, product_key: str | None) -> int | None:
    if product_key is not None:
        return require_product(tx, actor, Role.ADMIN, product_key).id
    actor.require(Role.ADMIN)
    return None


def _administered(actor: Actor) -> list[int] | None:
    if actor.may(Role.ADMIN):
        return None
    products = sorted(product for product, role in actor.roles.items() if role >= Role.ADMIN)
    if not products:
        raise Forbidden("access.role_required", role=Role.ADMIN.name.lower())
    return products


def _audit(
    tx: Tx, actor: Actor, at: int, verb: str, webhook_id: int, product_id: int | None, **details: object
) -> None:
    # Never the whole URL: with some receivers it is all that a sender needs to know.
    record_audit(tx, actor, at, f"webhook.{verb}", f"webhook:{webhook_id}", product_id=product_id, **details)
