"""What a device runs, module by module, as it reported it, and what it ran before."""

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.devices.opened import Opened
from linkops.console.pages.devices.tabs.version_history import show_history
from linkops.console.parts.names import named
from linkops.console.parts.places import with_filters
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view

_COLUMNS = (
    Column("module", n_("Module"), Kind.CODE),
    Column("alias", n_("Alias"), rank=3),
    Column("version", n_("Version"), Kind.LINK),
    Column("reported_at", n_("Last reported"), Kind.TIME, rank=2),
)


async def build(opened: Opened) -> None:
    """Draw the tab."""
    seen = view()
    modules = await seen.services.ota.modules.list(await seen.act(), opened.key.product_key)
    aliases = {module.name: module.alias for module in modules}

    async def load(_cursor: str | None) -> Rows:
        versions = await seen.services.devices.module_versions(await seen.act(), opened.key)
        rows = [
            {
                "key": one.module,
                "module": one.module,
                "alias": aliases.get(one.module, ""),
                "version": one.version,
                "version_href": with_filters(
                    "/console/devices", product=opened.key.product_key, module=one.module, version=one.version
                ),
                "reported_at": one.reported_at,
            }
            for one in versions
        ]
        return Rows(rows, None, total_of(len(rows), more=False))

    async def again() -> None:
        await table.show()
        await history.show(first=True)

    with ui.row().classes("filters"):
        ui.label(_("A version leads to all devices of the product that run it.")).classes("muted")
        ui.space()
        look = ui.button(icon="refresh", on_click=action(again)).props("flat dense round")
        named(look, _("Look again"))
    table = PagedTable(_COLUMNS, load, empty=_("The device has not reported what it runs."))
    await table.show()
    history = await show_history(opened)
