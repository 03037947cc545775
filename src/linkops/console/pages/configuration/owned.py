"""The page of a narrower document: a group's, or a single device's."""

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.configuration.document import Editing
from linkops.console.pages.configuration.pushing import Pushing
from linkops.console.pages.configuration.site import Site, site_of
from linkops.console.parts.links import Link
from linkops.console.parts.places import configuration_place, device_place, given_place, group_place
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.groups.model import path_text
from linkops.devices.model import DeviceKey
from linkops.errors import NotFound
from linkops.remote_config.documents.model import Scope, Target


@page("/configuration/{product_key}/groups/{group_id}", n_("Configuration of a group"))
async def of_group(product_key: str, group_id: str) -> None:
    """Show a group's document, also one that nobody saved yet."""
    if not (group_id.isascii() and group_id.isdecimal() and len(group_id) < 19):
        raise NotFound("group.not_found", group_id=group_id[:32])
    site, seen = await site_of(product_key), view()
    group = await seen.services.groups.get(seen.actor, int(group_id))
    with _heading(site, _("Configuration of the group {name}", name=path_text(group.path))):
        Link(_("To the group"), group_place(group.id))
        if site.operates:
            push = action(Pushing(site, group.id).ask)
            ui.button(_("Push to the group"), icon="send", on_click=push).props("unelevated")
    ui.label(_("Laid over the product's document, and over those of groups with a lower priority.")).classes("hint")
    await _edit(site, Target(product_key, Scope.GROUP, group_id=group.id))


@page("/configuration/{product_key}/devices/{device_name}", n_("Configuration of a device"))
async def of_device(product_key: str, device_name: str) -> None:
    """Show a device's own document, also one that nobody saved yet."""
    site, key = await site_of(product_key), DeviceKey(product_key, device_name)
    target = Target(product_key, Scope.DEVICE, device_name=device_name)
    await view().services.remote_config.documents.get(view().actor, target)  # refuses before anything is drawn
    with _heading(site, _("Configuration of the device {name}", name=device_name)):
        Link(_("What the device is given"), given_place(key))
        Link(_("To the device"), device_place(key))
    ui.label(_("Laid over all other documents that apply to the device.")).classes("hint")
    await _edit(site, target)


def _heading(site: Site, title: str) -> ui.row:
    narrower = configuration_place(site.key, "narrower").removeprefix("/console")
    return frame.heading(title, above=((_("Remote configuration"), "/configuration"), (site.product.name, narrower)))


async def _edit(site: Site, target: Target) -> None:
    async def saved() -> None:
        """Nothing else on this page depends on it."""

    await Editing(site, target, saved).draw()
