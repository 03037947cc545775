"""What became of each device of a rollout, and what can be done about single ones."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, urlencode

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.jobs.history import show_history
from linkops.console.pages.jobs.words import STATUSES
from linkops.console.parts.address import remember
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.failures import FAILURES
from linkops.console.parts.links import Link
from linkops.console.parts.names import named
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.paging import Page
from linkops.events.actor import Role
from linkops.ota.model import LIVE, FailureKind, Job, JobStatus, Task, TaskStatus
from linkops.ota.tasks.service import TaskFilter

_PER_PAGE = 50
_COLUMNS = (
    Column("device_name", n_("Device"), Kind.LINK),
    Column("status", n_("State"), Kind.STATUS),
    Column("step", n_("Percent"), Kind.NUMBER, rank=2),
    Column("reason", n_("Reason"), rank=2),
    Column("source_version", n_("From version"), Kind.CODE, rank=3),
    Column("attempt", n_("Offers"), Kind.NUMBER, rank=3),
    Column("updated_at", n_("Changed at"), Kind.TIME, rank=2),
    Column("history", "", Kind.OPEN),
)


class TaskList:
    """The table with its filters and what can be done with the rows that are ticked."""

    def __init__(self, job: Job, asked: dict[str, str], again: Callable[[], Awaitable[None]]) -> None:
        self._job = job
        self._again = again
        self._asked: dict[str, Any] = {
            "status": asked["status"] if asked["status"] in set(TaskStatus) else "",
            "failure": asked["failure"] if asked["failure"] in FAILURES else "",
            "device": asked["device"],
        }
        self._operates = view().actor.may(Role.OPERATOR, job.product_id)
        self._draw_filters()
        self._buttons = self._draw_buttons() if self._operates else {}
        self._table = PagedTable(
            _COLUMNS,
            self._load,
            empty=_("No device matches."),
            selection=self._operates,
            on_open=show_history,
            on_select=self._judge,
        )
        self._judge()

    async def show(self) -> None:
        """Show the first page."""
        await self._table.show(first=True)

    async def refresh(self, job: Job) -> None:
        """Bring the page that is shown up to date, for what the rollout is by now."""
        self._job = job
        await self._table.refresh()
        self._judge()

    def _draw_filters(self) -> None:
        states = {"": _("Any state")} | {status: _(label) for status, label in STATUSES.items()}
        failures = {"": _("Any reason")} | {kind: _(label) for kind, label in FAILURES.items()}
        with named(ui.row(), _("Filters")).classes("filters").props("role=search"):
            for key, label, options in (("status", _("State"), states), ("failure", _("Reason"), failures)):
                choice = ui.select(options, label=label, value=self._asked[key])
                choice.props("outlined dense options-dense").classes("filter")
                choice.bind_value_to(self._asked, key).on_value_change(action(self._filtered))
            name = ui.input(_("Device name begins with"), value=self._asked["device"]).classes("filter")
            name.props("outlined dense clearable debounce=300")
            name.bind_value_to(self._asked, "device").on_value_change(action(self._filtered))
            ui.space()
            self._file = Link(_("Download as CSV"), self._file_path()).props("download")

    def _file_path(self) -> str:
        asked = {"status": self._asked["status"], "failure_kind": self._asked["failure"]}
        return f"/console/jobs/{self._job.id}/tasks.csv?{urlencode({k: v for k, v in asked.items() if v})}"

    def _draw_buttons(self) -> dict[str, ui.button]:
        wanted = {
            "again": (_("Update again"), "replay", self._ask_again),
            "confirm": (_("Confirm"), "task_alt", self._confirm),
            "cancel": (_("Cancel these"), "cancel", self._ask_cancel),
        }
        with ui.row().classes("filters"):
            self._ticked = ui.label().classes("muted").props("aria-live=polite")
            return {
                name: ui.button(label, icon=icon, on_click=action(do)).props("outline dense padding='2px 10px'")
                for name, (label, icon, do) in wanted.items()
            }

    async def _filtered(self) -> None:
        remember(tab="tasks", **self._asked)
        self._file.props["href"] = self._file_path()
        self._file.update()
        await self._table.show(first=True)

    async def _load(self, cursor: str | None) -> Rows:
        seen, asked, tasks = view(), self._asked, view().services.ota.tasks
        wanted = TaskFilter(
            status=TaskStatus(asked["status"]) if asked["status"] else None,
            failure_kind=FailureKind(asked["failure"]) if asked["failure"] else None,
        )
        actor, prefix = await seen.act(), (asked["device"] or "").strip()
        found: Page[Task]
        if prefix:
            found = await tasks.by_device_name(
                actor, self._job.id, wanted, prefix=prefix, cursor=cursor, limit=_PER_PAGE
            )
        else:
            found = await tasks.of_job(actor, self._job.id, wanted, cursor=cursor, limit=_PER_PAGE)
        total = "" if prefix else total_of(found.total, more=found.total_is_more)
        return Rows([_row(task, self._job) for task in found.items], found.next, total)

    def _judge(self) -> None:
        """Show what can be done with the rows that are ticked."""
        if not self._operates:
            return
        rows = self._table.selected
        able = {
            "again": _over(self._job) and any(row["ended"] for row in rows),
            "confirm": any(row["state"] == TaskStatus.CONFIRM for row in rows),
            "cancel": any(row["state"] in LIVE for row in rows),
        }
        self._ticked.text = (
            _("{count} ticked", count=len(rows)) if rows else _("Tick devices to do something with them")
        )
        for name, button in self._buttons.items():
            button.set_visibility(bool(able[name]))

    async def _confirm(self) -> None:
        seen = view()
        tasks = [row["key"] for row in self._table.selected if row["state"] == TaskStatus.CONFIRM]
        changed = await seen.services.ota.task_changes.confirm(await seen.act(), tasks)
        ui.notify(_("{count} devices are offered the update now.", count=changed), type="positive")
        await self._again()

    async def _ask_again(self) -> None:
        tasks = [row["key"] for row in self._table.selected if row["ended"]]

        async def begin() -> None:
            seen = view()
            changed = await seen.services.ota.task_changes.update_again(await seen.act(), self._job.id, tasks)
            ui.notify(_("{changed} devices begin again.", changed=changed), type="positive")
            await self._again()

        text = _("{count} devices are offered the update once more.", count=len(tasks))
        confirm(_("Update these devices again?"), text, begin, button=_("Update again"), dangerous=False)

    async def _ask_cancel(self) -> None:
        names = [row["device_name"] for row in self._table.selected if row["state"] in LIVE and row["device_name"]]

        async def cancel() -> None:
            seen, job = view(), self._job
            changes = seen.services.ota.task_changes
            canceled = await changes.cancel(await seen.act(), job.package_id, names, job.id)
            ui.notify(_("{count} tasks were canceled.", count=canceled))
            await self._again()

        text = _(
            "The update of {count} devices is canceled. Nothing is sent to them: who is updating may still finish.",
            count=len(names),
        )
        confirm(_("Cancel the update of these devices?"), text, cancel, button=_("Cancel these"))


def _over(job: Job) -> bool:
    return job.status is not JobStatus.CANCELED


def _row(task: Task, job: Job) -> dict[str, Any]:
    product, name = quote(job.product_key), quote(task.device_name, safe="")
    return {
        "key": task.id,
        "device_name": task.device_name or _("(deleted)"),
        "device_name_href": f"/console/products/{product}/devices/{name}",
        "status": task.status.value,
        "state": task.status.value,
        "ended": task.status in {TaskStatus.FAILED, TaskStatus.CANCELED},
        "step": task.step,
        "reason": reason(task),
        "source_version": task.source_version,
        "attempt": task.attempt,
        "updated_at": task.updated_at,
        "history": _("What happened to {name}", name=task.device_name),
    }


def reason(task: Task) -> str:
    """Return why a task is as it is: the kind of failure, and what the device said."""
    said = "" if task.status is TaskStatus.SUCCEEDED else task.description
    if task.failure_kind is FailureKind.NONE:
        return said
    kind = _(FAILURES[task.failure_kind])
    return f"{kind}: {said}" if said and said != task.failure_kind else kind
