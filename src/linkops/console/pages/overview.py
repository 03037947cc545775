"""The overview: what is there, what is running, what happened lately."""

from nicegui import ui

from linkops.console import frame
from linkops.console.page import page
from linkops.console.parts.links import Link
from linkops.console.parts.names import named
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.paging import Page
from linkops.devices.search.model import DeviceFilter, DeviceRow


@page("/", n_("Overview"))
async def overview() -> None:
    """Show the figures; each is a link to what it counts."""
    frame.heading(_("Overview"))
    with named(ui.element("section"), _("Devices")).classes("figures"):
        await _figure(_("Devices"), DeviceFilter(), "/devices")
        await _figure(_("Online"), DeviceFilter(online=True), "/devices?state=online")
        await _figure(_("Activated"), DeviceFilter(activated=True), "/devices")


async def _figure(label: str, wanted: DeviceFilter, path: str) -> None:
    seen = view()
    found = await seen.services.search.page(seen.actor, wanted, limit=1)
    with Link(target=f"/console{path}").classes("figure"):
        ui.label(_number(found)).classes("figure-number")
        ui.label(label).classes("figure-label")


def _number(found: Page[DeviceRow]) -> str:
    return f"{found.total:,}{'+' if found.total_is_more else ''}"
