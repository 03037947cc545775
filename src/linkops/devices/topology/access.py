"""May this actor change that gateway, or these sub-devices?"""

from collections.abc import Sequence

from linkops.db import Tx
from linkops.devices.access import require_device, require_devices
from linkops.devices.model import DeviceKey, NodeType
from linkops.devices.products import store as products
from linkops.devices.store import DeviceRef
from linkops.errors import Conflict
from linkops.events.actor import Actor, Role


def require_gateway(tx: Tx, actor: Actor, role: Role, key: DeviceKey) -> DeviceRef:
    """Return a gateway for which ``actor`` has ``role``.

    Raises:
        NotFound, Forbidden: see `linkops.devices.access.require_devices`.
        Conflict: it is no gateway.
    """
    gateway = require_device(tx, actor, role, key)
    if not _is(tx, key.product_key, NodeType.GATEWAY):
        raise Conflict("gateway.not_a_gateway", device=str(key))
    return gateway


def require_sub_devices(tx: Tx, actor: Actor, keys: Sequence[DeviceKey]) -> list[DeviceRef]:
    """Return devices that ``actor`` operates, each once.

    Raises:
        Invalid, NotFound, Forbidden: see `linkops.devices.access.require_devices`.
        Conflict: one of them is of a product whose devices connect themselves.
    """
    devices = require_devices(tx, actor, Role.OPERATOR, keys)
    for product_key in sorted({device.key.product_key for device in devices}):
        require_sub_product(tx, product_key)
    return devices


def require_sub_product(tx: Tx, product_key: str) -> None:
    """Do nothing if the devices of the product, which exists, are sub-devices.

    Raises:
        Conflict: they connect themselves.
    """
    if not _is(tx, product_key, NodeType.SUBDEVICE):
        raise Conflict("gateway.not_sub_devices", product_key=product_key)


def _is(tx: Tx, product_key: str, node_type: NodeType) -> bool:
    product = products.by_key(tx, product_key)
    return product is not None and product.node_type is node_type
