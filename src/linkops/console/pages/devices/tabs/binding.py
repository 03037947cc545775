"""Making devices sub-devices of a gateway: choosing a product, then devices of it."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.choices import device_choice
from linkops.console.parts.product_choice import searched_product
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import DeviceKey, NodeType
from linkops.events.actor import Role


async def ask_to_bind(gateway: DeviceKey, again: Callable[[], Awaitable[None]]) -> None:
    """Open the dialog; ``again`` is called when devices were bound."""
    chosen: list[ui.select] = []

    async def product_chosen() -> None:
        place.clear()
        chosen.clear()
        if product.value:
            with place:
                chosen.append(await device_choice(_("Devices"), product.value))

    async def bind() -> None:
        names = list(chosen[0].value or []) if chosen else []
        if not names:
            ui.notify(_("Choose at least one device."), type="warning")
            return
        seen, keys = view(), [DeviceKey(product.value, name) for name in names]
        changed = await seen.services.topology.bind(await seen.act(), gateway, keys)
        dialog.close()
        ui.notify(_("Devices added: {count}", count=f"{changed:,}"), type="positive")
        await again()

    with ui.dialog() as dialog, ui.card().classes("form"):
        ui.label(_("Add sub-devices")).classes("dialog-title").props("role=heading aria-level=2")
        ui.label(
            _("The gateway is told. A device that hangs on another gateway moves here; that gateway is told, too.")
        ).classes("muted")
        product = await searched_product(_("Product"), role=Role.OPERATOR, node_type=NodeType.SUBDEVICE)
        product.on_value_change(action(product_chosen))
        place = ui.element("div")
        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat")
            ui.button(_("Add"), on_click=action(bind)).props("unelevated")
    dialog.props["aria-label"] = _("Add sub-devices")
    dialog.on("hide", dialog.delete)
    dialog.open()
