"""The first steps of a new installation: what is done is ticked, and when all is, they are gone."""

from nicegui import ui

from linkops.console.parts.links import Link
from linkops.console.parts.names import named
from linkops.console.parts.panels import panel
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.totals.model import Totals
from linkops.events.actor import Actor, Role
from linkops.ota.packages.service import PackageFilter


class Beginning:
    """Three steps with links; for those who may only look, whom to ask."""

    def __init__(self) -> None:
        self._done: tuple[bool, ...] | None = None
        self._place = ui.element("div").classes("stack")

    async def look(self, actor: Actor, totals: Totals) -> None:
        """Show what is left to do."""
        done = self._done
        if done is None or not all(done):  # what was there once needs no looking again
            done = (bool(totals.products), totals.devices > 0, await _has_packages(actor))
        if done == self._done:
            return
        self._done = done
        self._place.clear()
        with self._place:
            _draw(actor, done)


async def _has_packages(actor: Actor) -> bool:
    found = await view().services.ota.packages.page(actor, PackageFilter(), limit=1)
    return bool(found.items)


def _draw(actor: Actor, done: tuple[bool, ...]) -> None:
    if max(actor.roles.values(), default=0) >= Role.ADMIN:
        if not all(done):
            _draw_steps(done)
    elif not done[0]:
        with panel(_("Welcome")):
            ui.label(_("Nothing is shared with you yet. Ask an administrator for the right to a product."))


def _draw_steps(done: tuple[bool, ...]) -> None:
    steps = (
        (_("Create a product"), _("a kind of device"), "/console/products"),
        (_("Register devices"), _("each gets a name and a secret"), "/console/devices"),
        (_("Upload a package"), _("what devices download and install"), "/console/packages"),
    )
    with panel(_("First steps")), ui.element("ol").classes("first-steps"):
        for (words, meaning, place), is_done in zip(steps, done, strict=True):
            with ui.element("li"):
                with named(ui.element("span").props("role=img"), _("Done") if is_done else _("To do")):
                    icon = ui.icon("check_circle" if is_done else "radio_button_unchecked")
                    icon.classes("step-done" if is_done else "step-open")
                Link(words, place).classes("cell-link")
                ui.label(meaning).classes("muted")
