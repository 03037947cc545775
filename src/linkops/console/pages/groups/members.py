"""The devices of a group: looked at in pages; added by name or by a list, and taken out."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.groups.importing import ask_for_list
from linkops.console.parts.dialog_forms import asking
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.live import live
from linkops.console.parts.panels import panel
from linkops.console.parts.places import device_place
from linkops.console.parts.product_names import ProductNames
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.access import MAX_BULK
from linkops.devices.groups.model import Group, GroupKind
from linkops.devices.model import DeviceKey
from linkops.devices.search.model import DeviceRow
from linkops.errors import Invalid, NotFound

_COLUMNS = (
    Column("device", n_("Device"), Kind.LINK),
    Column("product", n_("Product"), Kind.LINK, rank=2),
    Column("state", n_("State"), Kind.STATUS),
    Column("last_seen_at", n_("Last seen"), Kind.TIME, rank=2),
    Column("tags", n_("Tags"), Kind.TAGS, rank=3),
)


class MemberList:
    """The list, followed as it changes; ``may``: whether devices can be put in and taken out."""

    def __init__(self, group: Group, *, may: bool) -> None:
        self._group = group
        self._may = may
        self._direct = False
        self._products = ProductNames()

    async def build(self) -> None:
        """Draw it."""
        with panel(_("Devices")) as head:
            with head:
                self._draw_head()
            self._table = PagedTable(_COLUMNS, self._load, empty=self._empty(), selection=self._may)
        await self._table.show()
        live(self._look, 5.0)

    def _draw_head(self) -> None:
        if self._group.sub_groups:
            own = ui.switch(_("Only its own, without those of groups below it"))
            own.bind_value_to(self, "_direct").on_value_change(action(self._again))
        if self._may:
            ui.button(_("Take out"), icon="remove", on_click=action(self._ask_remove)).props("flat")
            ui.button(_("Upload a list"), icon="upload", on_click=lambda: ask_for_list(self._group, self._again)).props(
                "flat"
            )
            ui.button(_("Add devices"), icon="add", on_click=self._ask_add).props("unelevated")

    def _empty(self) -> str:
        if self._group.kind is GroupKind.DYNAMIC:
            return _("No device fulfils the query now.")
        return _("There are no devices in it. Add them by name, or upload a list.")

    async def _load(self, cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.members.page(
            await seen.act(), self._group.id, direct=self._direct, cursor=cursor, limit=50
        )
        await self._products.learn(row.device.key.product_key for row in found.items)
        rows = [_row(row) | self._products.cells(row.device.key.product_key) for row in found.items]
        return Rows(rows, found.next, total_of(found.total, more=found.total_is_more))

    async def _again(self) -> None:
        await self._table.show(first=True)

    async def _look(self) -> bool:
        await self._table.refresh()
        return True

    def _ask_add(self) -> None:
        of = self._group.product_key
        with asking(_("Add devices")) as dialog:
            label = _("Device names, one a line") if of else _("Devices as product key/device name, one a line")
            names = dialog.form.field("devices", ui.textarea(label).props("autofocus rows=8").classes("mono-input"))
            names.props["hint"] = _("Up to {most} at once; more with a list.", most=MAX_BULK)

            async def add() -> None:
                seen = view()
                keys = _keys(str(names.value or ""), of)
                try:
                    added = await seen.services.members.add(await seen.act(), self._group.id, keys)
                except NotFound as refused:  # say it where the names stand
                    raise Invalid(refused.code, field="devices", **refused.params) from None
                ui.notify(_("Devices added: {count}", count=added), type="positive")
                await self._again()

            dialog.buttons(_("Add"), add)

    async def _ask_remove(self) -> None:
        chosen = [DeviceKey(*str(row["key"]).split("/", 1)) for row in self._table.selected]
        if not chosen:
            ui.notify(_("Tick the devices that are to be taken out."))
            return

        async def remove() -> None:
            seen = view()
            removed = await seen.services.members.remove(await seen.act(), self._group.id, chosen)
            ui.notify(_("Devices taken out: {count}", count=removed), type="positive")
            await self._again()

        text = _(
            "Devices to take out: {count}. Updates that they are part of go on. Devices of groups below it stay there.",
            count=len(chosen),
        )
        title = _("Take devices out of {name}?", name=self._group.name)
        confirm(title, text, remove, button=_("Take out"))


def _keys(text: str, product_key: str | None) -> Sequence[DeviceKey]:
    """Return the devices that are named; each once."""
    names = dict.fromkeys(part for part in text.replace(",", "\n").split() if part)
    keys = []
    for name in names:
        of, slash, device_name = name.partition("/")
        keys.append(DeviceKey(of, device_name) if slash else DeviceKey(product_key or "", name))
    return keys


def _row(row: DeviceRow) -> dict[str, Any]:
    device = row.device
    return {
        "key": str(device.key),
        "device": device.key.device_name,
        "device_href": device_place(device.key),
        "state": device.state.value,
        "last_seen_at": device.last_seen_at,
        "tags": row.tags,
    }
