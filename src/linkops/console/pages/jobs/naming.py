"""Devices by name: searched, typed or pasted, or as a file."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.jobs.draft import Draft, device_names
from linkops.console.parts.forms import Form
from linkops.console.parts.links import Link
from linkops.console.parts.names import named
from linkops.console.parts.status import chip
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.search.model import DeviceFilter, DeviceRow
from linkops.ota.targeting import MAX_DEVICE_NAMES

_FOUND = 12
_UPLOAD_WITHIN_S = 600
# The file goes straight to our own route, as it is read; nothing of it is put into this script.
_UPLOAD = """
const input = getHtmlElement({element});
if (!input.files.length) return null;
const there = "/console/device-lists?product_key=" + encodeURIComponent(input.dataset.product);
const answer = await fetch(there, {{method: "POST", body: input.files[0]}});
input.value = "";
return await answer.json();
"""


def draw_names(draft: Draft, form: Form, product_key: str, changed: Callable[[], None]) -> None:
    """Draw the three ways to name devices."""
    names = _Names(draft, form, product_key, changed)
    names.draw()


class _Names:
    def __init__(self, draft: Draft, form: Form, product_key: str, changed: Callable[[], None]) -> None:
        self._draft, self._form, self._product_key, self._changed = draft, form, product_key, changed

    def draw(self) -> None:
        with ui.element("div").classes("names"):
            with ui.element("div").classes("field-list"):
                self._search = ui.input(_("Search devices by the beginning of their name"))
                self._search.props("outlined dense clearable debounce=300").on_value_change(action(self._find))
                self._found = ui.element("div").classes("found")
            with ui.element("div").classes("field-list"):
                label = _("Device names, one a line")
                self._typed = self._form.field("device_names", ui.textarea(label, value=self._draft.names))
                self._typed.props("debounce=300 input-class=names-area").classes("mono")
                self._typed.bind_value_to(self._draft, "names").on_value_change(self._typed_in)
                self._count = ui.label().classes("hint")
        self._draw_file()
        self._show_count()

    def _typed_in(self) -> None:
        self._show_count()
        self._changed()

    def _show_count(self) -> None:
        count = len(device_names(self._draft.names))
        self._count.text = _(
            "{count} names; at most {most}, or upload a file", count=f"{count:,}", most=f"{MAX_DEVICE_NAMES:,}"
        )

    async def _find(self) -> None:
        seen, prefix = view(), str(self._search.value or "").strip()
        wanted = DeviceFilter(product_key=self._product_key, name_prefix=prefix)
        found = await seen.services.search.page(await seen.act(), wanted, limit=_FOUND)
        self._found.clear()
        with self._found:
            for row in found.items if prefix else ():
                self._draw_found(row)
            if prefix and not found.items:
                ui.label(_("No device has such a name.")).classes("hint")
            if prefix and found.next:
                ui.label(_("There are more: type more of the name.")).classes("hint")

    def _draw_found(self, row: DeviceRow) -> None:
        name = row.device.key.device_name
        with ui.element("div").classes("found-row"):
            named(ui.button(icon="add", on_click=lambda: self._add(name)), _("Add {name}", name=name)).props(
                "flat dense round size=sm"
            )
            ui.label(name).classes("mono found-name")
            chip(row.device.state.value)

    def _add(self, name: str) -> None:
        names = device_names(self._draft.names)
        if name not in names:
            self._typed.value = "\n".join((*names, name))

    def _draw_file(self) -> None:
        with ui.element("label").classes("file-label") as self._label:
            ui.label(_("Or a CSV file with a device name in each line (up to 1,000,000)"))
            file = ui.element("input").props('type=file accept=".csv,.txt,text/csv,text/plain"').classes("file-input")
            file.props["data-product"] = self._product_key
            file.on("change", action(lambda: self._upload(file)), args=[])
        with ui.element("div").classes("list-line") as self._list:
            self._said = ui.label().props("aria-live=polite")
            self._refused = Link(_("Lines that name no device"), "#").props("download")
            ui.button(_("Forget the list"), on_click=self._forget).props("flat dense")
        self._list.set_visibility(False)
        if self._draft.listed is not None:
            self._show_list(
                _("The {devices} devices that were named before.", devices=f"{self._draft.listed_devices:,}")
            )

    def _show_list(self, said: str, *, refused: bool = False) -> None:
        self._said.text = said
        self._refused.set_visibility(refused)
        self._list.set_visibility(True)
        self._typed.disable()

    async def _upload(self, file: ui.element) -> None:
        said: dict[str, Any] | None = await ui.run_javascript(_UPLOAD.format(element=file.id), timeout=_UPLOAD_WITHIN_S)
        if said is None:
            return
        if "problem" in said:
            ui.notify(str(said["problem"]), type="negative", timeout=8_000)
            return
        self._draft.listed, self._draft.listed_devices = int(said["id"]), int(said["devices"])
        text = _(
            "The file names {devices} devices; {refused} lines name none.",
            devices=f"{int(said['devices']):,}",
            refused=f"{int(said['refused']):,}",
        )
        self._refused.props["href"] = f"/console/device-lists/{int(said['id'])}/refusals.csv"
        self._refused.update()
        self._show_list(text, refused=bool(said["refused"]))
        self._changed()

    def _forget(self) -> None:
        self._draft.listed, self._draft.listed_devices = None, 0
        self._list.set_visibility(False)
        self._typed.enable()
        self._changed()
