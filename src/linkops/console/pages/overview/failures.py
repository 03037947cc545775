"""Devices whose updates failed lately."""

from nicegui import ui

from linkops.console.parts.lines import Lines, when
from linkops.console.parts.links import Link
from linkops.console.parts.panels import panel
from linkops.console.parts.places import device_place
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import DeviceKey
from linkops.devices.totals.model import Totals
from linkops.events.actor import Actor
from linkops.ota.model import Failure, FailureKind

_MOST = 6
_KINDS = {
    FailureKind.NONE: n_("Failed"),
    FailureKind.CONFLICT: n_("Another update was under way"),
    FailureKind.UPDATE: n_("The update failed"),
    FailureKind.DOWNLOAD: n_("The download failed"),
    FailureKind.VERIFY: n_("The check of the file failed"),
    FailureKind.FLASH: n_("Writing the firmware failed"),
    FailureKind.TIMEOUT: n_("Timed out"),
    FailureKind.WRONG_VERSION: n_("Reported another version"),
}


class Failures:
    """The last of them."""

    def __init__(self) -> None:
        with panel(_("Devices that failed lately")):
            empty = _("No update has failed.")
            self._lines: Lines[Failure] = Lines(lambda failure: failure.task_id, _draw, empty)

    async def look(self, actor: Actor, _totals: Totals) -> None:
        """Show them."""
        self._lines.show(await view().services.ota.tasks.failed_lately(actor, limit=_MOST))


def _draw(failure: Failure) -> None:
    key = DeviceKey(failure.product_key, failure.device_name)
    with ui.element("div").classes("line-text"):
        Link(failure.device_name, device_place(key)).classes("cell-link")
        with ui.element("div").classes("line-small"):
            ui.label(_(_KINDS[failure.failure_kind])).classes("bad-text")
            if failure.description:
                ui.label(failure.description).classes("muted line-cut").props["title"] = failure.description
            Link(f"{failure.package_name} {failure.version}", f"/console/jobs/{failure.job_id}")
    when(failure.ended_at)
