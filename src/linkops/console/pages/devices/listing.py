"""The list of devices."""

from typing import Any

from nicegui import context, ui

from linkops.console import frame
from linkops.console.page import page
from linkops.console.pages.devices.bulk import BulkBar
from linkops.console.pages.devices.filters import Asked, draw_filters
from linkops.console.parts.links import go
from linkops.console.parts.live import live
from linkops.console.parts.places import device_place, with_filters
from linkops.console.parts.product_names import ProductNames
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.search.model import DeviceRow
from linkops.events.actor import Role

_COLUMNS = (
    Column("device_name", n_("Device"), Kind.LINK),
    Column("nickname", n_("Nickname"), rank=3),
    Column("product", n_("Product"), Kind.LINK, rank=2),
    Column("state", n_("State"), Kind.STATUS),
    Column("last_seen_at", n_("Last seen"), Kind.TIME, rank=2),
    Column("tags", n_("Tags"), Kind.TAGS, rank=3),
)
_EVERY_S = 5.0


@page("/devices", n_("Devices"))
async def devices() -> None:
    """Show devices; the address says which."""
    asked = Asked.of(context.client.request.query_params)
    names = ProductNames()
    operates = max(view().actor.roles.values(), default=0) >= Role.OPERATOR
    with frame.heading(_("Devices")):
        if operates:
            there = with_filters("/console/devices/new", product=asked.product)
            ui.button(_("Create devices"), icon="add", on_click=lambda: go(there)).props("unelevated")

    async def load(cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.search.page(
            await seen.act(), asked.filter(), order=asked.sorting, cursor=cursor, limit=asked.limit
        )
        await names.learn(row.device.key.product_key for row in found.items)
        return Rows(
            [_row(row, names) for row in found.items], found.next, total_of(found.total, more=found.total_is_more)
        )

    async def again() -> None:
        await table.show(first=True)

    async def table_again() -> None:
        await table.show()

    async def look() -> bool:
        await table.refresh()
        if bar is not None:
            bar.judge()
        return True

    await draw_filters(asked, again)
    bar = BulkBar(lambda: table.selected, table_again) if operates else None
    empty = _("No device matches.") if asked.narrow else _("There are no devices yet: create the first ones.")
    table = PagedTable(_COLUMNS, load, empty=empty, selection=operates, on_select=None if bar is None else bar.judge)
    await table.show()
    live(look, _EVERY_S)


def _row(row: DeviceRow, names: ProductNames) -> dict[str, Any]:
    device = row.device
    return {
        "key": str(device.key),
        "device_name": device.key.device_name,
        "device_name_href": device_place(device.key),
        "nickname": device.nickname,
        **names.cells(device.key.product_key),
        "state": device.state.value,
        "online": device.online,
        "last_seen_at": device.last_seen_at,
        "tags": row.tags,
    }
