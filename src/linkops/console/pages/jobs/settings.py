"""What a rollout was told to do, in words."""

from nicegui import ui

from linkops.console.pages.jobs.words import (
    rate_now_text,
    scope_text,
    selection_text,
    strategy_facts,
    tags_fact,
    versions_text,
)
from linkops.console.parts.panels import Fact, facts, panel
from linkops.console.parts.times import exact
from linkops.console.texts import _
from linkops.ota.model import Job


class Settings:
    """Drawn anew when something was changed."""

    def __init__(self) -> None:
        self._place = ui.element("div").classes("columns")
        self._shown: Job | None = None

    def show(self, job: Job) -> None:
        """Show what holds for it."""
        if self._shown is not None and _told(self._shown) == _told(job):
            return
        self._shown = job
        self._place.clear()
        with self._place:
            with panel(_("For whom")):
                facts(_scope(job))
            with panel(_("How")):
                facts([*strategy_facts(job.strategy), tags_fact(job.tags)])


def _told(job: Job) -> tuple[object, ...]:
    return (job.strategy, job.tags, job.source_versions, job.approved_by, job.started_at, job.ended_at)


def _scope(job: Job) -> list[Fact]:
    return [
        Fact(_("Package"), f"{job.package_name} {job.version}"),
        Fact(_("Module"), job.module),
        Fact(_("Devices"), scope_text(job.targets, job.scope)),
        Fact(_("From versions"), versions_text(job.source_versions)),
        Fact(_("Selected"), selection_text(job.selection, job.strategy.dynamic_mode)),
        Fact(_("Rate now"), rate_now_text(job.rate_per_minute)),
        Fact(_("Created"), _("{at} by {name}", at=exact(job.created_at), name=job.created_by)),
        Fact(_("Approved by"), job.approved_by),
        Fact(_("Started"), exact(job.started_at)),
        Fact(_("Ended"), exact(job.ended_at)),
    ]
