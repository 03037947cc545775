"""May this actor touch that product, or these devices? What it may not see does not exist for it."""

from collections.abc import Sequence

from linkops.db import Tx
from linkops.devices import store
from linkops.devices.model import DeviceKey, Product
from linkops.devices.products import store as products
from linkops.errors import Invalid, NotFound
from linkops.events.actor import Actor, Role

MAX_BULK = 200


def require_product(tx: Tx, actor: Actor, role: Role, product_key: str) -> Product:
    """Return a product for which ``actor`` has ``role``.

    Raises:
        NotFound: there is none, or the actor may not even look at it.
        Forbidden: it may look, but no more.
    """
    product = products.by_key(tx, product_key)
    if product is None or not actor.may(Role.VIEWER, product.id):
        raise NotFound("product.not_found", product_key=product_key)
    actor.require(role, product.id)
    return product


def require_devices(tx: Tx, actor: Actor, role: Role, keys: Sequence[DeviceKey]) -> list[store.DeviceRef]:
    """Return 1 to `MAX_BULK` devices, each once, for all of which ``actor`` has ``role``.

    Raises:
        Invalid: none or too many are named.
        NotFound: one of them does not exist, or the actor may not even look at it.
        Forbidden: it may look at all, but for one has no such role.
    """
    if not 1 <= len(keys) <= MAX_BULK:
        raise Invalid("device.bulk_size_invalid", field="devices", most=MAX_BULK)
    found = {ref.key: ref for ref in store.find(tx, set(keys)) if actor.may(Role.VIEWER, ref.product_id)}
    for key in keys:
        if key not in found:
            raise NotFound("device.not_found", device=str(key))
        actor.require(role, found[key].product_id)
    return list(found.values())


def require_device(tx: Tx, actor: Actor, role: Role, key: DeviceKey) -> store.DeviceRef:
    """Return one device; see `require_devices`."""
    return require_devices(tx, actor, role, [key])[0]
