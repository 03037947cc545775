"""Canceling a rollout: which of its tasks, and whether it is over then."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from linkops.console.pages.jobs.words import STATUSES
from linkops.console.parts.forms import Form
from linkops.console.texts import _
from linkops.console.view import view
from linkops.ota.jobs.canceling import MAX_REASON_CHARS
from linkops.ota.model import LIVE, Job, JobStatus, TaskStatus

_ALL_BUT_UPDATING = frozenset(LIVE) - {TaskStatus.IN_PROGRESS}


def ask_what_to_cancel(job: Job, again: Callable[[], Awaitable[None]]) -> None:
    """Ask which tasks end, and why; nothing is sent to devices."""
    form, boxes = Form(), dict[TaskStatus, ui.checkbox]()
    with ui.dialog() as dialog, ui.card().classes("form"):
        ui.label(_("Cancel the rollout?")).classes("dialog-title").props("role=heading aria-level=2")
        ui.label(_("Nothing is sent to devices: one that is updating may still finish, and report its new version."))
        for status in LIVE:
            count = f"{job.counts[status]:,}"
            label = _("{state}: {count} devices", state=_(STATUSES[status]), count=count)
            boxes[status] = ui.checkbox(label, value=status in _ALL_BUT_UPDATING).props("dense")
        over = ui.checkbox(_("The rollout is over then: it cannot be taken up again, only started as a new one"))
        over.props("dense").set_value(True)
        reason = form.field("reason", ui.input(_("Reason, for those who ask later"))).props(
            f"maxlength={MAX_REASON_CHARS}"
        )
        given = form.field("typed", ui.input(_("Type {text} to go on", text=job.version)))

        async def cancel() -> None:
            seen = view()
            statuses = [status for status, box in boxes.items() if box.value]
            jobs = seen.services.ota.jobs
            done = await jobs.cancel(await seen.act(), job.id, statuses, reason.value or "", stop=bool(over.value))
            ended = job.counts[TaskStatus.CANCELED]
            dialog.close()
            ui.notify(_("{count} tasks were canceled.", count=f"{done.counts[TaskStatus.CANCELED] - ended:,}"))
            await again()

        with ui.row().classes("dialog-actions"):
            ui.button(_("Back"), on_click=dialog.close).props("flat")
            yes = form.button(_("Cancel the rollout"), cancel).props("color=negative")
    yes.disable()

    def judge(_event: Any = None) -> None:
        some = bool(over.value) or any(box.value for box in boxes.values())
        yes.set_enabled(some and given.value == job.version)

    for element in (given, over, *boxes.values()):
        element.on_value_change(judge)
    over.set_visibility(job.status is not JobStatus.CANCELED)
    dialog.props["aria-label"] = _("Cancel the rollout?")
    dialog.on("hide", dialog.delete)
    dialog.open()
