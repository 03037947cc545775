"""The wizard's last step: what the rollout will do, in words, before it does."""

from collections.abc import Iterator

from nicegui import ui

from linkops.console.pages.jobs.draft import Draft
from linkops.console.pages.jobs.scope import Choices
from linkops.console.pages.jobs.words import (
    scope_text,
    selection_text,
    strategy_facts,
    tags_fact,
    versions_text,
    window_text,
)
from linkops.console.parts.panels import Fact, facts, panel
from linkops.console.parts.times import lasting
from linkops.console.texts import _
from linkops.console.view import view
from linkops.ota.creating.service import Preview
from linkops.ota.creating.store import ProductRule
from linkops.ota.model import Package, Selection, Targets
from linkops.ota.targeting import NewJob

_MANY = 100


class Review:
    """What is about to happen.

    Attributes:
        consequence: in one sentence, for the last question.
    """

    def __init__(self, package: Package, choices: Choices) -> None:
        self._package = package
        self._choices = choices
        self.consequence = ""
        self._place = ui.element("div").classes("review")

    async def show(self, new: NewJob, found: Preview, draft: Draft) -> None:
        """Show what such a rollout would do, for as many devices as were found."""
        seen, package = view(), self._package
        rule = await seen.services.ota.steering.rule(seen.actor, package.product_key)
        self.consequence = _consequence(package, new, found)
        self._place.clear()
        with self._place:
            with panel(_("What will happen")):
                ui.label(self.consequence).classes("review-sentence")
                for warning in warnings(new, found, rule):
                    ui.label(warning).classes("warning")
            with ui.element("div").classes("columns"):
                with panel(_("For whom")):
                    facts(list(self._scope(new, draft)))
                with panel(_("How")):
                    facts([*strategy_facts(new.strategy), tags_fact(new.tags)])

    def _scope(self, new: NewJob, draft: Draft) -> Iterator[Fact]:
        package, group = self._package, self._choices.groups.get(new.scope.group_id or 0, "")
        named = draft.listed_devices if draft.listed is not None else len(new.device_names)
        yield Fact(_("Package"), f"{package.name} {package.version}")
        yield Fact(_("Module"), package.module)
        yield Fact(_("Devices"), scope_text(new.targets, new.scope, named=named, group=group))
        if new.targets not in {Targets.SPECIFIC, Targets.GROUP}:
            yield Fact(_("From versions"), versions_text(new.source_versions or tuple(package.required_versions)))
        yield Fact(_("Selected"), selection_text(new.selection, new.strategy.dynamic_mode))


def _consequence(package: Package, new: NewJob, found: Preview) -> str:
    devices = f"{found.survey.devices:,}"
    text = _("{devices} devices get {name} {version}.", devices=devices, name=package.name, version=package.version)
    if found.minutes is not None:
        text += " " + _("Offering it to all of them takes about {time} at this rate.", time=lasting(found.minutes * 60))
    if new.selection is Selection.DYNAMIC:
        text += " " + _("Devices that come to match later get it, too.")
    return text


def warnings(new: NewJob, found: Preview, rule: ProductRule) -> Iterator[str]:
    """Yield what somebody should know before they start it."""
    survey, strategy = found.survey, new.strategy
    if not survey.devices:
        yield _("No device matches now.")
    if survey.busy:
        busy = f"{survey.busy:,}"
        yield _("{busy} devices have another unfinished update: this one fails for them at once.", busy=busy)
    if survey.devices > survey.online:
        away = f"{survey.devices - survey.online:,}"
        yield _("{away} devices are offline: they get it when they connect.", away=away)
    at_once = survey.devices >= _MANY and not strategy.stages and new.selection is Selection.STATIC
    if at_once and new.targets is not Targets.GRAY:
        yield _("There are no stages: a fault in the package reaches all devices.")
    if not strategy.abort:
        yield _("Nothing stops it by itself, however many devices fail.")
    if strategy.need_confirm:
        yield _("Each device's task waits until somebody confirms it.")
    if not strategy.need_push:
        yield _("Nothing is pushed: devices that never ask never get it.")
    if rule.needs_approval or strategy.approval:
        yield _("It waits until somebody else approves it.")
    if rule.windows and not strategy.windows:
        windows = "; ".join(window_text(window) for window in rule.windows)
        yield _("The product's push window holds: {windows}.", windows=windows)
