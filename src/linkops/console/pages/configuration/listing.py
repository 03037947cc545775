"""The products and where the configuration of each stands."""

from typing import Any

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.parts.address import remember
from linkops.console.parts.names import named
from linkops.console.parts.places import configuration_place
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import Product
from linkops.events.actor import Actor
from linkops.remote_config.states.drift.model import DRIFTING

_PER_PAGE = 20
_COLUMNS = (
    Column("name", n_("Product"), Kind.LINK),
    Column("enabled", n_("State"), Kind.STATUS),
    Column("version", n_("Version"), Kind.NUMBER),
    Column("saved_at", n_("Saved"), Kind.TIME, rank=2),
    Column("saved_by", n_("Saved by"), rank=3),
    Column("pushed_at", n_("Last push"), Kind.TIME, rank=2),
    Column("drift", n_("Not in step"), Kind.LINK, rank=2),
    Column("product_key", n_("Product key"), Kind.CODE, rank=3),
)


@page("/configuration", n_("Remote configuration"))
async def configurations(name: str = "") -> None:
    """Show products with their switch, newest version, last push and how many devices are not in step."""
    frame.heading(_("Remote configuration"))
    listing = _Listing(name)
    await listing.draw()


class _Listing:
    """The list; devices that are not in step are counted once the rest is there, since that takes longer."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown: list[str] = []
        self._drifting: dict[str, int] = {}

    async def draw(self) -> None:
        """Draw and fill it."""
        with named(ui.row(), _("Filters")).classes("filters").props("role=search"):
            given = ui.input(_("Name begins with"), value=self._name).props("outlined dense clearable debounce=300")
            given.classes("filter").on_value_change(action(self._filter))
        empty = _("No product matches. Products are created on the page of products.")
        self._table = PagedTable(_COLUMNS, self._load, empty=empty)
        await self._table.show()

    async def _filter(self, change: Any) -> None:
        self._name = change.value or ""
        remember(name=self._name)
        await self._table.show(first=True)

    async def _load(self, cursor: str | None) -> Rows:
        seen = view()
        actor = await seen.act()
        found = await seen.services.products.page(actor, prefix=self._name, cursor=cursor, limit=_PER_PAGE)
        rows = [await self._row(actor, product) for product in found.items]
        self._shown = [row["key"] for row in rows if row["enabled"] == "config.on" and row["version"]]
        if not set(self._shown) <= self._drifting.keys():
            ui.timer(0.05, action(self._count), once=True)
        return Rows(rows, found.next, total_of(found.total, more=found.total_is_more))

    async def _row(self, actor: Actor, product: Product) -> dict[str, Any]:
        services, key = view().services, product.product_key
        overview = await services.remote_config.switches.overview(actor, key)
        pushes = await services.config_delivery.pushes.page(actor, key, limit=1)
        newest = overview.recent[0] if overview.recent else None
        drifting = self._drifting.get(key)
        return {
            "key": key,
            "name": product.name,
            "name_href": configuration_place(key),
            "enabled": "config.on" if overview.enabled else "config.off",
            "version": newest.number if newest else None,
            "saved_at": newest.created_at if newest else None,
            "saved_by": newest.created_by if newest else "",
            "pushed_at": pushes.items[0].created_at if pushes.items else None,
            "drift": "" if drifting is None else f"{drifting:,}",
            "drift_href": configuration_place(key, "drift"),
            "product_key": key,
        }

    async def _count(self) -> None:
        missing = [key for key in self._shown if key not in self._drifting]
        if not missing:
            return
        seen = view()
        actor = await seen.act()
        for key in missing:
            summary = await seen.services.config_delivery.drift.summary(actor, key)
            self._drifting[key] = sum(summary.counts[standing] for standing in DRIFTING)
        await self._table.refresh()
