"""What a product is, at a glance."""

from nicegui import ui

from linkops.console.pages.products.words import AUTH_TYPES, NODE_TYPES
from linkops.console.parts.copying import copyable, secret
from linkops.console.parts.figures import Figures
from linkops.console.parts.links import Link
from linkops.console.parts.live import live
from linkops.console.parts.panels import panel
from linkops.console.parts.places import configuration_place, list_place, product_place
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import AuthType, Product
from linkops.errors import NotFound
from linkops.events.actor import Role


class AboutTab:
    """How many devices, the keys, and ways to everything that belongs to the product."""

    def __init__(self, product: Product) -> None:
        self._product = product

    async def build(self) -> None:
        """Draw it."""
        await self._draw_figures()
        with ui.element("div").classes("columns"):
            with panel(_("Product")), ui.element("dl").classes("facts"):
                self._draw_facts()
            with panel(_("What belongs to it")):
                self._draw_ways()

    async def _draw_figures(self) -> None:
        key, seen = self._product.product_key, view()
        figures = Figures(
            _("Devices"),
            {
                "devices": (_("Devices"), list_place("devices", product=key)),
                "online": (_("Online"), list_place("devices", product=key, state="online")),
                "activated": (_("Activated"), list_place("devices", product=key, state="activated")),
            },
        )

        async def look() -> bool:
            try:
                found = await seen.services.totals.of_product(await seen.act(), key)
            except NotFound:  # it was created, or deleted, since devices were counted
                return True
            figures.show(devices=found.devices, online=found.online, activated=found.activated)
            return True

        figures.show(devices=0, online=0, activated=0)
        await look()
        live(look)

    def _draw_facts(self) -> None:
        product = self._product
        with _fact(_("Product key")):
            copyable(product.product_key)
        if product.auth_type is AuthType.SECRET and view().actor.may(Role.ADMIN, product.id):
            with _fact(_("Product secret")):
                secret(self._secret)
                ui.label(_("That it was shown is recorded in the audit trail.")).classes("hint")
        with _fact(_("Node type")):
            ui.label(_(NODE_TYPES[product.node_type]))
        with _fact(_("Authentication")):
            ui.label(_(AUTH_TYPES[product.auth_type]))
        with _fact(_("Description")):
            ui.label(product.description or "-")
        with _fact(_("Created")):
            ui.label(ago(product.created_at)).props["title"] = exact(product.created_at)

    async def _secret(self) -> str:
        seen = view()
        return await seen.services.products.secret(await seen.act(), self._product.product_key)

    def _draw_ways(self) -> None:
        key = self._product.product_key
        for name, words in (
            ("devices", _("Devices")),
            ("groups", _("Groups")),
            ("packages", _("Packages")),
            ("jobs", _("Rollouts")),
            ("statistics", _("Data analysis")),
        ):
            Link(words, list_place(name, product=key)).classes("way")
        Link(_("Remote configuration"), configuration_place(key)).classes("way")
        Link(_("Signing keys"), f"{product_place(key)}/signing").classes("way")


def _fact(label: str) -> ui.element:
    with ui.element("dt"):
        ui.label(label)
    return ui.element("dd")
