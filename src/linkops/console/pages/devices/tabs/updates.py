"""The updates of a device: what was offered, how it went, and what can be done about it."""

from typing import Any

from linkops.console.pages.devices.opened import Opened
from linkops.console.pages.devices.tabs.update_dialog import FAILURES, show_update
from linkops.console.parts.live import live
from linkops.console.parts.places import job_place
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.ota.model import Task

_COLUMNS = (
    Column("package", n_("Package"), Kind.LINK),
    Column("module", n_("Module"), Kind.CODE, rank=3),
    Column("source_version", n_("From version"), Kind.CODE, rank=2),
    Column("version", n_("To version"), Kind.CODE),
    Column("status", n_("State"), Kind.STATUS),
    Column("step", n_("Percent"), Kind.NUMBER, rank=2),
    Column("reason", n_("Reason"), rank=3),
    Column("updated_at", n_("Changed at"), Kind.TIME, rank=2),
    Column("history", "", Kind.OPEN),
)
_EVERY_S = 3.0


async def build(opened: Opened) -> None:
    """Draw the tab."""

    async def load(cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.ota.tasks.of_device(await seen.act(), opened.key, cursor=cursor)
        return Rows([_row(task) for task in found.items], found.next, total_of(found.total, more=found.total_is_more))

    async def open_update(task_id: str) -> None:
        await show_update(int(task_id), table.refresh, operates=opened.operates)

    async def look() -> bool:
        await table.refresh()
        return True

    empty = _("No update was offered to this device.")
    table = PagedTable(_COLUMNS, load, empty=empty, on_open=open_update)
    await table.show()
    live(look, _EVERY_S)


def _row(task: Task) -> dict[str, Any]:
    kind = FAILURES.get(task.failure_kind)
    return {
        "key": str(task.id),
        "package": task.package_name,
        "package_href": job_place(task.job_id),
        "module": task.module,
        "source_version": task.source_version,
        "version": task.version,
        "status": task.status,
        "step": task.step,
        "reason": " · ".join(filter(None, ("" if kind is None else _(kind), task.description))),
        "updated_at": task.updated_at,
        "history": _("What happened"),
    }
