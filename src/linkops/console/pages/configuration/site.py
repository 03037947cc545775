"""What the parts of a product's page share."""

from typing import NamedTuple

from linkops.devices.model import Product
from linkops.remote_config.documents.model import Scope, Target


class Site(NamedTuple):
    """A product, and whether the viewer may change its configuration."""

    product: Product
    operates: bool

    @property
    def key(self) -> str:
        """The product's key."""
        return self.product.product_key

    @property
    def document(self) -> Target:
        """The product's document."""
        return Target(self.key, Scope.PRODUCT)

    @property
    def schema(self) -> Target:
        """What documents of the product must keep to."""
        return Target(self.key, Scope.SCHEMA)
