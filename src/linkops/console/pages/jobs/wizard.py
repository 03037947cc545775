"""The wizard that makes a rollout: for whom, how, and what that comes to."""

from collections.abc import Callable

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.jobs.copying import draft_of
from linkops.console.pages.jobs.draft import Draft, new_job
from linkops.console.pages.jobs.packages import as_id, choose_package, may_be_rolled_out
from linkops.console.pages.jobs.preview import MatchingDevices
from linkops.console.pages.jobs.review import Review
from linkops.console.pages.jobs.scope import Choices, draw_scope
from linkops.console.pages.jobs.strategy import draw_strategy
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.forms import Form
from linkops.console.parts.links import go
from linkops.console.parts.names import named
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.errors import Refused
from linkops.events.actor import Role
from linkops.ota.model import Package
from linkops.ota.targeting import NewJob

_STEPS = (n_("Devices"), n_("Strategy"), n_("Review"))
_OF_SCOPE = frozenset(
    {"selection", "targets", "percent", "group_id", "regions", "device_names", "device_list_id", "source_versions"}
)


@page("/jobs/new", n_("New rollout"), role=Role.OPERATOR)
async def new_rollout(package: str = "", product: str = "", like: str = "") -> None:
    """Choose a package, unless the address names one, and fill in the rest; ``like`` another, it is filled in."""
    seen = view()
    frame.heading(_("New rollout"), above=((_("Rollouts"), "/jobs"),))
    number, source = as_id(package), as_id(like)
    if number is None:
        await choose_package(product, source)
        return
    chosen = await seen.services.ota.packages.get(await seen.act(), number)
    seen.actor.require(Role.OPERATOR, chosen.product_id)
    draft = Draft() if source is None else await _copied(source, chosen)
    if may_be_rolled_out(chosen, source):
        await Wizard(chosen, draft).draw()


async def _copied(source: int, package: Package) -> Draft:
    """Return a draft that asks for what the rollout ``source`` was asked for, and say so."""
    seen = view()
    new = await seen.services.ota.maker.copy_of(seen.actor, source, package.id)
    listed = new.device_list_id
    devices = 0 if listed is None else (await seen.services.ota.device_lists.get(seen.actor, listed)).devices
    text = _(
        "Filled in as rollout {number} was, from its devices to its tags. Change what you like; nothing begins before "
        "you say so.",
        number=source,
    )
    ui.label(text).classes("hint")
    return draft_of(new, devices)


class Wizard:
    """Three steps over one draft; all of them stay where they are, so that nothing is lost between them."""

    def __init__(self, package: Package, draft: Draft) -> None:
        self.package, self.draft = package, draft
        self.form = Form()
        self._step = 0
        self._buttons: list[ui.element] = []
        self._panes: list[ui.element] = []

    async def draw(self) -> None:
        """Draw the steps."""
        choices = await Choices.of(self.package, self.draft)
        self._draw_steps()
        self.matching = MatchingDevices(self.asked)
        with self._pane(), ui.element("div").classes("wizard"):
            draw_scope(self.draft, self.form, self.package, choices, self.matching.changed)
            self.matching.draw()
        with self._pane():
            draw_strategy(self.draft, self.form, self.matching.changed)
        with self._pane():
            self._review = Review(self.package, choices)
        with ui.row().classes("wizard-foot"):
            self._back = ui.button(_("Back"), on_click=action(self._backwards)).props("flat")
            self._on = ui.button(_("Next"), on_click=action(self._onwards)).props("unelevated")
            self._start = ui.button(_("Start the rollout"), icon="rocket_launch", on_click=action(self._ask))
            self._start.props("unelevated")
        self._show(0)
        await self.matching.count()

    def asked(self) -> NewJob:
        """Return the rollout that is asked for.

        Raises:
            Invalid: a field that has to be filled in is empty.
        """
        return new_job(self.draft, self.package.id, view().zone)

    def _draw_steps(self) -> None:
        with named(ui.element("ol"), _("Steps")).classes("steps"):
            for number, label in enumerate(_STEPS):
                with ui.element("li"), ui.element("button").props("type=button").classes("step") as button:
                    ui.label(str(number + 1)).classes("step-number")
                    ui.label(_(label))
                button.on("click", self._go(number))
                self._buttons.append(button)

    def _go(self, number: int) -> Callable[[], object]:
        async def go() -> None:
            await self._to(number)

        return action(go)

    def _pane(self) -> ui.element:
        self._panes.append(ui.element("section").classes("wizard-pane"))
        return self._panes[-1]

    def _show(self, step: int) -> None:
        self._step = step
        for number, (button, pane) in enumerate(zip(self._buttons, self._panes, strict=True)):
            pane.set_visibility(number == step)
            button.props(remove="aria-current")
            if number == step:
                button.props('aria-current="step"')
        self._back.set_visibility(step > 0)
        self._on.set_visibility(step < len(_STEPS) - 1)
        self._start.set_visibility(step == len(_STEPS) - 1)

    async def _backwards(self) -> None:
        self._show(self._step - 1)

    async def _onwards(self) -> None:
        await self._to(self._step + 1)

    async def _to(self, step: int) -> None:
        """Show a step; forwards only if what was filled in before may be so."""
        if step <= self._step or await self._check(until=step):
            self._show(step)
            ui.run_javascript("window.scrollTo(0, 0)")

    async def _check(self, *, until: int) -> bool:
        self.form.clear()
        try:
            found = await self.matching.look()
        except Refused as refused:
            at = self._step_of(refused)
            if at >= until:
                return True  # a later step is where it will be said
            self._show(at)
            if not self.form.tell(refused):
                raise
            return False
        if until == len(_STEPS) - 1:
            await self._review.show(self.asked(), found, self.draft)
        return True

    def _step_of(self, refused: Refused) -> int:
        name = str(refused.params.get("field", "")).partition(".")[0]
        return 0 if not name or name in _OF_SCOPE else 1

    async def _ask(self) -> None:
        if not await self._check(until=len(_STEPS) - 1):
            return
        confirm(
            _("Start the rollout?"),
            self._review.consequence,
            self._create,
            button=_("Start"),
            dangerous=False,
        )

    async def _create(self) -> None:
        seen = view()
        self._start.disable()
        try:
            job = await seen.services.ota.maker.create(await seen.act(), self.asked())
        except Refused as refused:
            self._show(self._step_of(refused))
            if not self.form.tell(refused):
                raise
            return
        finally:
            self._start.enable()
        go(f"/console/jobs/{job.id}")
