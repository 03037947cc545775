"""The documents of groups and of single devices, which are laid over the product's."""

from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.configuration.choosing import ask_for_whom
from linkops.console.pages.configuration.site import Site
from linkops.console.parts.choices import single_device_choice
from linkops.console.parts.links import go
from linkops.console.parts.places import device_document_place, given_place, group_document_place
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.groups.model import path_text
from linkops.devices.model import DeviceKey
from linkops.remote_config.documents.model import DeviceDocument, GroupDocument, Version

_PER_PAGE = 50
_VERSION = (
    Column("version", n_("Version"), Kind.NUMBER),
    Column("size", n_("Size"), Kind.SIZE, rank=3),
    Column("saved_at", n_("Saved"), Kind.TIME, rank=2),
    Column("saved_by", n_("Saved by"), rank=2),
    Column("comment", n_("What changed"), rank=3),
)
_GROUPS = (Column("name", n_("Group"), Kind.LINK), Column("priority", n_("Priority"), Kind.NUMBER), *_VERSION)
_DEVICES = (
    Column("name", n_("Device"), Kind.LINK),
    *_VERSION,
    Column("given", "", Kind.LINK, rank=2),
)


class NarrowerList:
    """Both lists, the way to a new document, and the way to what one device is given."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def draw(self) -> None:
        """Draw everything."""
        order = _(
            "A device is given the product's document, with those of its groups laid over it from the lowest priority "
            "to the highest, and its own over them all."
        )
        ui.label(order).classes("hint")
        with ui.row().classes("filters"):
            device = await single_device_choice(_("What is this device given?"), self._site.key)
            device.classes("filter filter-wide").on_value_change(action(self._show_given))
            if self._site.operates:
                ui.space()
                new = action(lambda: ask_for_whom(self._site.key))
                ui.button(_("New narrower document"), icon="add", on_click=new).props("outline")
        _title(_("Documents of groups"))
        await PagedTable(_GROUPS, self._load_groups, empty=_("No group has a document of its own.")).show()
        _title(_("Documents of single devices"))
        await PagedTable(_DEVICES, self._load_devices, empty=_("No device has a document of its own.")).show()

    async def _show_given(self, change: Any) -> None:
        if change.value:
            go(given_place(DeviceKey(self._site.key, change.value)))

    async def _load_groups(self, _cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.remote_config.switches.groups(await seen.act(), self._site.key)
        return Rows([self._of_group(each) for each in found], None, total_of(len(found), more=False))

    async def _load_devices(self, cursor: str | None) -> Rows:
        seen, key = view(), self._site.key
        switches = seen.services.remote_config.switches
        found = await switches.devices(await seen.act(), key, int(cursor or 0), _PER_PAGE + 1)
        overview = await switches.overview(seen.actor, key)
        shown = found[:_PER_PAGE]
        beyond = str(shown[-1].id) if len(found) > _PER_PAGE else None
        total = total_of(overview.devices, more=overview.devices_is_more)
        return Rows([self._of_device(each) for each in shown], beyond, total)

    def _of_group(self, found: GroupDocument) -> dict[str, Any]:
        name = path_text(found.path) if found.path else _("Group {name}", name=found.group_id)
        there = group_document_place(self._site.key, found.group_id) if found.path else None
        return {
            "key": found.group_id,
            "name": name,
            "name_href": there,
            "priority": found.version.priority,
            **_of_version(found.version),
        }

    def _of_device(self, found: DeviceDocument) -> dict[str, Any]:
        key = DeviceKey(self._site.key, found.device_name)
        return {
            "key": found.id,
            "name": found.device_name,
            "name_href": device_document_place(key),
            "given": _("What it is given"),
            "given_href": given_place(key),
            **_of_version(found.version),
        }


def _of_version(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "size": version.size_bytes,
        "saved_at": version.created_at,
        "saved_by": version.created_by,
        "comment": version.comment,
    }


def _title(text: str) -> None:
    ui.label(text).classes("section-title").props("role=heading aria-level=2")
