"""Who asks for something, and what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from linkops.errors import Forbidden

ALL_PRODUCTS = 0


class Role(IntEnum):
    """What somebody may do; each role may do all that the lower ones may."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who is logged in, or the system itself.

    Attributes:
        account_id: None for the system and for the command line on the server.
        name: as shown in the audit trail.
        address: where the request came from, '' for the system.
        roles: by product id; `ALL_PRODUCTS` is the role that holds everywhere.
    """

    account_id: int | None
    name: str
    address: str
    roles: Mapping[int, Role]

    def role(self, product_id: int) -> Role | None:
        """Return the higher of the role for this product and the role for all; rights never add up further."""
        granted = [self.roles[scope] for scope in (product_id, ALL_PRODUCTS) if scope in self.roles]
        return max(granted, default=None)

    def may(self, role: Role, product_id: int = ALL_PRODUCTS) -> bool:
        """Return whether this actor has at least ``role`` for the product (default: for all products)."""
        own = self.role(product_id)
        return own is not None and own >= role

    def require(self, role: Role, product_id: int = ALL_PRODUCTS) -> None:
        """Do nothing if `may`.

        Raises:
            Forbidden: otherwise.
        """
        if not self.may(role, product_id):
            raise Forbidden("access.role_required", role=role.name.lower())

    def visible_products(self) -> list[int] | None:
        """Return the products this actor may look at; None means all."""
        return self.products(Role.VIEWER)

    def products(self, role: Role) -> list[int] | None:
        """Return the products for which this actor has at least ``role``; None means all."""
        if self.may(role):
            return None
        return sorted(product for product, own in self.roles.items() if own >= role and product != ALL_PRODUCTS)


SYSTEM = Actor(None, "system", "", MappingProxyType({ALL_PRODUCTS: Role.ADMIN}))
