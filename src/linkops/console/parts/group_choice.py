"""Choosing a group that devices of a product may be in, or of all: what is typed is looked for on the server."""

from contextlib import suppress

from nicegui import ui

from linkops.console.parts.choices import SHOWN, drawn
from linkops.console.view import view
from linkops.devices.groups.model import path_text
from linkops.errors import NotFound

ANY = ""
"""The choice of no single group."""


async def named_groups(product_key: str | None, *ids: int) -> dict[int, str]:
    """Return the first groups that devices of a product may be in (None: of any), and those with ``ids``: paths."""
    seen, named = view(), await _found(product_key, "")
    for group_id in {*ids} - named.keys():
        with suppress(NotFound):
            group = await seen.services.groups.get(seen.actor, group_id)
            if product_key is None or group.product_key in {None, product_key}:
                named[group_id] = path_text(group.path)
    return named


def group_choice(
    groups: dict[int, str], product_key: str | None, label: str, every: str = "", chosen: int | None = None
) -> ui.select:
    """Draw a choice of groups by their paths.

    Args:
        groups: of `named_groups`; those that are found by typing are put in, too.
        product_key: whose devices they are for; None: of any.
        label: what it is about, in the viewer's language.
        every: the words for all groups (`ANY`); "" if one has to be chosen.
        chosen: a group's number.
    """

    async def find(text: str) -> dict[int, str]:
        found = await _found(product_key, text)
        groups.update(found)
        return found

    always = {ANY: every} if every else {}
    options = groups if chosen is None else {chosen: str(chosen)} | groups
    return drawn(label, options, find, ANY if chosen is None and every else chosen, always=always)


async def _found(product_key: str | None, text: str) -> dict[int, str]:
    """Return the first ones whose paths have the text in them: the product's, then those over all products."""
    seen = view()
    page = seen.services.groups.page
    found = (await page(await seen.act(), containing=text, limit=SHOWN)).items
    if product_key is not None:
        own = await page(seen.actor, product_key=product_key, containing=text, limit=SHOWN)
        found = own.items + [group for group in found if group.product_id is None]  # which a list of all begins with
    return {group.id: path_text(group.path) for group in found}
