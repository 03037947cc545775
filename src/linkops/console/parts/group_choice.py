"""The groups that devices of a product may be in."""

from linkops.console.view import view
from linkops.devices.paging import MAX_PAGE


async def groups_for(product_key: str) -> dict[int, str]:
    """Return the names of a product's groups, then those over all products, by number; the viewer sees them all.

    A page has as many as there may be of either, and lists of all groups begin with those over all products.
    """
    seen = view()
    own = await seen.services.groups.page(await seen.act(), product_key=product_key, limit=MAX_PAGE)
    first = await seen.services.groups.page(seen.actor, limit=MAX_PAGE)
    shared = (one for one in first.items if one.product_id is None)
    return {one.id: path_text(one.path) for one in (*own.items, *shared)}


def path_text(path: tuple[str, ...]) -> str:
    """Return the names that lead to a group, as people read them."""
    return " / ".join(path)
