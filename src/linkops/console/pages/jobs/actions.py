"""What can be done about a rollout, by its state and by what somebody may."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.jobs.canceling import ask_what_to_cancel
from linkops.console.pages.jobs.changing import ask_for_changes
from linkops.console.pages.jobs.copying import begin_copy
from linkops.console.parts.dialogs import confirm
from linkops.console.texts import _
from linkops.console.view import view
from linkops.events.actor import Role
from linkops.ota.model import Hold, Job, JobKind, JobStatus, TaskStatus

Again = Callable[[], Awaitable[None]]


class Actions:
    """The buttons; those that make no sense now are not there, and who may only look sees none."""

    def __init__(self, job: Job, again: Again) -> None:
        """Draw them; ``again`` is called after something was done."""
        self.job = job
        self._again = again
        self._buttons: dict[str, ui.button] = {}
        if not view().actor.may(Role.OPERATOR, job.product_id):
            return
        self._button("approve", _("Approve"), "task_alt", self._approve)
        self._button("resume", _("Let it go on"), "play_arrow", self._resume)
        self._button("pause", _("Pause"), "pause", self._pause)
        self._button("retry", _("Update failed devices again"), "replay", self._ask_again)
        self._button("edit", _("Edit"), "edit", self._edit)
        self._button("copy", _("Start again as new"), "content_copy", self._copy)
        self._button("cancel", _("Cancel the rollout"), "cancel", self._cancel)

    def _button(self, name: str, label: str, icon: str, do: Callable[[], Awaitable[None]]) -> None:
        look = {"approve": "unelevated", "resume": "unelevated", "cancel": "outline color=negative"}.get(
            name, "outline"
        )
        self._buttons[name] = ui.button(label, icon=icon, on_click=action(do)).props(look).props("padding='4px 12px'")

    def show(self, job: Job) -> None:
        """Show those that make sense now."""
        self.job = job
        for name, button in self._buttons.items():
            button.set_visibility(name in possible(job))

    async def _do(self, do: Callable[[Any, int], Awaitable[Any]]) -> None:
        await do(await view().act(), self.job.id)
        await self._again()

    async def _pause(self) -> None:
        await self._do(view().services.ota.steering.pause)

    async def _resume(self) -> None:
        steering = view().services.ota.steering
        if self.job.hold is not Hold.GATE:
            await self._do(steering.resume)
            return

        async def resume() -> None:
            await self._do(steering.resume)

        confirm(
            _("Go on in spite of the failures?"),
            _("Too few devices of the last stage succeeded. The devices of the next stage are offered the update."),
            resume,
            button=_("Let it go on"),
        )

    async def _approve(self) -> None:
        seen, job = view(), self.job
        if job.created_by != seen.actor.name:
            await self._do(seen.services.ota.steering.approve)
            return

        async def override() -> None:
            await seen.services.ota.steering.approve(await seen.act(), job.id, override=True)
            await self._again()

        confirm(
            _("Approve your own rollout?"),
            _("Only the only administrator of a product may do so; the audit trail says that it was their own."),
            override,
            button=_("Approve"),
        )

    async def _ask_again(self) -> None:
        seen, job = view(), self.job
        failed = job.counts[TaskStatus.FAILED]

        async def begin() -> None:
            found = await seen.services.ota.task_changes.update_failed_again(await seen.act(), job.id)
            text = _("{changed} devices begin again.", changed=f"{found.changed:,}")
            if found.left:
                text += " " + _("{left} cannot now: they run the version, or have another update.", left=found.left)
            ui.notify(text, type="positive")
            await self._again()

        confirm(
            _("Update failed devices again?"),
            _(
                "{failed} devices failed. They are offered the update once more, at the rate of the rollout.",
                failed=f"{failed:,}",
            ),
            begin,
            button=_("Update again"),
            dangerous=False,
        )

    async def _edit(self) -> None:
        ask_for_changes(self.job, self._again)

    async def _copy(self) -> None:
        await begin_copy(self.job)

    async def _cancel(self) -> None:
        ask_what_to_cancel(self.job, self._again)


def possible(job: Job) -> set[str]:
    """Return what can be done about a rollout now."""
    found = {"copy"} if job.kind is JobKind.UPGRADE else set()
    if job.status is not JobStatus.CANCELED and job.counts[TaskStatus.FAILED]:
        found.add("retry")
    if job.ended_at is not None:
        return found
    found.add("cancel")
    if job.status is JobStatus.CANCELED:
        return found
    held = {Hold.NONE: "pause", Hold.APPROVAL: "approve"}
    return found | {"edit", held.get(job.hold, "resume")}
