"""What the parts of a product's page share."""

from typing import NamedTuple

from linkops.console.view import view
from linkops.devices.model import Product
from linkops.events.actor import Role
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


async def site_of(product_key: str) -> Site:
    """Return the product that a page is about, as the viewer may see and change it."""
    seen = view()
    product = await seen.services.products.get(await seen.act(), product_key)
    return Site(product, seen.actor.may(Role.OPERATOR, product.id))
