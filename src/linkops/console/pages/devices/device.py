"""One device: what it is, what can be done with it, and everything that is known of it."""

from nicegui import ui

from linkops.console import frame
from linkops.console.page import page
from linkops.console.pages.devices.head import Head
from linkops.console.pages.devices.opened import Opened, open_device
from linkops.console.pages.devices.tabs import (
    certificates,
    configuration,
    files,
    gateway,
    log,
    messages,
    modules,
    overview,
    sub_devices,
    updates,
)
from linkops.console.parts.live import live
from linkops.console.parts.tabs import Tab, tabs
from linkops.console.texts import _, n_
from linkops.devices.model import AuthType, DeviceKey, NodeType
from linkops.errors import NotFound

_EVERY_S = 3.0


@page("/products/{product_key}/devices/{device_name}", n_("Device"))
async def device(product_key: str, device_name: str, tab: str = "") -> None:
    """Show a device; the tabs are built when they are opened."""
    opened = await open_device(DeviceKey(product_key, device_name))
    whole = ui.element("div").classes("stack")
    with whole:
        Head(opened)
        await tabs(_tabs(opened), tab)

    async def look() -> bool:
        try:
            await opened.look()
        except NotFound:
            whole.clear()
            with whole:
                frame.refusal(_("The device {name} was deleted.", name=device_name))
            return False
        return True

    live(look, _EVERY_S)


def _tabs(opened: Opened) -> dict[str, Tab]:
    found = {
        "overview": Tab(_("Overview"), lambda: overview.build(opened)),
        "modules": Tab(_("Modules"), lambda: modules.build(opened)),
        "updates": Tab(_("Updates"), lambda: updates.build(opened)),
        "configuration": Tab(_("Configuration"), lambda: configuration.build(opened)),
    }
    if opened.product.node_type is NodeType.GATEWAY:
        found["sub-devices"] = Tab(_("Sub-devices"), lambda: sub_devices.build(opened))
    elif opened.product.node_type is NodeType.SUBDEVICE:
        found["gateway"] = Tab(_("Gateway"), lambda: gateway.build(opened))
    found["files"] = Tab(_("Files"), lambda: files.build(opened))
    if opened.operates:
        found["log"] = Tab(_("Log"), lambda: log.build(opened))
        found["messages"] = Tab(_("Messages"), lambda: messages.build(opened))
    if opened.product.auth_type is AuthType.X509:
        found["certificates"] = Tab(_("Certificates"), lambda: certificates.build(opened))
    return found
