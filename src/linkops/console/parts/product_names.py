"""Names of products in tables whose rows know only the keys."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from linkops.console.parts.places import product_place
from linkops.console.view import view
from linkops.errors import NotFound


class ProductNames:
    """What products are called; each is asked for once, as long as a page is open."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    async def learn(self, keys: Iterable[str]) -> None:
        """Learn the names of these products; one that was deleted meanwhile keeps its key."""
        seen = view()
        for key in set(keys) - self._names.keys():
            with suppress(NotFound):
                self._names[key] = (await seen.services.products.get(seen.actor, key)).name

    def cells(self, key: str) -> dict[str, Any]:
        """Return the cells of the column ``product``: the name, which leads to the product."""
        return {"product": self._names.get(key, key), "product_href": product_place(key)}
