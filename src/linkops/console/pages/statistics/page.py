"""The page of data analysis."""

from nicegui import ui

from linkops.console import frame
from linkops.console.page import page
from linkops.console.pages.statistics.asked import choices, understood
from linkops.console.pages.statistics.outcomes import show_outcomes
from linkops.console.pages.statistics.rollouts import show_rollouts
from linkops.console.pages.statistics.versions import show_devices, show_versions
from linkops.console.parts.links import Link, go
from linkops.console.parts.panels import empty
from linkops.console.parts.times import exact
from linkops.console.state import console
from linkops.console.texts import _, n_
from linkops.ota.model import DEFAULT_MODULE


@page("/statistics", n_("Data analysis"))
async def statistics(
    product: str = "", module: str = DEFAULT_MODULE, job: str = "", version: str = "", order: str = "total"
) -> None:
    """Show the figures of a product's module, or of one of its rollouts, as of now."""
    actions = frame.heading(_("Data analysis"))
    asked = await understood(product, module, job, version, order)
    if asked is None:
        with empty("insights", _("There is no product yet: figures begin with devices that report their version.")):
            Link(_("To the products"), "/console/products")
        return
    with actions:
        ui.label(_("As of {time}", time=exact(console().clock.now()))).classes("muted")
        ui.button(_("Refresh"), icon="refresh", on_click=lambda: go(asked.address())).props("flat dense")
    await choices(asked)
    with ui.element("div").classes("analysis"):
        await show_versions(asked)
        if asked.version:
            await show_devices(asked)
        await show_outcomes(asked)
        await show_rollouts(asked)
