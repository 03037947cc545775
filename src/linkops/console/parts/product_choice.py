"""Choosing a product by its name or key, or all of them: what is typed is looked for on the server."""

from collections.abc import Mapping
from contextlib import suppress

from nicegui import ui

from linkops.console.parts.choices import SHOWN, Find, drawn, searched
from linkops.console.view import view
from linkops.devices.model import NodeType, Product
from linkops.errors import NotFound
from linkops.events.actor import Role

ALL = ""
"""The choice of no single product."""


async def named_products(*keys: str, role: Role = Role.VIEWER) -> dict[str, str]:
    """Return the first products for which the viewer has ``role``, and those with ``keys``, as people read them."""
    seen = view()
    named = dict(await finding({}, role)(""))
    for key in {*keys} - named.keys() - {ALL}:
        with suppress(NotFound):
            product = await seen.services.products.get(seen.actor, key)
            named |= {key: _name(product)} if seen.actor.may(role, product.id) else {}
    return named


def product_choice(
    products: Mapping[str, str], label: str, every: str, chosen: str = ALL, role: Role = Role.VIEWER
) -> ui.select:
    """Draw a choice of products; those that are not among the first ones are found by typing.

    Args:
        products: of `named_products`.
        label: what it is about, in the viewer's language.
        every: the words for all products; "" if one has to be chosen.
        chosen: a product's key, or `ALL`.
        role: that the viewer has for those that are found.
    """
    always = {ALL: every} if every else {}
    options = {**always, **products}
    options.setdefault(chosen, chosen)
    return drawn(label, options, finding(products, role), chosen, always=always)


async def searched_product(
    label: str, value: str | None = None, role: Role = Role.VIEWER, node_type: NodeType | None = None
) -> ui.select:
    """Draw a choice of products of a type (None: any) for which the viewer has ``role``, or of none of them.

    Raises:
        NotFound: the product with the key ``value``.
    """
    seen = view()
    select = await searched(label, finding({}, role, node_type))
    if value is not None:
        product = await seen.services.products.get(seen.actor, value)
        select.set_options({**dict(select.options), value: _name(product)}, value=value)
    return select


def finding(known: Mapping[str, str], role: Role = Role.VIEWER, node_type: NodeType | None = None) -> Find:
    """Return what finds products by a part of their name or key: among those ``known``, and on the server."""
    seen = view()

    async def find(text: str) -> Mapping[str, str]:
        found = await seen.services.products.page(
            await seen.act(), containing=text, role=role, node_type=node_type, limit=SHOWN
        )
        here = {key: name for key, name in known.items() if text.casefold() in name.casefold()}
        return here | {one.product_key: _name(one) for one in found.items}

    return find


def _name(product: Product) -> str:
    return f"{product.name} ({product.product_key})"
