"""The list of devices."""

from typing import Any
from urllib.parse import quote

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import DeviceKey
from linkops.devices.search.model import DeviceFilter, DeviceRow, Order

_COLUMNS = (
    Column("device_name", n_("Device"), Kind.LINK),
    Column("nickname", n_("Nickname"), rank=3),
    Column("product_key", n_("Product"), Kind.LINK, rank=2),
    Column("state", n_("State"), Kind.STATUS),
    Column("last_seen_at", n_("Last seen"), Kind.TIME, rank=2),
    Column("tags", n_("Tags"), Kind.TAGS, rank=3),
)
_STATES = {"": n_("Any state"), "online": n_("Online"), "offline": n_("Offline"), "disabled": n_("Disabled")}
_ORDERS = {
    Order.NAME: n_("By name"),
    Order.NEWEST: n_("Newest first"),
    Order.OLDEST: n_("Oldest first"),
    Order.LAST_SEEN: n_("Last seen first"),
}


@page("/devices", n_("Devices"))
async def devices(product: str = "", state: str = "") -> None:
    """Show devices with filters; the address carries the first of them."""
    frame.heading(_("Devices"))
    state = state if state in _STATES else ""
    asked: dict[str, Any] = {"product": product, "state": state, "name": "", "order": Order.NAME}

    async def load(cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.search.page(
            await seen.act(), _filter(asked), order=asked["order"], cursor=cursor, limit=50
        )
        return Rows([_row(row) for row in found.items], found.next, total_of(found.total, more=found.total_is_more))

    async def again() -> None:
        await table.show(first=True)

    with ui.row().classes("filters"):
        name = ui.input(_("Name begins with")).props("outlined dense clearable debounce=300").classes("filter")
        name.bind_value_to(asked, "name").on_value_change(action(again))
        choice = ui.select({key: _(word) for key, word in _STATES.items()}, value=asked["state"], label=_("State"))
        choice.props("outlined dense").classes("filter").bind_value_to(asked, "state").on_value_change(action(again))
        order = ui.select({key: _(word) for key, word in _ORDERS.items()}, value=asked["order"], label=_("Order"))
        order.props("outlined dense").classes("filter").bind_value_to(asked, "order").on_value_change(action(again))
    table = PagedTable(_COLUMNS, load, empty=_("No device matches. Create devices on the page of their product."))
    await table.show()


def _filter(asked: dict[str, Any]) -> DeviceFilter:
    online = {"online": True, "offline": False}.get(asked["state"])
    return DeviceFilter(
        product_key=asked["product"] or None,
        name_prefix=asked["name"] or "",
        online=online,
        enabled=False if asked["state"] == "disabled" else None,
    )


def _row(row: DeviceRow) -> dict[str, Any]:
    device = row.device
    return {
        "key": str(device.key),
        "device_name": device.key.device_name,
        "device_name_href": device_path(device.key),
        "nickname": device.nickname,
        "product_key": device.key.product_key,
        "product_key_href": f"/console/products/{device.key.product_key}",
        "state": device.state.value,
        "last_seen_at": device.last_seen_at,
        "tags": row.tags,
    }


def device_path(key: DeviceKey) -> str:
    """Return the address of a device's page."""
    return f"/console/products/{quote(key.product_key)}/devices/{quote(key.device_name, safe='')}"
