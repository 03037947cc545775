"""How many devices a rollout would be for, counted while it is filled in."""

from collections.abc import Callable

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.panels import panel
from linkops.console.texts import _
from linkops.console.view import view
from linkops.errors import Refused
from linkops.ota.creating.service import Preview
from linkops.ota.targeting import NewJob
from linkops.texts.refusals import text_of

_AFTER_S = 0.4
_VERSIONS_SHOWN = 8


class MatchingDevices:
    """The figure beside the form; it follows what is filled in, a moment later."""

    def __init__(self, asked: Callable[[], NewJob]) -> None:
        """``asked`` returns what is asked for, as far as it is filled in."""
        self._asked = asked
        self._latest = 0
        self._timer: ui.timer | None = None

    def draw(self) -> None:
        """Draw the figure, without a number yet."""
        with ui.element("aside").classes("wizard-aside"), panel(_("Devices that match")):
            self._number = ui.label("…").classes("figure-number").props("aria-live=polite").mark("matching")
            self._more = ui.label().classes("muted")
            self._problem = ui.label().classes("muted")
            self._versions = ui.element("div").classes("shares")

    def changed(self) -> None:
        """Count again, once nothing has changed for a moment."""
        self._number.text = "…"
        if self._timer is not None:
            self._timer.cancel()
        self._timer = ui.timer(_AFTER_S, action(self.count), once=True)

    async def look(self) -> Preview:
        """Return whom the rollout would be for now.

        Raises:
            Refused: what is filled in may not be so.
        """
        seen = view()
        return await seen.services.ota.maker.preview(await seen.act(), self._asked())

    async def count(self) -> None:
        """Show the number, or what is missing."""
        self._latest += 1
        mine = self._latest
        try:
            found = await self.look()
        except Refused as refused:
            if mine == self._latest:
                self._number.text = "-"
                self._more.text = ""
                self._problem.text = text_of(refused.code, refused.params, view().language)
                self._versions.clear()
            return
        if mine == self._latest:
            self._show(found)

    def _show(self, found: Preview) -> None:
        survey = found.survey
        self._number.text = f"{survey.devices:,}"
        self._more.text = _("{online} of them online", online=f"{survey.online:,}")
        self._problem.text = ""
        if survey.busy:
            self._problem.text = _("{busy} have another unfinished update", busy=f"{survey.busy:,}")
        self._versions.clear()
        with self._versions:
            for version, devices in survey.versions.most_common(_VERSIONS_SHOWN):
                share_line(version or _("Never reported"), devices, survey.devices)
            if len(survey.versions) > _VERSIONS_SHOWN:
                ui.label(_("{count} more versions", count=len(survey.versions) - _VERSIONS_SHOWN)).classes("muted")


def share_line(label: str, count: int, total: int) -> None:
    """Draw a line of a list of shares: what, a bar, and how many."""
    ui.label(label).classes("share-label").props["title"] = label
    with ui.element("span").classes("share-bar"):
        ui.element("i").style(f"width: {100 * count / total if total else 0:.2f}%")
    ui.label(f"{count:,}").classes("number share-number")
