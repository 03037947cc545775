"""How a rollout goes: figures, a bar per state, the rate, stages, and why devices failed."""

from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from linkops.console.pages.jobs.pace_chart import PaceChart
from linkops.console.pages.jobs.words import FAILURES, STATUSES, stage_text
from linkops.console.parts.links import Link
from linkops.console.parts.meters import Meter
from linkops.console.parts.panels import panel
from linkops.console.parts.status import look_of
from linkops.console.parts.times import ago, lasting
from linkops.console.texts import _, n_
from linkops.ota.model import FailureKind, Hold, Job, JobCourse, TaskStatus
from linkops.ota.stages import offers_until_end_of

S = TaskStatus
_FIGURES = {
    "devices": n_("Devices"),
    "offered": n_("Offered the update"),
    "succeeded": n_("Succeeded"),
    "failed": n_("Failed"),
    "left": n_("Time left"),
}


class ShareLine:
    """A line of a list of shares that changes in place and leads to what it counts."""

    def __init__(self, kind: str, label: str, target: str) -> None:
        with Link(target=target).classes(f"share-line share-{kind}") as self._line:
            ui.label(label).classes("share-label")
            with ui.element("span").classes("share-bar"):
                self._bar = ui.element("i")
            self._number = ui.label().classes("number share-number")
            self._share = ui.label().classes("number muted share-percent")

    def show(self, count: int, total: int) -> None:
        """Show how many of how many."""
        share = 100 * count / total if total else 0
        self._bar.style(f"width: {share:.2f}%")
        self._number.text = f"{count:,}"
        self._share.text = f"{share:.1f} %"

    def hide(self, *, hidden: bool) -> None:
        """Take the line away, or show it."""
        self._line.set_visibility(not hidden)


class Course:
    """Changed in place."""

    def __init__(self, job: Job) -> None:
        self._figures: dict[str, tuple[ui.label, ui.label]] = {}
        with ui.element("div").classes("figures"):
            for name, label in _FIGURES.items():
                with ui.element("div").classes("figure"):
                    number = ui.label().classes("figure-number").mark(f"figure-{name}")
                    if name == "left":
                        number.classes("figure-text")
                    ui.label(_(label)).classes("figure-label")
                    self._figures[name] = (number, ui.label().classes("hint"))
        with ui.element("div").classes("columns"):
            with panel(_("Devices by state")):
                self._meter = Meter()
                self._states = {status: self._state_line(job, status) for status in STATUSES}
            with panel(_("Pushes a minute")):
                self._pace = PaceChart()
            with panel(_("Why devices failed")):
                self._no_failures = ui.label(_("No device has failed.")).classes("muted")
                self._failures = {kind: self._failure_line(job, kind) for kind in FAILURES}
            if job.strategy.stages:
                with panel(_("Stages")):
                    self._stages = [_StageLine(job, number) for number in range(len(job.strategy.stages))]
            else:
                self._stages = []

    def _state_line(self, job: Job, status: TaskStatus) -> ShareLine:
        return ShareLine(look_of(status).kind, _(STATUSES[status]), _tasks_path(job, status=status))

    def _failure_line(self, job: Job, kind: FailureKind) -> ShareLine:
        return ShareLine("bad", _(FAILURES[kind]), _tasks_path(job, failure=kind))

    def show(self, found: JobCourse) -> None:
        """Show how it goes."""
        summary = found.summary
        total = sum(summary.counts.values())
        for name, (number, more) in self._figures.items():
            number.text, more.text = _figure(name, found, total)
        self._meter.show(summary.counts)
        for status, line in self._states.items():
            line.show(summary.counts[status], total)
        failed = sum(summary.failures.values())
        self._no_failures.set_visibility(not failed)
        for kind, line in self._failures.items():
            count = summary.failures.get(kind, 0)
            line.hide(hidden=not count)
            line.show(count, failed)
        self._pace.show(found)
        for stage in self._stages:
            stage.show(found, total - summary.failures.get(FailureKind.CONFLICT, 0))


class _StageLine:
    def __init__(self, job: Job, number: int) -> None:
        self._number = number
        with ui.element("div").classes("stage-line"):
            self._chip = ui.label().classes("chip")
            ui.label(stage_text(number, job.strategy.stages[number]))
            self._devices = ui.label().classes("number muted")

    def show(self, found: JobCourse, total: int) -> None:
        job = found.job
        state = stage_state(job, self._number)
        self._chip.text = _(state[1])
        self._chip.classes(replace=f"chip chip-{state[0]}")
        until = offers_until_end_of(job.strategy.stages, self._number, total) if total else 0
        offered = min(job.offered, until)
        self._devices.text = _("{offered} of {until} offered", offered=f"{offered:,}", until=f"{until:,}")
        if job.stage is None or self._number > job.stage:
            self._devices.text = _("{until} devices", until=f"{until:,}")


def stage_state(job: Job, number: int) -> tuple[str, str]:
    """Return how a stage is shown: a kind of chip, and a word."""
    current = -1 if job.stage is None else job.stage
    if number < current:
        return "good", n_("Done")
    if number > current:
        return "idle", n_("Not yet")
    if job.hold is Hold.GATE:
        return "bad", n_("Too few succeeded")
    if job.hold is Hold.STAGE:
        return "wait", n_("Done, waits")
    return ("run", n_("Under way")) if job.ended_at is None else ("good", n_("Done"))


def _figure(name: str, found: JobCourse, total: int) -> tuple[str, str]:
    """Return a figure, and a remark below it."""
    job, counts = found.job, found.summary.counts
    done = counts[S.SUCCEEDED] + counts[S.FAILED]
    share = f"{100 * counts[S.SUCCEEDED] / done:.1f} %" if done else ""
    figures: dict[str, tuple[str, str]] = {
        "devices": (f"{total:,}", "" if job.filled_at else _still_selecting(job)),
        "offered": (f"{job.offered:,}", _("{count} in the last minute", count=found.summary.offers_last_minute)),
        "succeeded": (f"{counts[S.SUCCEEDED]:,}", _("{share} of those done", share=share) if share else ""),
        "failed": (f"{counts[S.FAILED]:,}", ""),
        "left": _left(found),
    }
    return figures[name]


def _still_selecting(job: Job) -> str:
    return _("devices are being selected") if job.started_at else ""


def _left(found: JobCourse) -> tuple[str, str]:
    job, seconds = found.job, found.summary.time_left_s
    if job.ended_at is not None:
        took = (job.ended_at - (job.started_at or job.ended_at)) / 1_000
        return _("Over"), _("{ago}, after {time}", ago=ago(job.ended_at), time=lasting(took))
    if job.hold is not Hold.NONE or seconds is None:
        return "-", _("Nothing can be said yet")
    if seconds == 0:
        return "-", ""
    return lasting(seconds), _("an estimate")


def _tasks_path(job: Job, **asked: Any) -> str:
    return f"/console/jobs/{job.id}?{urlencode({'tab': 'tasks', **asked})}"
