"""The versions of a document: the last five, then all; look at one, compare any two, copy one into the editor."""

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.differences import differences
from linkops.console.parts.names import named
from linkops.console.parts.panels import panel
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _
from linkops.console.view import view
from linkops.remote_config.documents.model import Target, Version

_MORE = 50
Put = Callable[[int, str], Awaitable[None]]


class Versions:
    """The list."""

    def __init__(self, target: Target, put: Put | None) -> None:
        """``put`` copies a version into the editor; None: the viewer has none."""
        self._target, self._put = target, put
        self._known: list[Version] = []

    async def draw(self, recent: Sequence[Version]) -> None:
        """Draw those that are known."""
        with panel(_("Versions")):
            self._place = ui.element("ol").classes("versions")
            self._rest = ui.button(_("Earlier versions"), on_click=action(self._earlier)).props("flat dense")
            self._compare = ui.button(_("Compare two versions"), icon="difference", on_click=action(self._ask)).props(
                "flat dense"
            )
        self._fill(list(recent))

    async def show(self) -> None:
        """Show the newest again."""
        seen = view()
        found = await seen.services.remote_config.documents.get(await seen.act(), self._target)
        self._fill(found.recent)

    async def _earlier(self) -> None:
        seen = view()
        documents, before = seen.services.remote_config.documents, self._known[-1].number
        found = await documents.versions(await seen.act(), self._target, before, _MORE)
        self._fill([*self._known, *found])

    def _fill(self, versions: list[Version]) -> None:
        self._known = versions
        self._place.clear()
        with self._place:
            for version in versions:
                self._draw_version(version)
        self._rest.set_visibility(bool(versions) and versions[-1].number > 1)
        self._compare.set_visibility(len(versions) > 1)
        if not versions:
            with self._place, ui.element("li"):
                ui.label(_("Nothing is saved yet")).classes("muted")

    def _draw_version(self, version: Version) -> None:
        with ui.element("li").classes("version"):
            with ui.element("div"):
                ui.label(_("Version {number}", number=version.number)).classes("version-name")
                line = ui.label(f"{version.created_by} · {ago(version.created_at)}").classes("hint")
                line.props["title"] = exact(version.created_at)
            look = ui.button(icon="visibility", on_click=action(lambda: self._look(version)))
            named(look, _("Look at version {number}", number=version.number)).props("flat dense round")
            said = version.comment
            if version.removed:
                said = _("Removed") + (f" · {said}" if said else "")
            if said:
                ui.label(said).classes("version-comment")

    async def _look(self, version: Version) -> None:
        content = await self._content(version.number)
        with ui.dialog() as dialog, ui.card().classes("wide"):
            title = _("Version {number}, saved by {name}", number=version.number, name=version.created_by)
            dialog.props["aria-label"] = title
            ui.label(title).classes("dialog-title").props("role=heading aria-level=2")
            ui.label(f"{exact(version.created_at)} · {version.size_bytes:,} B").classes("hint")
            ui.label(content or "").classes("body-text json-shown").props('tabindex="0"')
            with ui.row().classes("dialog-actions"):
                ui.button(_("Close"), on_click=dialog.close).props("flat")
                if self._put is not None and content is not None:
                    put = self._put

                    async def copy() -> None:
                        dialog.close()
                        await put(version.number, content)

                    ui.button(_("Copy into the editor"), on_click=action(copy)).props("unelevated")
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _ask(self) -> None:
        numbers = {version.number: _name(version) for version in self._known}
        older, newer = self._known[1].number, self._known[0].number
        with ui.dialog() as dialog, ui.card().classes("wide"):
            dialog.props["aria-label"] = _("Compare two versions")
            ui.label(_("Compare two versions")).classes("dialog-title").props("role=heading aria-level=2")
            with ui.element("div").classes("compare-choice"):
                left = ui.select(numbers, value=older, label=_("This version")).props("outlined dense")
                right = ui.select(numbers, value=newer, label=_("With this one")).props("outlined dense")
            place = ui.element("div").classes("compare-place")
            with ui.row().classes("dialog-actions"):
                ui.button(_("Close"), on_click=dialog.close).props("flat")

        async def compare() -> None:
            old, new = await self._content(left.value), await self._content(right.value)
            place.clear()
            with place:
                await differences(old or "", new or "", numbers[left.value], numbers[right.value])

        for choice in (left, right):
            choice.on_value_change(action(compare))
        dialog.on("hide", dialog.delete)
        dialog.open()
        await compare()

    async def _content(self, number: int) -> str | None:
        seen = view()
        _version, content = await seen.services.remote_config.documents.version(await seen.act(), self._target, number)
        return content


def _name(version: Version) -> str:
    return _("Version {number}, saved by {name}", number=version.number, name=version.created_by)
