"""May this actor touch that push? What it may not see does not exist for it."""

from linkops.db import Tx
from linkops.errors import NotFound
from linkops.events.actor import Actor, Role
from linkops.remote_config.pushes import store
from linkops.remote_config.pushes.model import Push


def require_push(tx: Tx, actor: Actor, role: Role, push_id: int) -> Push:
    """Return a push for whose product ``actor`` has ``role``.

    Raises:
        NotFound: there is none, or the actor may not even look at it.
        Forbidden: it may look, but no more.
    """
    push = store.by_id(tx, push_id)
    if push is None or not actor.may(Role.VIEWER, push.product_id):
        raise NotFound("config_push.not_found", push_id=push_id)
    actor.require(role, push.product_id)
    return push
