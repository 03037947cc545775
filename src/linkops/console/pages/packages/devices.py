"""All devices that a package was offered to, over all of its batches."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.address import remember
from linkops.console.parts.places import device_place
from linkops.console.parts.status import look_of
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import DeviceKey
from linkops.ota.model import Package, Task, TaskStatus

_COLUMNS = (
    Column("device", n_("Device"), Kind.LINK),
    Column("status", n_("State"), Kind.STATUS),
    Column("step", n_("Progress in %"), Kind.NUMBER, rank=2),
    Column("reason", n_("What it said last"), rank=2),
    Column("source", n_("Source version"), Kind.CODE, rank=3),
    Column("batch", n_("Batch"), Kind.LINK),
    Column("updated_at", n_("Changed at"), Kind.TIME, rank=2),
)


class DeviceList:
    """The tab: filters with counts, and the table."""

    def __init__(self, package: Package, status: str, device: str) -> None:
        self._package = package
        self._status = status if status in set(TaskStatus) else ""
        self._prefix = device[:64]

    async def draw(self) -> None:
        """Draw it."""
        with ui.row().classes("filters"):
            name = ui.input(_("Name begins with"), value=self._prefix)
            name.props("outlined dense clearable debounce=300 maxlength=64").classes("filter")
            name.on_value_change(action(lambda change: self._again(prefix=change.value or "")))
            self._choice = ui.select(await self._options(), value=self._status, label=_("State"))
            self._choice.props("outlined dense").classes("filter")
            self._choice.on_value_change(action(lambda change: self._again(status=change.value or "")))
        self._table = PagedTable(_COLUMNS, self._load, empty=_("No device matches."))
        await self._table.show()

    async def refresh(self) -> None:
        """Bring it up to date, if somebody sees it."""
        self._choice.set_options(await self._options(), value=self._status)
        await self._table.show()

    async def _options(self) -> dict[str, str]:
        seen = view()
        counts = await seen.services.ota.package_tasks.counts(await seen.act(), self._package.id)
        any_state = {"": _("Any: {count}", count=f"{sum(counts.values()):,}")}
        return any_state | {status.value: f"{_(look_of(status).word)}: {count:,}" for status, count in counts.items()}

    async def _again(self, *, status: str | None = None, prefix: str | None = None) -> None:
        before = (self._status, self._prefix)
        self._status = self._status if status is None else status
        self._prefix = self._prefix if prefix is None else prefix
        if (self._status, self._prefix) != before:
            remember(tab="devices", status=self._status, device=self._prefix)
            await self._table.show(first=True)

    async def _load(self, cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.ota.package_tasks.page(
            await seen.act(),
            self._package.id,
            status=TaskStatus(self._status) if self._status else None,
            prefix=self._prefix,
            cursor=cursor,
            limit=50,
        )
        rows = [task_row(task, self._package.product_key) for task in found.items]
        return Rows(rows, found.next, "" if self._prefix else total_of(found.total, more=found.total_is_more))


def task_row(task: Task, product_key: str) -> Mapping[str, Any]:
    """Return a task as a row of a table."""
    return {
        "key": str(task.id),
        "device": task.device_name or _("deleted device"),
        "device_href": device_place(DeviceKey(product_key, task.device_name)) if task.device_name else None,
        "status": task.status.value,
        "step": task.step,
        "reason": task.description,
        "source": task.source_version,
        "batch": f"#{task.job_id}",
        "batch_href": f"/console/jobs/{task.job_id}",
        "updated_at": task.updated_at,
    }
