"""How many devices there are, in all and of each product."""

from linkops.console.parts.figures import Figures
from linkops.console.parts.lines import Lines
from linkops.console.parts.links import Link
from linkops.console.parts.panels import panel
from linkops.console.parts.places import list_place, product_place
from linkops.console.texts import _
from linkops.devices.totals.model import ProductTotals, Totals
from linkops.events.actor import Actor

_MOST = 8


class FleetFigures:
    """The numbers of all devices that the viewer sees."""

    def __init__(self) -> None:
        self._figures = Figures(
            _("Devices"),
            {
                "devices": (_("Devices"), list_place("devices")),
                "online": (_("Online"), list_place("devices", state="online")),
                "activated": (_("Activated"), list_place("devices", state="activated")),
                "products": (_("Products"), list_place("products")),
            },
        )

    async def look(self, _actor: Actor, totals: Totals) -> None:
        """Show the numbers."""
        self._figures.show(
            devices=totals.devices, online=totals.online, activated=totals.activated, products=len(totals.products)
        )


class FleetTable:
    """The products with the most devices."""

    def __init__(self) -> None:
        with panel(_("Devices by product")) as head:
            with head:
                Link(_("All products"), list_place("products"))
            self._lines: Lines[ProductTotals] = Lines(lambda each: each, _draw, _("There are no products yet."))

    async def look(self, _actor: Actor, totals: Totals) -> None:
        """Show them."""
        largest = sorted(totals.products, key=lambda each: (-each.devices, each.name))
        self._lines.show(largest[:_MOST])


def _draw(each: ProductTotals) -> None:
    Link(each.name, product_place(each.product_key)).classes("cell-link line-text")
    online = Link(
        _("{count} online", count=f"{each.online:,}"), list_place("devices", product=each.product_key, state="online")
    )
    online.classes("number")
    devices = Link(f"{each.devices:,}", list_place("devices", product=each.product_key))
    devices.classes("number line-number")
    devices.props["title"] = _("Devices")
