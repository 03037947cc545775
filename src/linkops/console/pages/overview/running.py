"""Rollouts that are running or wait, with how far they are."""

from nicegui import ui

from linkops.console.parts.lines import Lines
from linkops.console.parts.links import Link
from linkops.console.parts.meters import Meter
from linkops.console.parts.panels import panel
from linkops.console.parts.places import list_place
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.totals.model import Totals
from linkops.events.actor import Actor
from linkops.ota.jobs.service import JobFilter
from linkops.ota.model import Hold, Job, JobStatus, TaskStatus

_MOST = 6
_HOLDS = {
    Hold.NONE: ("", ""),
    Hold.APPROVAL: ("wait", n_("Waits for approval")),
    Hold.PAUSED: ("wait", n_("Paused")),
    Hold.STAGE: ("wait", n_("Waits after a stage")),
    Hold.GATE: ("bad", n_("Stopped after a stage")),
}


class Running:
    """The newest of them."""

    def __init__(self) -> None:
        self._meters: dict[int, tuple[Meter, ui.label]] = {}
        with panel(_("Running rollouts")) as head:
            with head:
                self._all = Link("", list_place("jobs", status=JobStatus.IN_PROGRESS.value))
                self._planned = Link("", list_place("jobs", status=JobStatus.PLANNED.value))
            empty = _("No rollout is running.")
            self._lines: Lines[Job] = Lines(lambda job: (job.id, job.hold, job.package_name), self._draw, empty)

    async def look(self, actor: Actor, _totals: Totals) -> None:
        """Show them."""
        jobs = view().services.ota.jobs
        running = await jobs.page(actor, JobFilter(status=JobStatus.IN_PROGRESS), limit=_MOST)
        planned = await jobs.page(actor, JobFilter(status=JobStatus.PLANNED), limit=1)
        self._all.text = _("{count} running", count=f"{running.total:,}")
        self._all.set_visibility(running.total > 0)
        self._planned.text = _("{count} planned", count=f"{planned.total:,}")
        self._planned.set_visibility(planned.total > 0)
        self._lines.show(running.items)
        for job in running.items:
            meter, said = self._meters[job.id]
            meter.show(job.counts)
            said.text = _said(job)

    def _draw(self, job: Job) -> None:
        with ui.element("div").classes("job"):
            with ui.element("div").classes("job-head"):
                Link(f"{job.package_name} {job.version}", f"/console/jobs/{job.id}").classes("cell-link line-text")
                kind, word = _HOLDS[job.hold]
                if word:
                    ui.label(_(word)).classes(f"chip chip-{kind}")
                said = ui.label().classes("muted number")
            self._meters[job.id] = (Meter(), said)


def _said(job: Job) -> str:
    total, failed = sum(job.counts.values()), job.counts[TaskStatus.FAILED]
    done = job.counts[TaskStatus.SUCCEEDED]
    said = _("{done} of {total}", done=f"{done:,}", total=f"{total:,}")
    return said + (" · " + _("{count} failed", count=f"{failed:,}") if failed else "")
