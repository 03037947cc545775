"""The list of products."""

from typing import Any

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.products.creating import ask_for_product
from linkops.console.pages.products.words import AUTH_TYPES, NODE_TYPES
from linkops.console.parts.address import remember
from linkops.console.parts.live import live
from linkops.console.parts.names import named
from linkops.console.parts.places import product_place
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import Product
from linkops.devices.totals.model import ProductTotals
from linkops.events.actor import Role

_COLUMNS = (
    Column("name", n_("Product"), Kind.LINK),
    Column("product_key", n_("Product key"), Kind.CODE, rank=2),
    Column("node_type", n_("Node type"), rank=3),
    Column("auth_type", n_("Authentication"), rank=3),
    Column("devices", n_("Devices"), Kind.NUMBER),
    Column("online", n_("Online"), Kind.NUMBER),
    Column("activated", n_("Activated"), Kind.NUMBER, rank=2),
    Column("created_at", n_("Created"), Kind.TIME, rank=3),
)


@page("/products", n_("Products"))
async def products(search: str = "") -> None:
    """Show products with how many devices they have; the address carries what is searched for."""
    seen = view()
    actions = frame.heading(_("Products"))
    if seen.actor.may(Role.ADMIN):
        with actions:
            ui.button(_("New product"), icon="add", on_click=ask_for_product).props("unelevated")
    asked = {"search": search}

    async def load(cursor: str | None) -> Rows:
        actor = await seen.act()
        found = await seen.services.products.page(actor, containing=asked["search"].strip(), cursor=cursor, limit=50)
        totals = {each.product_id: each for each in (await seen.services.totals.of(actor)).products}
        rows = [_row(product, totals.get(product.id)) for product in found.items]
        return Rows(rows, found.next, total_of(found.total, more=found.total_is_more))

    async def again() -> None:
        remember(**asked)
        await table.show(first=True)

    with named(ui.row(), _("Filters")).classes("filters").props("role=search"):
        given = ui.input(_("Name or key contains"), value=search).classes("filter")
        given.props("outlined dense clearable debounce=300")
        given.bind_value_to(asked, "search", forward=lambda value: value or "").on_value_change(action(again))
    table = PagedTable(_COLUMNS, load, empty=_empty(), row_key="product_key")
    await table.show()

    async def look() -> bool:
        await table.refresh()
        return True

    live(look, 5.0)


def _empty() -> str:
    if view().actor.may(Role.ADMIN):
        return _("No product matches. A product is a kind of device: create one, then register its devices.")
    return _("No product matches. An administrator creates products and gives rights to them.")


def _row(product: Product, totals: ProductTotals | None) -> dict[str, Any]:
    return {
        "name": product.name,
        "name_href": product_place(product.product_key),
        "product_key": product.product_key,
        "node_type": _(NODE_TYPES[product.node_type]),
        "auth_type": _(AUTH_TYPES[product.auth_type]),
        "devices": totals.devices if totals else None,
        "online": totals.online if totals else None,
        "activated": totals.activated if totals else None,
        "created_at": product.created_at,
    }
