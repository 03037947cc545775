"""What happened to one device's part of a rollout."""

from nicegui import ui

from linkops.console.pages.jobs.words import STATUSES
from linkops.console.parts.panels import Fact, facts
from linkops.console.parts.status import chip
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _
from linkops.console.view import view
from linkops.ota.model import Task, TaskChange


async def show_history(task_id: str) -> None:
    """Open a dialog with a task and everything that happened to it."""
    seen = view()
    task, changes = await seen.services.ota.tasks.history(await seen.act(), int(task_id))
    with ui.dialog() as dialog, ui.card().classes("form"):
        ui.label(task.device_name or _("(deleted)")).classes("dialog-title").props("role=heading aria-level=2")
        facts(_facts(task))
        with ui.element("ol").classes("happened"):
            _line(exact(task.created_at), ago(task.created_at), "", _("The device was selected"))
            for change in changes:
                _change(change)
        with ui.row().classes("dialog-actions"):
            ui.button(_("Close"), on_click=dialog.close).props("flat autofocus")
    dialog.props["aria-label"] = task.device_name or _("(deleted)")
    dialog.on("hide", dialog.delete)
    dialog.open()


def _facts(task: Task) -> list[Fact]:
    return [
        Fact(_("State"), _(STATUSES[task.status])),
        Fact(_("From version"), task.source_version, code=True),
        Fact(_("To version"), task.version, code=True),
        Fact(_("Percent"), "" if task.step is None else f"{task.step} %"),
        Fact(_("Device said"), task.description),
        Fact(_("Offers"), f"{task.attempt}"),
        Fact(_("Tries again"), exact(task.retry_at)),
        Fact(_("Times out"), exact(task.timeout_at)),
    ]


def _change(change: TaskChange) -> None:
    text = change.reason or ""
    if change.attempt:
        text = f"{text} " + _("(offer {number})", number=change.attempt)
    _line(exact(change.at), ago(change.at), change.status, text.strip())


def _line(at: str, since: str, status: str, text: str) -> None:
    with ui.element("li"):
        ui.label(since).classes("muted").props["title"] = at
        if status:
            chip(status)
        ui.label(text).classes("happened-text")
