"""One update of a device: what happened, and what an operator can do about it."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.links import Link
from linkops.console.parts.panels import Fact, facts
from linkops.console.parts.places import job_place
from linkops.console.parts.status import chip
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.ota.model import LIVE, FailureKind, Task, TaskChange, TaskStatus

FAILURES = {
    FailureKind.CONFLICT: n_("Another update was not finished"),
    FailureKind.UPDATE: n_("Update failed (-1)"),
    FailureKind.DOWNLOAD: n_("Download failed (-2)"),
    FailureKind.VERIFY: n_("Check of the file failed (-3)"),
    FailureKind.FLASH: n_("Flashing failed (-4)"),
    FailureKind.TIMEOUT: n_("Timed out"),
    FailureKind.WRONG_VERSION: n_("Came up with another version"),
}
Again = Callable[[], Awaitable[None]]


async def show_update(task_id: int, again: Again, *, operates: bool) -> None:
    """Open the dialog; ``again`` is called when something was changed."""
    seen = view()
    task, changes = await seen.services.ota.tasks.history(await seen.act(), task_id)
    with ui.dialog() as dialog, ui.card().classes("form"):
        ui.label(f"{task.package_name} {task.version}").classes("dialog-title").props("role=heading aria-level=2")
        with ui.row():
            chip(task.status)
            Link(_("To the rollout"), job_place(task.job_id))
        facts(_facts(task))
        with ui.element("ol").classes("device-history"):
            _line(task.created_at, "", _("The device was selected"))
            for change in changes:
                _line(change.at, change.status, _told(change))
        with ui.row().classes("dialog-actions"):
            if operates:
                _buttons(task, dialog, again)
            ui.button(_("Close"), on_click=dialog.close).props("flat autofocus")
    dialog.props["aria-label"] = f"{task.package_name} {task.version}"
    dialog.on("hide", dialog.delete)
    dialog.open()


def _buttons(task: Task, dialog: ui.dialog, again: Again) -> None:
    def button(label: str, do: Callable[[Task], Awaitable[int]]) -> None:
        async def pressed() -> None:
            changed = await do(task)
            text = _("Done") if changed else _("Nothing to do: the update has gone on meanwhile.")
            ui.notify(text, type="positive" if changed else "info")
            dialog.close()
            await again()

        ui.button(label, on_click=action(pressed)).props("outline")

    if task.status is TaskStatus.CONFIRM:
        button(_("Confirm"), _confirm)
    if task.status in LIVE:
        button(_("Cancel the update"), _cancel)
    if task.status in (TaskStatus.FAILED, TaskStatus.CANCELED):
        button(_("Update again"), _update_again)


async def _confirm(task: Task) -> int:
    seen = view()
    return await seen.services.ota.task_changes.confirm(await seen.act(), [task.id])


async def _cancel(task: Task) -> int:
    seen = view()
    job = await seen.services.ota.jobs.get(await seen.act(), task.job_id)
    changes = seen.services.ota.task_changes
    return await changes.cancel(seen.actor, job.package_id, [task.device_name], task.job_id)


async def _update_again(task: Task) -> int:
    seen = view()
    return await seen.services.ota.task_changes.update_again(await seen.act(), task.job_id, [task.id])


def _facts(task: Task) -> list[Fact]:
    kind = FAILURES.get(task.failure_kind)
    return [
        Fact(_("From version"), task.source_version, code=True),
        Fact(_("To version"), task.version, code=True),
        Fact(_("Percent"), "" if task.step is None else f"{task.step} %"),
        Fact(_("Reason"), "" if kind is None else _(kind)),
        Fact(_("Device said"), task.description),
        Fact(_("Offers"), f"{task.attempt}"),
        Fact(_("Tries again"), exact(task.retry_at)),
        Fact(_("Times out"), exact(task.timeout_at)),
    ]


def _told(change: TaskChange) -> str:
    offer = _("(offer {number})", number=change.attempt) if change.attempt else ""
    return f"{change.reason} {offer}".strip()


def _line(at: int, status: str, text: str) -> None:
    with ui.element("li"):
        ui.label(ago(at)).classes("muted").props["title"] = exact(at)
        if status:
            chip(status)
        ui.label(text).classes("device-history-text")
