"""May this actor touch that webhook? A webhook carries a product's events away, so it takes an administrator of it."""

from linkops.db import Tx
from linkops.errors import NotFound
from linkops.events.actor import ALL_PRODUCTS, Actor, Role
from linkops.subscriptions.model import Webhook
from linkops.subscriptions.webhooks import store


def require_webhook(tx: Tx, actor: Actor, webhook_id: int) -> Webhook:
    """Return a webhook whose product ``actor`` administers; one for all products takes an administrator of everything.

    Raises:
        NotFound: there is none, or the actor may not even look at its product.
        Forbidden: it may look at the product, but no more.
    """
    webhook = store.by_id(tx, webhook_id)
    scope = ALL_PRODUCTS if webhook is None or webhook.product_id is None else webhook.product_id
    if webhook is None or not actor.may(Role.VIEWER, scope):
        raise NotFound("webhook.not_found", id=webhook_id)
    actor.require(Role.ADMIN, scope)
    return webhook
