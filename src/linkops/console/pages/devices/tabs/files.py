"""The files that a device uploaded."""

from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.devices.opened import Opened
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.names import named
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.files.model import DeviceFile, FileFilter, FileOrder

_REST = (
    Column("size", n_("Size"), Kind.SIZE),
    Column("created_at", n_("Uploaded"), Kind.TIME, rank=2),
    Column("checked", n_("Check sum"), rank=3),
    Column("sha256", "SHA-256", Kind.CODE, rank=3),
)
_ORDERS = {
    FileOrder.NEWEST: n_("Newest first"),
    FileOrder.OLDEST: n_("Oldest first"),
    FileOrder.NAME: n_("By name"),
    FileOrder.LARGEST: n_("Largest first"),
}


async def build(opened: Opened) -> None:
    """Draw the tab."""
    await _Files(opened).again()


class _Files:
    """The list, its filters, and deleting what is ticked."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._asked: dict[str, Any] = {"name": "", "order": FileOrder.NEWEST}
        with named(ui.row(), _("Filters")).classes("filters").props("role=search"):
            name = ui.input(_("Name begins with")).props("outlined dense clearable debounce=300").classes("filter")
            name.bind_value_to(self._asked, "name").on_value_change(action(self.again))
            orders = {order: _(word) for order, word in _ORDERS.items()}
            order = ui.select(orders, value=FileOrder.NEWEST, label=_("Order")).props("outlined dense")
            order.classes("filter").bind_value_to(self._asked, "order").on_value_change(action(self.again))
            look = ui.button(icon="refresh", on_click=action(self.again)).props("flat dense round")
            named(look, _("Look again"))
        self._delete = ui.button(icon="delete", on_click=action(self._ask_delete)).props("outline dense")
        self._delete.set_visibility(False)
        # What is in a file may be private: who may only look sees that it is there.
        name_kind = Kind.LINK if opened.operates else Kind.TEXT
        self._table = PagedTable(
            (Column("file_name", n_("File"), name_kind), *_REST),
            self._load,
            empty=_("The device has uploaded no files."),
            selection=opened.operates,
            on_select=self._judge,
        )

    async def again(self) -> None:
        """Show the first page."""
        await self._table.show(first=True)
        self._judge()

    def _judge(self) -> None:
        count = len(self._table.selected)
        self._delete.set_visibility(count > 0)
        self._delete.text = _("Delete {count}", count=f"{count:,}")

    async def _load(self, cursor: str | None) -> Rows:
        seen, key = view(), self._opened.key
        prefix = (self._asked["name"] or "").strip()
        wanted = FileFilter(product_key=key.product_key, device_name=key.device_name, name_prefix=prefix)
        files = seen.services.device_files
        found = await files.page(await seen.act(), wanted, order=self._asked["order"], cursor=cursor)
        return Rows([_row(file) for file in found.items], found.next, total_of(found.total, more=found.total_is_more))

    async def _ask_delete(self) -> None:
        ids = [int(row["key"]) for row in self._table.selected]

        async def delete() -> None:
            seen = view()
            deleted = await seen.services.device_files.delete(await seen.act(), ids)
            ui.notify(_("{count} files deleted", count=f"{deleted:,}"), type="positive")
            await self.again()

        text = _("{count} files are deleted for good.", count=len(ids))
        confirm(_("Delete files"), text, delete, button=_("Delete"), typed=f"{len(ids)}")


def _row(file: DeviceFile) -> dict[str, Any]:
    return {
        "key": str(file.id),
        "file_name": file.file_name,
        "file_name_href": f"/console/device-files/{file.id}/content",
        "size": file.size_bytes,
        "created_at": file.created_at,
        "checked": _("as the device said") if file.checked else _("not told by the device"),
        "sha256": file.sha256[:16] + "…",
    }
