"""The gateway on which a sub-device hangs."""

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.devices.opened import Opened
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.fact_rows import fact, fact_list
from linkops.console.parts.links import Link
from linkops.console.parts.panels import empty, panel
from linkops.console.parts.places import device_place, product_place
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import DeviceKey


async def build(opened: Opened) -> None:
    """Draw the tab."""
    place = ui.element("div").classes("stack")

    async def draw() -> None:
        seen = view()
        found = await seen.services.topology.place(await seen.act(), opened.key)
        place.clear()
        with place:
            if found.gateway is None:
                with empty("hub", _("This device hangs on no gateway. It is added on the page of a gateway.")):
                    pass
                return
            _show(found.gateway)

    def _show(gateway: DeviceKey) -> None:
        async def unbind() -> None:
            seen = view()
            await seen.services.topology.unbind(await seen.act(), gateway, [opened.key])
            await draw()

        async def ask() -> None:
            text = _("{name} is taken from its gateway, which is told; its session ends.", name=opened.key.device_name)
            confirm(_("Take off the gateway"), text, unbind, button=_("Take off"))

        with panel(_("Gateway")) as head:
            if opened.operates:
                with head:
                    ui.button(_("Take off the gateway"), on_click=action(ask)).props("outline dense")
            with fact_list():
                with fact(_("Device")):
                    Link(gateway.device_name, device_place(gateway))
                with fact(_("Product")):
                    Link(gateway.product_key, product_place(gateway.product_key))

    await draw()
