"""Choosing a product by its name or key."""

from collections.abc import Mapping

from nicegui import ui

from linkops.console.view import view

ALL = ""
"""The choice of no single product."""
_NAMED = 200


async def named_products() -> dict[str, str]:
    """Return the first products that the viewer sees, by key, as people read them."""
    seen = view()
    found = await seen.services.products.page(await seen.act(), limit=_NAMED)
    return {product.product_key: f"{product.name} ({product.product_key})" for product in found.items}


def product_choice(products: Mapping[str, str], label: str, every: str, chosen: str = ALL) -> ui.select:
    """Draw a choice that is narrowed by typing; a key that is not among the first ones can be typed, too.

    Args:
        products: of `named_products`.
        label: what it is about, in the viewer's language.
        every: the words for all products; "" if one has to be chosen.
        chosen: a product's key, or `ALL`.
    """
    options = {**({ALL: every} if every else {}), **products}
    options.setdefault(chosen, chosen)
    choice = ui.select(
        options,
        value=chosen,
        label=label,
        with_input=True,
        new_value_mode="add-unique",
        key_generator=lambda typed: str(typed).strip(),
    )
    return choice.props("outlined dense")
