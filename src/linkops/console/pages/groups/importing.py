"""A file of devices that a group is to have."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.texts import _
from linkops.devices.groups.model import MAX_IMPORTED, Group

_WITHIN_S = 900
# The file goes straight to our own route, as it is read; nothing of it is put into this script.
_UPLOAD = """
const input = getHtmlElement({element});
if (!input.files.length) return null;
try {{
  const there = "/console/groups/{group}/members.csv";
  const answer = await fetch(there, {{method: "POST", body: input.files[0]}});
  return await answer.json();
}} catch (error) {{
  return {{problem: null}};
}} finally {{
  input.value = "";
}}
"""


def ask_for_list(group: Group, then: Callable[[], Awaitable[None]]) -> None:
    """Ask for the file, send it, and say what became of its lines; ``then`` comes when some were good."""
    with ui.dialog().props("no-backdrop-dismiss") as dialog, ui.card().classes("form"):
        ui.label(_("Upload a list")).classes("dialog-title").props("role=heading aria-level=2")
        _Upload(group, then).draw()
        with ui.row().classes("dialog-actions"):
            ui.button(_("Close"), on_click=dialog.close).props("flat")
    dialog.on("hide", dialog.delete)
    dialog.open()


class _Upload:
    def __init__(self, group: Group, then: Callable[[], Awaitable[None]]) -> None:
        self._group = group
        self._then = then

    def draw(self) -> None:
        """Draw the input, and a place for the answer."""
        ui.label(
            _(
                "Comma-separated text with device_name and product_key, one device a line, up to {most} lines. Good "
                "lines count whatever the others say: put these right and send the whole list again.",
                most=f"{MAX_IMPORTED:,}",
            )
        )
        if self._group.product_key:
            ui.label(_("The product may be missing.")).classes("hint")
        with ui.element("label").classes("file-label"):
            ui.label(_("File (CSV)"))
            file = ui.element("input").props('type=file accept=".csv,.txt,text/csv,text/plain"').classes("file-input")
            file.on("change", action(lambda: self._send(file)), args=[])
        self._busy = ui.linear_progress(show_value=False).props("indeterminate").classes("busy")
        self._busy.set_visibility(False)
        self._said = ui.label().props("aria-live=polite")
        self._lines = ui.element("div").classes("lines lines-short")

    async def _send(self, file: ui.element) -> None:
        self._lines.clear()
        self._said.text = _("Sending…")
        self._busy.set_visibility(True)
        try:
            script = _UPLOAD.format(element=file.id, group=int(self._group.id))
            answer: dict[str, Any] | None = await ui.run_javascript(script, timeout=_WITHIN_S)
        finally:
            self._busy.set_visibility(False)
        await self._show(answer)

    async def _show(self, answer: dict[str, Any] | None) -> None:
        if answer is None:
            self._said.text = ""
            return
        if "added" in answer:
            added, refused = int(answer["added"]), int(answer["refused"])
            self._said.text = _(
                "Lines in the group now: {added}. Refused: {refused}.",
                added=f"{added:,}",
                refused=f"{refused:,}",
            )
            await self._then()
        with self._lines:
            for line in answer.get("lines", ()):
                with ui.element("div").classes("line"):
                    ui.label(_("Line {number}", number=int(line["line"]))).classes("number line-when")
                    ui.label(str(line["device"])).classes("mono line-name")
                    ui.label(str(line["why"])).classes("line-text")
        if "problem" in answer:
            self._said.text = str(answer["problem"] or _("The connection was lost. Send the list again."))
