"""Choosing a product by its name or key, or all of them: what is typed is looked for on the server."""

from collections.abc import Mapping
from contextlib import suppress

from nicegui import ui

from linkops.console.parts.choices import Find, look_while_typing
from linkops.console.view import view
from linkops.devices.model import Product
from linkops.errors import NotFound
from linkops.events.actor import Role

ALL = ""
"""The choice of no single product."""
_SHOWN = 50


async def named_products(*keys: str) -> dict[str, str]:
    """Return the first products that the viewer sees, and those with ``keys``, by key, as people read them."""
    seen = view()
    found = await seen.services.products.page(await seen.act(), limit=_SHOWN)
    named = {product.product_key: _name(product) for product in found.items}
    for key in {*keys} - named.keys() - {ALL}:
        with suppress(NotFound):
            named[key] = _name(await seen.services.products.get(seen.actor, key))
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
    choice = ui.select(options, value=chosen, label=label, with_input=True)
    look_while_typing(choice, finding(products, role), always)
    return choice.props("outlined dense options-dense input-debounce=250")


def finding(known: Mapping[str, str], role: Role = Role.VIEWER) -> Find:
    """Return what finds products by a part of their name or key: among those ``known``, and on the server."""
    seen = view()

    async def find(text: str) -> Mapping[str, str]:
        found = await seen.services.products.page(await seen.act(), containing=text, limit=_SHOWN)
        here = {key: name for key, name in known.items() if text.casefold() in name.casefold()}
        return here | {one.product_key: _name(one) for one in found.items if seen.actor.may(role, one.id)}

    return find


def _name(product: Product) -> str:
    return f"{product.name} ({product.product_key})"
