"""The page of a product's configuration: switch, document, versions, pushes, drift."""

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.configuration.document import Editing
from linkops.console.pages.configuration.drift import DriftList
from linkops.console.pages.configuration.narrower import NarrowerList
from linkops.console.pages.configuration.pushes import PushList
from linkops.console.pages.configuration.pushing import Pushing
from linkops.console.pages.configuration.site import Site, site_of
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.status import look_of
from linkops.console.parts.tabs import Tab, tabs
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.remote_config.documents.model import Overview
from linkops.remote_config.pushes.model import PushStatus


@page("/configuration/{product_key}", n_("Remote configuration"))
async def configuration(product_key: str, tab: str = "") -> None:
    """Show the configuration of a product."""
    await Configuration(await site_of(product_key)).draw(tab)


class Configuration:
    """The page."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._enabled = False

    async def draw(self, tab: str) -> None:
        """Draw everything."""
        with frame.heading(self._site.product.name, above=((_("Remote configuration"), "/configuration"),)):
            if self._site.operates:
                self._draw_buttons()
        with ui.element("div").classes("config-line"):
            self._chip = ui.label()
            self._newest = ui.label()
            ui.label(self._site.key).classes("mono")
        await self.again()
        await tabs(
            {
                "document": Tab(_("Document"), self._draw_document),
                "narrower": Tab(_("Groups and devices"), NarrowerList(self._site).draw),
                "pushes": Tab(_("Pushes"), PushList(self._site.key).draw),
                "drift": Tab(_("Drift"), DriftList(self._site).draw),
                "schema": Tab(_("Schema"), self._draw_schema),
            },
            tab,
        )

    def _draw_buttons(self) -> None:
        self._switch = ui.button("", icon="power_settings_new", on_click=action(self._ask_to_switch)).props("outline")
        ui.button(_("Push"), icon="send", on_click=action(self._ask_to_push)).props("unelevated")

    async def _ask_to_push(self) -> None:
        await Pushing(self._site).ask()

    async def again(self) -> None:
        """Show the head as it is now."""
        seen = view()
        self._show(await seen.services.remote_config.switches.overview(await seen.act(), self._site.key))

    def _show(self, found: Overview) -> None:
        self._enabled = found.enabled
        look = look_of("config.on" if found.enabled else "config.off")
        self._chip.text = _(look.word)
        self._chip.classes(replace=f"chip chip-{look.kind}")
        newest = found.recent[0] if found.recent else None
        self._newest.props["title"] = exact(newest.created_at) if newest else ""
        self._newest.text = (
            _(
                "Version {number}, saved by {name} {ago}",
                number=newest.number,
                name=newest.created_by,
                ago=ago(newest.created_at),
            )
            if newest
            else _("Nothing is saved yet")
        )
        if self._site.operates:
            self._switch.text = _("Switch off") if found.enabled else _("Switch on")

    async def _ask_to_switch(self) -> None:
        seen = view()
        actor = await seen.act()
        counts = await seen.services.products.counts(actor, self._site.key)
        pushes = seen.services.config_delivery.pushes
        running = await pushes.page(actor, self._site.key, status=PushStatus.IN_PROGRESS, limit=1)
        if self._enabled:
            text = _(
                "{devices} devices are given no configuration any more: those that ask are refused, links that were "
                "given are closed, and {pushes} pushes that go on end. What devices have stays, and documents can "
                "still be edited.",
                devices=f"{counts.devices:,}",
                pushes=running.total,
            )
            confirm(_("Switch remote configuration off?"), text, self._turn, button=_("Switch off"))
            return
        text = _(
            "{devices} devices are given the newest document from now on when they ask. Nothing is pushed by this.",
            devices=f"{counts.devices:,}",
        )
        confirm(_("Switch remote configuration on?"), text, self._turn, button=_("Switch on"), dangerous=False)

    async def _turn(self) -> None:
        seen, on = view(), not self._enabled
        self._show(await seen.services.remote_config.switches.switch(await seen.act(), self._site.key, on=on))
        ui.notify(_("Remote configuration is on") if on else _("Remote configuration is off"), type="positive")

    async def _draw_document(self) -> None:
        await Editing(self._site, self._site.document, self.again).draw()

    async def _draw_schema(self) -> None:
        await Editing(self._site, self._site.schema, self.again).draw()
