"""The device whose page is open, for all parts of the page."""

from collections.abc import Callable
from dataclasses import dataclass, field

from linkops.console.view import view
from linkops.devices.model import Device, DeviceKey, Product
from linkops.events.actor import Role


@dataclass(slots=True)
class Opened:
    """What is known of it.

    Attributes:
        device: as it was when it was last looked at.
        operates: whether the viewer may change it.
        changed: called with the device when it is another one than before.
    """

    device: Device
    product: Product
    operates: bool
    changed: list[Callable[[Device], None]] = field(default_factory=list)

    @property
    def key(self) -> DeviceKey:
        """Its name."""
        return self.device.key

    async def look(self) -> None:
        """Look at it again, and say so to whoever shows it.

        Raises:
            NotFound: it was deleted.
        """
        seen = view()
        device = await seen.services.devices.get(await seen.act(), self.key)
        if device != self.device:
            self.device = device
            for told in self.changed:
                told(device)


async def open_device(key: DeviceKey) -> Opened:
    """Return the device.

    Raises:
        NotFound: there is none, or none for the viewer.
    """
    seen = view()
    device = await seen.services.devices.get(seen.actor, key)
    product = await seen.services.products.get(seen.actor, key.product_key)
    return Opened(device, product, seen.actor.may(Role.OPERATOR, product.id))
