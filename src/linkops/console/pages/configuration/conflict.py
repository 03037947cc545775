"""Two people saved: who did what, both sides, and the ways on."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.differences import differences
from linkops.console.parts.json_editor import JsonEditor
from linkops.console.parts.times import exact
from linkops.console.texts import _
from linkops.console.view import view
from linkops.errors import Conflict
from linkops.remote_config.documents.model import Target, Version


class Conflicted:
    """Says that somebody saved a newer version; the text in the editor stays as it is until its author decides."""

    def __init__(
        self,
        target: Target,
        refused: Conflict,
        editor: JsonEditor,
        over: Callable[[int], Awaitable[None]],
        take: Callable[[Version, str], Awaitable[None]],
    ) -> None:
        """``over`` saves the text on top of a version, ``take`` takes a version in its place."""
        self._target, self._editor, self._over, self._take = target, editor, over, take
        self._params = refused.params
        self._number = int(refused.params["version"])

    async def draw(self) -> None:
        """Draw it, with both sides."""
        seen = view()
        documents = seen.services.remote_config.documents
        version, content = await documents.version(await seen.act(), self._target, self._number)
        self._version, self._content = version, content or ""
        said = _(
            "{name} saved version {number} at {at}; yours was made from version {base}. Your text is still here.",
            name=version.created_by,
            number=version.number,
            at=exact(version.created_at),
            base=self._params["base_version"],
        )
        with ui.element("div").classes("danger"):
            ui.label(said)
            if version.comment:
                ui.label(version.comment).classes("version-comment")
        theirs = _("Version {number}, saved by {name}", number=version.number, name=version.created_by)
        await differences(self._content, self._editor.text, theirs, _("Yours, not saved"))
        with ui.element("div").classes("notice-actions"):
            label = _("Save mine over version {number}", number=self._number)
            ui.button(label, on_click=action(self._save_over)).props("outline color=negative")
            label = _("Take version {number} instead", number=self._number)
            ui.button(label, on_click=action(self._ask_to_take)).props("outline")

    async def _save_over(self) -> None:
        await self._over(self._number)

    async def _ask_to_take(self) -> None:
        async def take() -> None:
            await self._take(self._version, self._content)

        text = _("What you typed and did not save is replaced by version {number}.", number=self._number)
        confirm(_("Replace what is in the editor?"), text, take, button=_("Replace it"))
