"""How many devices there are."""

from collections.abc import Sequence
from typing import NamedTuple


class ProductTotals(NamedTuple):
    """How many devices a product has; ``activated``: that ever logged in."""

    product_id: int
    product_key: str
    name: str
    devices: int
    online: int
    activated: int


class Totals(NamedTuple):
    """Exact numbers of a moment.

    Attributes:
        counted_at: of that moment, in Unix milliseconds.
        products: by name; products without devices are there, too.
    """

    counted_at: int
    products: Sequence[ProductTotals]

    @property
    def devices(self) -> int:
        """All devices."""
        return sum(product.devices for product in self.products)

    @property
    def online(self) -> int:
        """Those that are connected."""
        return sum(product.online for product in self.products)

    @property
    def activated(self) -> int:
        """Those that ever logged in."""
        return sum(product.activated for product in self.products)
