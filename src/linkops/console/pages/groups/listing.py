"""The tree of groups."""

from typing import Any

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.groups.creating import ask_for_group
from linkops.console.pages.groups.words import KINDS
from linkops.console.parts.address import remember
from linkops.console.parts.names import named
from linkops.console.parts.places import group_place
from linkops.console.parts.product_choice import named_products, product_choice
from linkops.console.parts.product_names import ProductNames
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.groups.model import Group, GroupKind
from linkops.events.actor import Role

_COLUMNS = (
    Column("name", n_("Group"), Kind.TREE),
    Column("kind", n_("Kind"), rank=2),
    Column("product", n_("Product"), Kind.LINK),
    Column("description", n_("Description"), rank=3),
    Column("created_by", n_("Created by"), rank=3),
    Column("created_at", n_("Created"), Kind.TIME, rank=2),
)


@page("/groups", n_("Groups"))
async def groups(product: str = "", kind: str = "") -> None:
    """Show groups, each followed by those below it, with filters that the address carries."""
    seen = view()
    await seen.act()
    products, names = await named_products(product), ProductNames()
    actions = frame.heading(_("Groups"))
    if max(seen.actor.roles.values(), default=0) >= Role.OPERATOR:
        with actions:
            ask = action(lambda: ask_for_group(product_key=asked["product"] or None))
            ui.button(_("New group"), icon="add", on_click=ask).props("unelevated")
    asked = {"product": product, "kind": kind if kind in set(GroupKind) else ""}

    async def load(cursor: str | None) -> Rows:
        found = await seen.services.groups.page(
            await seen.act(),
            product_key=asked["product"] or None,
            kind=GroupKind(asked["kind"]) if asked["kind"] else None,
            cursor=cursor,
            limit=100,
        )
        await names.learn(group.product_key for group in found.items if group.product_key is not None)
        rows = [_row(group, names) for group in found.items]
        return Rows(rows, found.next, total_of(found.total, more=found.total_is_more))

    async def again() -> None:
        remember(**asked)
        await table.show(first=True)

    with named(ui.row(), _("Filters")).classes("filters").props("role=search"):
        of = product_choice(products, _("Product"), _("All products"), asked["product"]).classes("filter")
        of.bind_value_to(asked, "product", forward=lambda value: value or "").on_value_change(action(again))
        kinds = {"": _("Static and dynamic")} | {each.value: _(word) for each, word in KINDS.items()}
        choice = ui.select(kinds, value=asked["kind"], label=_("Kind")).props("outlined dense").classes("filter")
        choice.bind_value_to(asked, "kind").on_value_change(action(again))
    empty = _("No group matches. A group puts devices under one name, by hand or by a query.")
    table = PagedTable(_COLUMNS, load, empty=empty)
    await table.show()


def _row(group: Group, names: ProductNames) -> dict[str, Any]:
    key = group.product_key
    return {
        "key": group.id,
        "name": group.name,
        "name_href": group_place(group.id),
        "name_level": group.level,
        "kind": _(KINDS[group.kind]),
        **({"product": _("All products"), "product_href": "/console/products"} if key is None else names.cells(key)),
        "description": group.description,
        "created_by": group.created_by,
        "created_at": group.created_at,
    }
