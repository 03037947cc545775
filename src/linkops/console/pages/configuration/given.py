"""What configuration a device is given: which documents apply, what they give, and where each value comes from."""

from typing import Any, NamedTuple

from nicegui import ui

from linkops.console import frame
from linkops.console.page import page
from linkops.console.pages.configuration.site import Site, site_of
from linkops.console.parts.json_text import formatted
from linkops.console.parts.links import Link
from linkops.console.parts.panels import panel
from linkops.console.parts.places import (
    configuration_place,
    device_document_place,
    device_place,
    group_document_place,
)
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.groups.model import path_text
from linkops.devices.model import DeviceKey
from linkops.remote_config.documents.model import MAX_BYTES, Preview, PreviewLayer, Scope
from linkops.remote_config.documents.values import canonical, parse, value_at

_PER_PAGE = 50
_VALUE_CHARS = 200
_VALUES = (
    Column("path", n_("Where"), Kind.CODE),
    Column("value", n_("Value"), Kind.CODE),
    Column("from", n_("Comes from"), Kind.LINK),
)


class _Source(NamedTuple):
    """A document that applies, as it is called, and where its page is."""

    name: str
    address: str | None


@page("/configuration/{product_key}/devices/{device_name}/given", n_("What a device is given"))
async def given(product_key: str, device_name: str) -> None:
    """Show it as it is now."""
    site, key, seen = await site_of(product_key), DeviceKey(product_key, device_name), view()
    found = await seen.services.remote_config.previews.of_device(seen.actor, key)
    _draw_heading(site, key)
    _draw_warnings(found)
    sources = [_source(key, layer) for layer in found.layers]
    with ui.element("div").classes("columns"):
        with panel(_("Documents that apply, each laid over those above it")):
            _draw_layers(found, sources)
        with panel(_("What they give")):
            _draw_content(found)
    if found.content is not None:
        ui.label(_("Where each value comes from")).classes("section-title").props("role=heading aria-level=2")
        await _Values(found, sources).draw()


def _draw_heading(site: Site, key: DeviceKey) -> None:
    narrower = configuration_place(site.key, "narrower").removeprefix("/console")
    above = ((_("Remote configuration"), "/configuration"), (site.product.name, narrower))
    with frame.heading(_("What {name} is given", name=key.device_name), above=above):
        Link(_("The document of its own"), device_document_place(key))
        Link(_("To the device"), f"{device_place(key)}?tab=configuration")


def _draw_warnings(found: Preview) -> None:
    if not found.enabled:
        ui.label(_("Remote configuration is off: the device is given nothing.")).classes("warning")
    if found.too_large:
        text = _(
            "The device is given nothing: {size} bytes are more than the {most} that a configuration may have.",
            size=f"{found.size_bytes:,}",
            most=f"{MAX_BYTES:,}",
        )
        ui.label(text).classes("danger")


def _source(key: DeviceKey, layer: PreviewLayer) -> _Source:
    if layer.scope is Scope.DEVICE:
        return _Source(_("The device"), device_document_place(key))
    if layer.group_id is None:
        return _Source(_("The product"), configuration_place(key.product_key))
    if layer.path is None:
        return _Source(_("Group {name}", name=layer.group_id), None)
    there = group_document_place(key.product_key, layer.group_id)
    return _Source(_("Group {name}", name=path_text(layer.path)), there)


def _draw_layers(found: Preview, sources: list[_Source]) -> None:
    with ui.element("ol").classes("versions"):
        for layer, source in zip(found.layers, sources, strict=True):
            said = _("Version {number}", number=layer.version)
            if layer.scope is Scope.GROUP:
                said += " · " + _("priority {priority}", priority=layer.priority)
            with ui.element("li").classes("version"):
                _draw_source(source)
                ui.label(said).classes("hint")
    if not found.layers:
        ui.label(_("No document applies to it.")).classes("muted")


def _draw_source(source: _Source) -> None:
    if source.address is None:
        ui.label(source.name).classes("version-name")
    else:
        Link(source.name, source.address).classes("cell-link")


def _draw_content(found: Preview) -> None:
    if found.content is None:
        ui.label(_("Nothing")).classes("muted")
        return
    said = _("{size} bytes, SHA-256 {digest}…", size=f"{found.size_bytes:,}", digest=found.sha256[:16])
    ui.label(said).classes("hint").props["title"] = found.sha256
    ui.label(formatted(found.content)).classes("body-text json-shown").props('tabindex="0"')


class _Values:
    """The list of values, a page at a time."""

    def __init__(self, found: Preview, sources: list[_Source]) -> None:
        self._found, self._sources = found, sources
        self._document = parse((found.content or "{}").encode())

    async def draw(self) -> None:
        """Draw it."""
        await PagedTable(_VALUES, self._load, empty=_("No value is set.")).show()

    async def _load(self, cursor: str | None) -> Rows:
        start, origins = int(cursor or 0), self._found.origins
        end = start + _PER_PAGE
        rows = [self._row(origin.path, self._sources[origin.layer]) for origin in origins[start:end]]
        total = total_of(len(origins), more=self._found.more_origins)
        return Rows(rows, str(end) if end < len(origins) else None, total)

    def _row(self, path: str, source: _Source) -> dict[str, Any]:
        value = canonical(value_at(self._document, path)).decode()
        shown = value if len(value) <= _VALUE_CHARS else f"{value[:_VALUE_CHARS]}…"
        return {"key": path, "path": path or "/", "value": shown, "from": source.name, "from_href": source.address}
