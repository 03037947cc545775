"""An editor for JSON documents: size, faults with line and column while typing, layout, warning before it is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.json_text import formatted
from linkops.console.texts import _
from linkops.console.view import view
from linkops.errors import Refused
from linkops.remote_config.documents.model import MAX_BYTES
from linkops.remote_config.documents.syntax import checked
from linkops.texts.refusals import text_of

_PAUSE_S = 0.3
# The editor's own element takes no name from outside; the page asks before it is left while something is not saved.
_HELP = """
if (!window.linkopsUnsaved) {
  window.linkopsUnsaved = new Set();
  window.addEventListener("beforeunload", event => { if (window.linkopsUnsaved.size) event.preventDefault(); });
  const name = () => document.querySelectorAll(".json-editor .cm-content:not([aria-label])").forEach(
    content => content.setAttribute("aria-label", content.closest(".json-editor").dataset.label));
  new MutationObserver(name).observe(document.body, {childList: true, subtree: true});
  name();
}
"""


class JsonEditor:
    """The editor; what stands at its right top is the size."""

    def __init__(
        self,
        text: str,
        label: str,
        *,
        save: Callable[[], Awaitable[Any]],
        changed: Callable[[], None],
        beside: Callable[[], bool] = lambda: False,
    ) -> None:
        """Draw it.

        Args:
            text: what was saved last.
            label: its name, in the viewer's language.
            save: what Ctrl+S does.
            changed: called when the text, or what is known to be wrong with it, is another.
            beside: whether something is not saved that belongs to the text but stands beside it; whoever changes
                that calls `remember`.
        """
        self._beside = beside
        self._saved = self._shown = as_edited(text)
        self._told = changed
        self._turn = 0
        self.fault = ""
        ui.run_javascript(_HELP)
        with ui.element("div").classes("json-head"):
            self.head = ui.element("div").classes("json-tools")
            with self.head:
                ui.button(_("Format"), icon="format_align_left", on_click=action(self.format)).props("flat dense")
            self._size = ui.label().classes("number json-size")
        with ui.element("div").classes("json-editor") as box:
            box.props["data-label"] = label
            self._editor = ui.codemirror(
                self._saved,
                language="JSON",
                theme="githubLight",
                indent="  ",
                line_wrapping=True,
                on_change=action(self._changed),
                keymap={"Mod-s": action(save)},
            )
        self._said = ui.label().classes("json-said").props("role=status")
        self._number = box.id
        self._show_size()

    @property
    def text(self) -> str:
        """What is in it."""
        return self._editor.value or ""

    @property
    def unsaved(self) -> bool:
        """Whether it differs from what was saved."""
        return self.text != self._saved

    def load(self, text: str, *, saved: bool = True) -> None:
        """Put another text in; ``saved``: it is what the server has."""
        self._editor.set_value(as_edited(text))
        if saved:
            self.saved(text)

    def saved(self, text: str) -> None:
        """Remember what was saved."""
        self._saved = as_edited(text)
        self.remember()

    def remember(self) -> None:
        """Let the page be left with a question, or without one if everything is saved."""
        do = "add" if self.unsaved or self._beside() else "delete"
        ui.run_javascript(f"window.linkopsUnsaved?.{do}({self._number})")
        self._told()

    def forget(self) -> None:
        """Let the page be left without a question."""
        ui.run_javascript(f"window.linkopsUnsaved?.delete({self._number})")

    async def format(self) -> None:
        """Lay the text out; one that is no JSON is left as it is."""
        if await self.check():
            self._editor.set_value(formatted(self.text))

    async def check(self) -> bool:
        """Say what is wrong; return whether nothing is."""
        try:
            await asyncio.to_thread(checked, self.text)
        except Refused as refused:
            self._show(text_of(refused.code, refused.params, view().language), refused.params)
        else:
            self._show("", {})
        return not self.fault

    async def _changed(self) -> None:
        self._show_size()
        self.remember()
        self._turn += 1
        turn = self._turn
        await asyncio.sleep(_PAUSE_S)
        if turn == self._turn:
            await self.check()

    def _show_size(self) -> None:
        size = len(self.text.encode("utf-8", "surrogatepass"))
        self._size.text = _("{size} of {most} bytes", size=f"{size:,}", most=f"{MAX_BYTES:,}")
        self._size.classes(add="json-over" if size > MAX_BYTES else "", remove="" if size > MAX_BYTES else "json-over")

    def _show(self, fault: str, params: Any) -> None:
        self.fault = fault
        self._said.text = fault
        # Straight to the editor: an update of the element would bring back the text of a moment ago.
        self._editor.run_method("setDecorations", _marks(self.text, params.get("line"), params.get("column")))
        self._told()


def as_edited(text: str) -> str:
    """Return a text as the editor holds it: it knows one kind of line end only."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _marks(text: str, line: int | None, column: int | None) -> list[dict[str, Any]]:
    if line is None or column is None:
        return []
    marks: list[dict[str, Any]] = [{"kind": "line", "line": line, "class": "json-bad-line"}]
    start = sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column - 1
    if start < len(text) and text[start] != "\n":
        marks.append({"kind": "mark", "from": start, "to": start + 1, "class": "json-bad-place"})
    return marks
