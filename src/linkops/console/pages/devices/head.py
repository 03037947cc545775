"""The head of a device's page: its name and state, and what can be done with the device itself."""

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action
from linkops.console.pages.devices.opened import Opened
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.forms import Form
from linkops.console.parts.links import go
from linkops.console.parts.places import with_filters
from linkops.console.parts.status import look_of
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import Device


class Head:
    """Drawn once; what changes is written into it."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        above = ((_("Devices"), with_filters("/devices", product=opened.key.product_key)),)
        crumbs = (*above, (opened.product.name, f"/products/{opened.key.product_key}"))
        self._actions = frame.heading(opened.key.device_name, above=crumbs)
        with ui.row().classes("device-line"):
            self._chip = ui.label()
            self._nickname = ui.label()
            self._since = ui.label().classes("muted")
        if opened.operates:
            with self._actions:
                self._draw_actions()
        self._write(opened.device)
        opened.changed.append(self._write)

    def _draw_actions(self) -> None:
        ui.button(_("Nickname"), icon="edit", on_click=action(self._edit_nickname)).props("outline")
        self._switch = ui.button(on_click=action(self._ask_switch)).props("outline")
        ui.button(_("Delete"), icon="delete", on_click=action(self._ask_delete)).props("outline color=negative")

    def _write(self, device: Device) -> None:
        look = look_of(device.state)
        self._chip.text = _(look.word)
        self._chip.classes(replace=f"chip chip-{look.kind}")
        self._nickname.text = device.nickname
        self._nickname.set_visibility(bool(device.nickname))
        at = device.online_at if device.online else device.last_seen_at
        word = _("connected {time}", time=ago(at)) if device.online else _("last seen {time}", time=ago(at))
        self._since.props["title"] = exact(at)
        self._since.text = word if at is not None else _("has never connected")
        if self._opened.operates:
            self._switch.props["icon"] = "block" if device.enabled else "play_circle"
            self._switch.text = _("Disable") if device.enabled else _("Enable")

    async def _edit_nickname(self) -> None:
        form = Form()

        async def save() -> None:
            seen = view()
            await seen.services.devices.set_nickname(await seen.act(), self._opened.key, (name.value or "").strip())
            dialog.close()
            await self._opened.look()

        with ui.dialog() as dialog, ui.card().classes("form"):
            ui.label(_("Nickname")).classes("dialog-title").props("role=heading aria-level=2")
            name = form.field("nickname", ui.input(_("Nickname"), value=self._opened.device.nickname))
            name.props("autofocus maxlength=64")
            with ui.row().classes("dialog-actions"):
                ui.button(_("Cancel"), on_click=dialog.close).props("flat")
                form.button(_("Save"), save)
        dialog.props["aria-label"] = _("Nickname")
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _ask_switch(self) -> None:
        if not self._opened.device.enabled:
            await self._enable(enabled=True)
            return
        text = _("The device is refused until it is enabled again.")
        if self._opened.device.online:
            text = _("The device is connected now: it is cut off at once, and refused until it is enabled again.")
        confirm(_("Disable the device"), text, self._disable, button=_("Disable"))

    async def _disable(self) -> None:
        await self._enable(enabled=False)

    async def _enable(self, *, enabled: bool) -> None:
        seen = view()
        await seen.services.devices.set_enabled(await seen.act(), [self._opened.key], enabled=enabled)
        ui.notify(_("The device is enabled") if enabled else _("The device is disabled"), type="positive")
        await self._opened.look()

    async def _ask_delete(self) -> None:
        name = self._opened.key.device_name
        text = _("{name} is deleted for good, with its secret, tags, files, log and certificates.", name=name)
        confirm(_("Delete the device"), text, self._delete, button=_("Delete"), typed=name)

    async def _delete(self) -> None:
        seen = view()
        await seen.services.devices.delete(await seen.act(), [self._opened.key])
        go(with_filters("/console/devices", product=self._opened.key.product_key))
