"""What a device ran, module by module, and since when: read from the event log, for as long as that is kept."""

from typing import Any

from nicegui import ui

from linkops.accounts.trail.model import EventFilter, EventLine
from linkops.console.pages.devices.opened import Opened
from linkops.console.parts.panels import panel
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.events.kinds import VERSION_CHANGED

_COLUMNS = (
    Column("at", n_("Changed at"), Kind.TIME),
    Column("module", n_("Module"), Kind.CODE),
    Column("before", n_("From version"), Kind.CODE),
    Column("after", n_("New version"), Kind.CODE),
)
_PER_PAGE = 20
_NEWEST = 2**62


async def show_history(opened: Opened) -> PagedTable:
    """Draw the changes of versions, the newest first, and return their table."""
    wanted = EventFilter(kind=VERSION_CHANGED, product_key=opened.key.product_key, device_name=opened.key.device_name)

    async def load(cursor: str | None) -> Rows:
        seen, before = view(), _NEWEST if cursor is None else int(cursor)
        lines = await seen.services.trail.events(await seen.act(), wanted, before, _PER_PAGE)
        beyond = str(lines[-1].id) if len(lines) == _PER_PAGE else None
        return Rows([_row(line) for line in lines], beyond)

    with panel(_("Versions until now")):
        days = view().settings.keep_events_days
        ui.label(_("As the device reported them. Changes are kept for {days} days.", days=days)).classes("hint")
        table = PagedTable(_COLUMNS, load, empty=_("No module has changed its version in this time."))
    await table.show()
    return table


def _row(line: EventLine) -> dict[str, Any]:
    return {
        "key": str(line.id),
        "at": line.at,
        "module": line.body["moduleName"],
        "before": line.body.get("srcVersion", ""),  # events of older servers do not say
        "after": line.body["moduleVersion"],
    }
