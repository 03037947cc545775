"""What an actor may do."""

import pytest

from linkops.errors import Forbidden
from linkops.events.actor import ALL_PRODUCTS, SYSTEM, Actor, Role


def actor(**roles: Role) -> Actor:
    return Actor(1, "ann", "127.0.0.1", {int(product[1:]): role for product, role in roles.items()})


def test_a_role_holds_for_its_product_only() -> None:
    ann = actor(p7=Role.OPERATOR)
    ann.require(Role.OPERATOR, 7)
    assert ann.may(Role.VIEWER, 7)
    assert not ann.may(Role.VIEWER, 8)
    assert not ann.may(Role.VIEWER)
    with pytest.raises(Forbidden) as refused:
        ann.require(Role.ADMIN, 7)
    assert refused.value.params == {"role": "admin"}


def test_the_higher_of_two_grants_counts_and_they_never_add_up() -> None:
    ann = actor(p0=Role.VIEWER, p7=Role.OPERATOR)
    assert ann.role(7) is Role.OPERATOR
    assert ann.role(8) is Role.VIEWER
    assert not ann.may(Role.ADMIN, 7)


def test_visible_products_are_all_or_a_list() -> None:
    assert actor(p7=Role.VIEWER, p3=Role.ADMIN).visible_products() == [3, 7]
    assert SYSTEM.visible_products() is None


def test_products_by_role_are_all_or_a_list() -> None:
    ann = actor(p7=Role.VIEWER, p3=Role.ADMIN, p4=Role.OPERATOR)
    assert ann.products(Role.OPERATOR) == [3, 4]
    assert ann.products(Role.ADMIN) == [3]
    assert SYSTEM.products(Role.ADMIN) is None
    everywhere = Actor(1, "bob", "", {0: Role.VIEWER, 5: Role.OPERATOR})
    assert everywhere.products(Role.VIEWER) is None
    assert everywhere.products(Role.OPERATOR) == [5]
    assert SYSTEM.may(Role.ADMIN, ALL_PRODUCTS)
