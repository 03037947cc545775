"""Choosing whose document is to be written: a group's, or a single device's."""

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.asking import asking
from linkops.console.parts.choices import single_device_choice
from linkops.console.parts.group_choice import group_choice, named_groups
from linkops.console.parts.links import go
from linkops.console.parts.places import device_document_place, group_document_place
from linkops.console.texts import _
from linkops.devices.model import DeviceKey

_GROUP, _DEVICE = "group", "device"


async def ask_for_whom(product_key: str) -> None:
    """Ask, and go to the page of that document; nothing is made before somebody saves there."""
    groups = await named_groups(product_key)
    with asking(_("New narrower document")) as dialog:
        kinds = {_GROUP: _("Of a group"), _DEVICE: _("Of a single device")}
        kind = ui.radio(kinds, value=_GROUP).props("inline dense")
        group = group_choice(groups, product_key, _("Group"))
        device = await single_device_choice(_("Device"), product_key)
        group.bind_visibility_from(kind, "value", value=_GROUP)
        device.bind_visibility_from(kind, "value", value=_DEVICE)
        if not groups:
            text = _("There is no group that this product's devices may be in.")
            ui.label(text).classes("hint").bind_visibility_from(kind, "value", value=_GROUP)

        async def write() -> None:
            if kind.value == _GROUP:
                go(group_document_place(product_key, group.value))
            else:
                go(device_document_place(DeviceKey(product_key, device.value)))

        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat")
            yes = ui.button(_("Write it"), on_click=action(write)).props("unelevated")

        def judge() -> None:
            yes.set_enabled(bool(group.value if kind.value == _GROUP else device.value))

        for chosen in (kind, group, device):
            chosen.on_value_change(judge)
        judge()
