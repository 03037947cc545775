"""Editing a document: nobody overwrites what they have not seen, and no text is lost by a refusal."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.configuration.conflict import Conflicted
from linkops.console.pages.configuration.removing import ask_to_remove
from linkops.console.pages.configuration.site import Site
from linkops.console.pages.configuration.versions import Versions
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.forms import Form
from linkops.console.parts.json_editor import JsonEditor
from linkops.console.texts import _
from linkops.console.view import view
from linkops.errors import Conflict, Invalid, Refused
from linkops.remote_config.documents.model import (
    MAX_COMMENT_CHARS,
    MAX_PRIORITY,
    Document,
    Draft,
    Saved,
    Scope,
    Target,
    Version,
)
from linkops.texts.refusals import text_of

_EMPTY = "{\n  \n}\n"


class Editing:
    """The editor of a document with its versions beside it; who may only look sees the text."""

    def __init__(self, site: Site, target: Target, saved: Callable[[], Awaitable[None]]) -> None:
        """``saved`` is called when there is another version."""
        self._site, self._target, self._told = site, target, saved
        self._base = self._ranked = 0

    async def draw(self) -> None:
        """Draw both."""
        seen = view()
        found = await seen.services.remote_config.documents.get(await seen.act(), self._target)
        self._base = found.version.number if found.version else 0
        with ui.element("div").classes("config-columns"):
            with ui.element("div").classes("config-main") as self._main:
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
        self._editor = JsonEditor(
            found.content or _EMPTY,
            label,
            save=self.save,
            changed=self._judge,
            beside=lambda: self._wanted_priority is not None,
        )
        self._refused = ui.element("div").classes("notice").props("role=alert")
        form = self._form = Form()
        with ui.element("div").classes("save-line"):
            if self._target.scope is Scope.GROUP:
                self._draw_priority(found.version.priority if found.version else 0)
            comment = ui.input(_("What changed, for the list of versions")).props(f"maxlength={MAX_COMMENT_CHARS}")
            self._comment = form.field("comment", comment)
            self._button = ui.button(_("Save"), icon="save", on_click=action(self.save)).props("unelevated")
            self._remove = ui.button(_("Remove"), icon="delete", on_click=action(self._ask_to_remove))
            self._remove.props("outline color=negative").set_visibility(self._removable and bool(found.content))
        hint = _("Saving tells no device. A device that asks is given the newest version; push to tell all.")
        if self._target.scope is not Scope.SCHEMA:
            ui.label(hint).classes("hint")

    def _draw_priority(self, priority: int) -> None:
        self._ranked = priority
        given = ui.number(_("Priority"), value=priority, min=0, max=MAX_PRIORITY, precision=0).classes("priority")
        self._priority = self._form.field("priority", given)
        self._priority.on_value_change(self._editor.remember)

    def _rank(self, priority: int) -> None:
        """Show the priority that the server has."""
        self._ranked = priority
        if self._target.scope is Scope.GROUP:
            self._priority.value = priority

    @property
    def _removable(self) -> bool:
        return self._target.scope is not Scope.PRODUCT

    @property
    def _wanted_priority(self) -> int | None:
        """What is to be the priority of a group's document; None: it has none, or it stays."""
        if self._target.scope is not Scope.GROUP or self._priority.value in {None, self._ranked}:
            return None
        return int(self._priority.value)

    @property
    def _unsaved(self) -> bool:
        return self._editor.unsaved or self._wanted_priority is not None

    def _judge(self) -> None:
        if hasattr(self, "_button"):
            self._button.set_enabled(self._unsaved and not self._editor.fault)

    async def save(self) -> None:
        """Save what is in the editor."""
        if not self._unsaved or not await self._editor.check():
            return
        text, seen = self._editor.text, view()
        self._button.disable()
        self._refused.clear()
        self._form.clear()
        try:
            draft = Draft(text, self._base, self._comment.value or "", self._wanted_priority)
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
        self._rank(saved.version.priority)
        self._editor.saved(text)
        self._remove.set_visibility(self._removable)
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

    async def _ask_to_remove(self) -> None:
        await ask_to_remove(self._target, self._take_away)

    async def _take_away(self) -> None:
        seen = view()
        editing = seen.services.remote_config.editing
        removed = await editing.remove(await seen.act(), self._target, self._base)
        self._base = removed.version.number
        with self._main:
            self._remove.set_visibility(False)
            if self._editor.unsaved:
                self._editor.saved(_EMPTY)
            else:
                self._editor.load(_EMPTY)
            schema = self._target.scope is Scope.SCHEMA
            ui.notify(_("The schema was removed") if schema else _("The document was removed"), type="positive")
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
        with self._main:  # the button that was pressed goes away meanwhile
            await self.save()

    async def _take(self, version: Version, content: str) -> None:
        """Take the version of somebody else in place of the text and the priority here."""
        self._base = version.number
        with self._main:
            self._refused.clear()
            self._rank(version.priority)
            self._editor.load(content or _EMPTY)
            self._remove.set_visibility(self._removable and bool(content))

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
        confirm(_("Replace what is in the editor?"), text, copy, button=_("Replace it"))


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
