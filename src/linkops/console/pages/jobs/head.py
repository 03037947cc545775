"""Below the title of a rollout: where it stands, why it waits, why it stopped."""

from nicegui import ui

from linkops.console.parts.links import Link
from linkops.console.parts.places import product_place
from linkops.console.parts.status import look_of
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.ota.model import Hold, Job, JobCourse, JobKind, JobStatus, Selection

_HOLDS = {
    Hold.APPROVAL: n_("It waits for approval: somebody other than {creator} lets it start."),
    Hold.PAUSED: n_("It is paused: nothing is pushed. Devices that are updating go on."),
    Hold.STAGE: n_("Stage {stage} is done. The next devices are offered nothing until somebody lets it go on."),
    Hold.GATE: n_("Too few devices of stage {stage} succeeded. Look at the failures before you let it go on."),
}


class Head:
    """Changed in place."""

    def __init__(self, job: Job, product_name: str) -> None:
        with ui.element("div").classes("job-line"):
            self._chip = ui.label().classes("chip").mark("state")
            kind = _("Verification") if job.kind is JobKind.VERIFY else _("Rollout")
            ui.label(f"{kind} #{job.id}").classes("muted")
            ui.label(_("Dynamic") if job.selection is Selection.DYNAMIC else _("Static")).classes("muted")
            Link(product_name, product_place(job.product_key))
            ui.label(_("Module {module}", module=job.module)).classes("muted")
            created = ui.label(_("By {name}, {ago}", name=job.created_by, ago=ago(job.created_at))).classes("muted")
            created.props["title"] = exact(job.created_at)
        self._notice = ui.label().props("role=status")
        self._reason = ui.label().classes("danger")

    def show(self, found: JobCourse) -> None:
        """Show where it stands."""
        job = found.job
        held = job.hold is not Hold.NONE and job.ended_at is None
        look = look_of(f"hold.{job.hold}" if held else job.status)
        self._chip.text = _(look.word)
        self._chip.classes(replace=f"chip chip-{look.kind}")
        text = notice(job)
        self._notice.text = text
        bad = job.hold is Hold.GATE
        self._notice.classes(add="danger" if bad else "warning", remove="warning" if bad else "danger")
        self._notice.set_visibility(bool(text))
        stopped = job.status is JobStatus.CANCELED
        self._reason.text = _("Stopped: {reason}", reason=job.stop_reason or _("no reason given"))
        self._reason.set_visibility(stopped)


def notice(job: Job) -> str:
    """Return why a rollout does not go on by itself right now; "" if it does."""
    if job.ended_at is not None:
        return ""
    if job.status is JobStatus.CANCELED:
        return _("Devices that were told of it before may still finish.")
    if job.hold is not Hold.NONE:
        return _(_HOLDS[job.hold], creator=job.created_by, stage=(job.stage or 0) + 1)
    if job.status is JobStatus.PLANNED and job.strategy.start_at is not None:
        return _("It starts {ago} ({exact}).", ago=ago(job.strategy.start_at), exact=exact(job.strategy.start_at))
    return ""
