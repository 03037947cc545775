"""What a device is: its identity, its connection, its tags and groups."""

from collections.abc import Mapping

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.devices.opened import Opened
from linkops.console.pages.devices.tag_dialog import edit_tags
from linkops.console.parts.copying import copyable, secret
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.fact_rows import fact, fact_list
from linkops.console.parts.links import Link
from linkops.console.parts.panels import panel
from linkops.console.parts.places import product_place, with_filters
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import AuthType, Device
from linkops.devices.tags.model import Origin, Tag

_ORIGINS = {
    Origin.OPERATOR: n_("set by operators"),
    Origin.DEVICE: n_("set by the device"),
    Origin.SYSTEM: n_("set by its SDK"),
}


async def build(opened: Opened) -> None:
    """Draw the tab."""
    with ui.element("div").classes("columns"):
        _identity(opened)
        _Connection(opened)
        await _Tags(opened).draw()
        await _groups(opened)


def _identity(opened: Opened) -> None:
    device = opened.device
    with panel(_("Identity")), fact_list():
        with fact(_("Product")):
            Link(opened.product.name, product_place(device.key.product_key))
        with fact("ProductKey"):
            copyable(device.key.product_key)
        with fact("DeviceName"):
            copyable(device.key.device_name)
        if opened.operates and opened.product.auth_type is AuthType.SECRET:
            with fact("DeviceSecret"):
                _secret(opened)
        with fact(_("Created")):
            ui.label(ago(device.created_at)).props["title"] = exact(device.created_at)


def _secret(opened: Opened) -> None:
    async def reveal() -> str:
        seen = view()
        return await seen.services.devices.secret(await seen.act(), opened.key)

    async def reset() -> None:
        seen = view()
        await seen.services.devices.reset_secret(await seen.act(), opened.key)
        place.clear()
        with place:
            secret(reveal)
        ui.notify(_("The device has a new secret"), type="positive")

    async def ask() -> None:
        text = _("The device is cut off at once, and refused until its firmware has the new secret.")
        confirm(_("Replace the secret"), text, reset, button=_("Replace"))

    with ui.element("span").classes("copyable") as place:
        secret(reveal)
    ui.button(_("Replace…"), on_click=action(ask)).props("flat dense size=sm")


class _Connection:
    """What is known of how it is connected; it changes while somebody looks."""

    def __init__(self, opened: Opened) -> None:
        self._labels: dict[str, ui.label] = {}
        lines = (
            ("online_at", _("Last login")),
            ("offline_at", _("Last went offline")),
            ("last_seen_at", _("Last seen")),
            ("activated_at", _("First login")),
            ("address", _("Address")),
            ("sdk", _("SDK")),
        )
        with panel(_("Connection")), fact_list():
            for name, label in lines:
                with fact(label):
                    self._labels[name] = ui.label()
        self._write(opened.device)
        opened.changed.append(self._write)

    def _write(self, device: Device) -> None:
        for name in ("online_at", "offline_at", "last_seen_at", "activated_at"):
            at = getattr(device, name)
            self._labels[name].text = ago(at) or "-"
            self._labels[name].props["title"] = exact(at)
            self._labels[name].update()
        self._labels["address"].text = device.address or "-"
        self._labels["sdk"].text = " ".join(filter(None, (device.sdk_language, device.sdk_version))) or "-"


class _Tags:
    """The tags with who set them."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._own: dict[str, str] = {}
        with panel(_("Tags")) as head:
            if opened.operates:
                with head:
                    ui.button(_("Edit"), icon="edit", on_click=action(self._edit)).props("flat dense size=sm")
            self._place = ui.element("div")

    async def draw(self) -> None:
        """Get them and show them."""
        seen = view()
        tags = await seen.services.tags.of(await seen.act(), self._opened.key)
        self._own = {key: tag.value for key, tag in tags.items() if tag.origin is Origin.OPERATOR}
        self._place.clear()
        with self._place:
            self._show(tags)

    @staticmethod
    def _show(tags: Mapping[str, Tag]) -> None:
        if not tags:
            ui.label(_("No tags.")).classes("muted")
            return
        with ui.element("dl").classes("facts"):
            for key, tag in tags.items():
                with ui.element("dt"):
                    ui.label(key).classes("mono")
                with ui.element("dd").classes("fact"):
                    ui.label(tag.value)
                    ui.label(_(_ORIGINS[tag.origin])).classes("muted small")

    async def _edit(self) -> None:
        edit_tags([self._opened.key], self._own, self.draw)


async def _groups(opened: Opened) -> None:
    seen = view()
    groups = await seen.services.groups.of_device(await seen.act(), opened.key)
    with panel(_("Groups")):
        if not groups:
            ui.label(_("In no static group.")).classes("muted")
        for group in groups:
            with ui.element("div"):
                Link(" / ".join(group.path), with_filters("/console/devices", group=group.id))
