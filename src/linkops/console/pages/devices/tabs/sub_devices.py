"""The sub-devices of a gateway, and how others come to it."""

from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.devices.bulk import key_of
from linkops.console.pages.devices.opened import Opened
from linkops.console.pages.devices.tabs.binding import ask_to_bind
from linkops.console.pages.devices.tabs.joining import Joining
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.live import live
from linkops.console.parts.names import named
from linkops.console.parts.places import device_place
from linkops.console.parts.product_names import ProductNames
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.topology.model import SubDevice

_COLUMNS = (
    Column("device_name", n_("Device"), Kind.LINK),
    Column("nickname", n_("Nickname"), rank=3),
    Column("product", n_("Product"), Kind.LINK, rank=2),
    Column("state", n_("State"), Kind.STATUS),
    Column("last_seen_at", n_("Last seen"), Kind.TIME, rank=2),
    Column("added_at", n_("On this gateway"), Kind.TIME, rank=3),
)
_EVERY_S = 5.0


async def build(opened: Opened) -> None:
    """Draw the tab."""
    subs = _SubDevices(opened)
    await subs.again()
    joining = Joining(opened, subs.again)
    await joining.again()

    async def look() -> bool:
        await subs.refresh()
        await joining.again()
        return True

    live(look, _EVERY_S)


class _SubDevices:
    """The list, its filters, and what can be done with the rows that are ticked."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._products = ProductNames()
        self._asked: dict[str, Any] = {"name": "", "state": ""}
        with named(ui.row(), _("Filters")).classes("filters").props("role=search"):
            name = ui.input(_("Name begins with")).props("outlined dense clearable debounce=300").classes("filter")
            name.bind_value_to(self._asked, "name").on_value_change(action(self.again))
            states = {"": _("Any state"), "online": _("Online"), "offline": _("Not online")}
            state = ui.select(states, value="", label=_("State")).props("outlined dense").classes("filter")
            state.bind_value_to(self._asked, "state").on_value_change(action(self.again))
            ui.space()
            if opened.operates:
                ui.button(_("Add sub-devices"), icon="add", on_click=action(self._add)).props("unelevated")
        self._off = ui.button(icon="link_off", on_click=action(self._ask_off)).props("outline dense")
        self._off.set_visibility(False)
        self._table = PagedTable(
            _COLUMNS,
            self._load,
            empty=_("No sub-device hangs on this gateway."),
            selection=opened.operates,
            on_select=self._judge,
        )

    async def again(self) -> None:
        """Show the first page."""
        await self._table.show(first=True)
        self._judge()

    async def refresh(self) -> None:
        """Bring the page that is shown up to date."""
        await self._table.refresh()
        self._judge()

    async def _load(self, cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.topology.page(
            await seen.act(),
            self._opened.key,
            online={"online": True, "offline": False}.get(self._asked["state"]),
            prefix=(self._asked["name"] or "").strip(),
            cursor=cursor,
        )
        await self._products.learn(sub.device.key.product_key for sub in found.items)
        rows = [_row(sub) | self._products.cells(sub.device.key.product_key) for sub in found.items]
        return Rows(rows, found.next, total_of(found.total, more=found.total_is_more))

    def _judge(self) -> None:
        count = len(self._table.selected)
        self._off.set_visibility(count > 0)
        self._off.text = _("Take {count} off the gateway", count=f"{count:,}")

    async def _add(self) -> None:
        await ask_to_bind(self._opened.key, self.again)

    async def _ask_off(self) -> None:
        keys = [key_of(row) for row in self._table.selected]

        async def unbind() -> None:
            seen = view()
            changed = await seen.services.topology.unbind(await seen.act(), self._opened.key, keys)
            ui.notify(_("Devices taken off the gateway: {count}", count=f"{changed:,}"), type="positive")
            await self.again()

        text = _(
            "Selected: {count}. They are taken from this gateway, which is told; their sessions end.", count=len(keys)
        )
        confirm(_("Take off the gateway"), text, unbind, button=_("Take off"))


def _row(sub: SubDevice) -> dict[str, Any]:
    device = sub.device
    return {
        "key": str(device.key),
        "device_name": device.key.device_name,
        "device_name_href": device_place(device.key),
        "nickname": device.nickname,
        "state": device.state.value,
        "last_seen_at": device.last_seen_at,
        "added_at": sub.added_at,
    }
