"""Editing a document: nobody overwrites what they have not seen, and no text is lost by a refusal."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.configuration.conflict import Conflicted
from linkops.console.pages.configuration.site import Site
from linkops.console.pages.configuration.versions import Versions
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.forms import Form
from linkops.console.parts.json_editor import JsonEditor
from linkops.console.texts import _
from linkops.console.view import view
from linkops.errors import Conflict, Invalid, Refused
from linkops.remote_config.documents.model import MAX_COMMENT_CHARS, Document, Draft, Saved, Scope, Target
from linkops.texts.refusals import text_of

_EMPTY = "{\n  \n}\n"


class Editing:
    """The editor of a document with its versions beside it; who may only look sees the text."""

    def __init__(self, site: Site, target: Target, saved: Callable[[], Awaitable[None]]) -> None:
        """``saved`` is called when there is another version."""
        self._site, self._target, self._told = site, target, saved
        self._base = 0

    async def draw(self) -> None:
        """Draw both."""
        seen = view()
        found = await seen.services.remote_config.documents.get(await seen.act(), self._target)
        self._base = found.version.number if found.version else 0
        with ui.element("div").classes("config-columns"):
            with ui.element("div").classes("config-main"):
                if self._site.operates:
                    self._draw_editor(found)
                else:
                    _draw_text(found)
            self._versions = Versions(self._target, self.put if self._site.operates else None)
            await self._versions.draw(found.recent)
        if self._site.operates:
            self._judge()

    def _draw_editor(self, found: Document) -> None:
        self._notice = ui.element("div").classes("notice").props("role=status")
        label = _("Schema") if self._target.scope is Scope.SCHEMA else _("Document")
        self._editor = JsonEditor(found.content or "", label, save=self.save, changed=self._judge)
        if not found.content:
            self._editor.load(_EMPTY, saved=False)
        self._refused = ui.element("div").classes("notice").props("role=alert")
        form = self._form = Form()
        with ui.element("div").classes("save-line"):
            comment = ui.input(_("What changed, for the list of versions")).props(f"maxlength={MAX_COMMENT_CHARS}")
            self._comment = form.field("comment", comment)
            self._button = ui.button(_("Save"), icon="save", on_click=action(self.save)).props("unelevated")
        hint = _("Saving tells no device. A device that asks is given the newest version; push to tell all.")
        if self._target.scope is not Scope.SCHEMA:
            ui.label(hint).classes("hint")

    def _judge(self) -> None:
        if hasattr(self, "_button"):
            self._button.set_enabled(self._editor.unsaved and not self._editor.fault)

    async def save(self) -> None:
        """Save what is in the editor."""
        if not self._editor.unsaved or not await self._editor.check():
            return
        text, seen = self._editor.text, view()
        self._button.disable()
        self._refused.clear()
        self._form.clear()
        try:
            draft = Draft(text, self._base, self._comment.value or "")
            saved = await seen.services.remote_config.editing.save(await seen.act(), self._target, draft)
        except Refused as refused:
            await self._tell(refused)
        else:
            await self._after(saved, text)
        finally:
            self._judge()

    async def _after(self, saved: Saved, text: str) -> None:
        self._base = saved.version.number
        self._comment.value = ""
        self._notice.clear()
        self._editor.saved(text)
        if saved.made:
            ui.notify(_("Version {number} is saved", number=saved.version.number), type="positive")
        else:
            ui.notify(_("Nothing differs from version {number}", number=saved.version.number))
        if saved.violations:
            with self._refused, ui.element("div").classes("warning"):
                ui.label(_("The schema is saved, but the document as it is does not fit it. The next one must."))
                _draw_violations(saved.violations)
        await self._versions.show()
        await self._told()

    async def _tell(self, refused: Refused) -> None:
        if isinstance(refused, Conflict) and refused.code == "config.version_newer":
            with self._refused:
                await Conflicted(self._target, refused, self._editor, self._over, self._take).draw()
            await self._versions.show()
            return
        if refused.params.get("field") != "content" or not isinstance(refused, Invalid):
            if not self._form.tell(refused):
                raise refused
            return
        with self._refused, ui.element("div").classes("danger"):
            ui.label(text_of(refused.code, refused.params, view().language))
            _draw_violations(refused.params.get("violations", ()))

    async def _over(self, number: int) -> None:
        """Save the text here on top of a version that was seen meanwhile."""
        self._base = number
        await self.save()

    async def _take(self, number: int, content: str) -> None:
        """Take the version of somebody else in place of the text here."""
        self._base = number
        self._refused.clear()
        self._editor.load(content)

    async def put(self, number: int, content: str) -> None:
        """Copy an earlier version into the editor, asking first if something there is not saved."""

        async def copy() -> None:
            self._editor.load(content, saved=False)
            self._comment.value = self._comment.value or _("Back to version {number}", number=number)
            self._notice.clear()
            with self._notice, ui.element("div").classes("warning"):
                ui.label(_("This is version {number}. Nothing is changed until you save it.", number=number))

        if not self._editor.unsaved:
            await copy()
            return
        text = _("What you typed and did not save is replaced by version {number}.", number=number)
        confirm(_("Replace what is in the editor?"), text, copy, button=_("Replace"))


def _draw_violations(violations: Any) -> None:
    if violations:
        with ui.element("ul").classes("violations"):
            for violation in list(violations)[:50]:
                with ui.element("li"):
                    ui.label(f"{violation.pointer or '/'}: {violation.message}").classes("mono")


def _draw_text(found: Document) -> None:
    if found.content is None:
        ui.label(_("Nothing is saved yet")).classes("muted")
    else:
        ui.label(found.content).classes("body-text json-shown").props('tabindex="0"')
