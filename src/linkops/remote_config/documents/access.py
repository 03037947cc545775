"""May this actor touch that document? What it may not see does not exist for it."""

from linkops.db import Tx
from linkops.devices.access import require_device, require_product
from linkops.devices.groups.access import require_group
from linkops.devices.model import DeviceKey, Product
from linkops.errors import Invalid
from linkops.events.actor import Actor, Role
from linkops.remote_config.documents.model import Scope, Target
from linkops.remote_config.documents.store import Place


def require_place(tx: Tx, actor: Actor, role: Role, target: Target) -> tuple[Product, Place]:
    """Return the product and the place of a document, for which ``actor`` has ``role`` in the product.

    Raises:
        NotFound: there is no such product, group or device, or the actor may not even look at it.
        Forbidden: it may look, but no more.
        Invalid: the group has devices of another product.
    """
    product = require_product(tx, actor, role, target.product_key)
    group_id = device_id = None
    if target.scope is Scope.GROUP and target.group_id is not None:
        group_id = _group(tx, actor, product, target.group_id)
    if target.scope is Scope.DEVICE and target.device_name is not None:
        device_id = require_device(tx, actor, role, DeviceKey(product.product_key, target.device_name)).id
    return product, Place(product.id, target.scope, group_id, device_id)


def _group(tx: Tx, actor: Actor, product: Product, group_id: int) -> int:
    # The document is one of the product, whose rights count; a group over all products need only be seen.
    group = require_group(tx, actor, Role.VIEWER, group_id)
    if group.product_id not in {None, product.id}:
        raise Invalid("config.group_of_other_product", field="group", product_key=product.product_key)
    return group.id
