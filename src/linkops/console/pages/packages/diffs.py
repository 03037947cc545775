"""Differential packages that are being made, and were."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.packages.diff_dialog import ask_for_diff
from linkops.console.pages.packages.words import DIFF_STATES, STAGES, package_path
from linkops.console.parts.live import live
from linkops.console.parts.names import named
from linkops.console.parts.panels import panel
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.paging import Page
from linkops.events.actor import Role
from linkops.ota.diffs.model import MAX_WAITING, Diff
from linkops.texts.refusals import text_of

_COLUMNS = (
    Column("name", n_("Package"), Kind.LINK),
    Column("versions", n_("Versions"), Kind.CODE),
    Column("status", n_("State"), Kind.STATUS),
    Column("size", n_("Size"), Kind.SIZE, rank=2),
    Column("saved", n_("Saves"), rank=2),
    Column("reason", n_("Why not"), rank=2),
    Column("created_by", n_("Created by"), rank=3),
    Column("created_at", n_("Created at"), Kind.TIME, rank=3),
)
_EVERY_S = 2.0


@page("/packages/diffs", n_("Differential packages"))
async def diffs() -> None:
    """Show them, the newest first."""
    with frame.heading(_("Differential packages"), above=((_("Packages"), "/packages"),)):
        if max(view().actor.roles.values(), default=0) >= Role.OPERATOR:
            button = ui.button(_("Make a differential package"), icon="add", on_click=action(ask_for_diff))
            button.props("unelevated")
    await DiffList().draw()


class DiffList:
    """Those that are being made with their progress, above a table of all."""

    def __init__(self) -> None:
        self._lines: dict[int, _Line] | None = None

    async def draw(self) -> None:
        """Draw both, and keep them up to date."""
        self._place = ui.element("div").classes("under-way")
        empty = _("None was made yet. One brings devices from a version to another by a download that is much smaller.")
        self._table = PagedTable(_COLUMNS, self._load, empty=empty)
        await self._look()
        live(self._look, _EVERY_S)

    async def _look(self) -> bool:
        under_way = [diff for diff in (await _some(None, 2 * MAX_WAITING)).items if diff.ended_at is None]
        if self._lines is None or self._lines.keys() != {diff.id for diff in under_way}:
            self._lines = self._drawn(under_way)
            await self._table.show()
        for diff in under_way:
            self._lines[diff.id].show(diff)
        return bool(under_way)

    def _drawn(self, under_way: list[Diff]) -> "dict[int, _Line]":
        self._place.clear()
        if not under_way:
            return {}
        with self._place, panel(_("Being made")):
            return {diff.id: _Line(diff) for diff in reversed(under_way)}

    async def _load(self, cursor: str | None) -> Rows:
        found = await _some(cursor, 20)
        return Rows([_row(diff) for diff in found.items], found.next, total_of(found.total, more=found.total_is_more))


class _Line:
    """One that is being made."""

    def __init__(self, diff: Diff) -> None:
        async def cancel() -> None:
            seen = view()
            await seen.services.ota.diffs.cancel(await seen.act(), diff.id)

        with ui.element("div").classes("diff-line"):
            ui.label(f"{diff.name} · {diff.source_version} → {diff.version}").classes("cell-link")
            self._stage = ui.label().classes("muted")
            bar = ui.linear_progress(0.0, show_value=False, size="8px").props("rounded")
            self._bar = named(bar, diff.name)
            if view().actor.may(Role.OPERATOR, diff.product_id):
                ui.button(_("Cancel"), on_click=action(cancel)).props("outline dense")

    def show(self, diff: Diff) -> None:
        """Show how far it is."""
        self._stage.text = f"{_(STAGES[diff.stage])} · {diff.progress} %"
        self._bar.value = diff.progress / 100


async def _some(cursor: str | None, limit: int) -> Page[Diff]:
    seen = view()
    return await seen.services.ota.diffs.page(await seen.act(), cursor=cursor, limit=limit)


def _row(diff: Diff) -> Mapping[str, Any]:
    reason = text_of(diff.failure_code, {}, view().language) if diff.failure_code else ""
    return {
        "key": str(diff.id),
        "name": diff.name,
        "name_href": None if diff.package_id is None else package_path(diff.package_id),
        "versions": f"{diff.source_version} → {diff.version}",
        "status": DIFF_STATES[diff.status],
        "size": diff.patch_size_bytes,
        "saved": "" if diff.saved_percent is None else f"{diff.saved_percent:g} %",
        "reason": reason,
        "created_by": diff.created_by,
        "created_at": diff.created_at,
    }
