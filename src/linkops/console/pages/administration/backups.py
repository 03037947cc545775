"""Backups of the server: those that there are, making one, and the commands for the rest."""

import shlex
from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.copying import copyable
from linkops.console.parts.live import live
from linkops.console.parts.names import named
from linkops.console.parts.panels import panel
from linkops.console.parts.sheet import sheet
from linkops.console.parts.sizes import size_text
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.upkeep.backups import Backup, Making

_EVERY_S = 1.0
_COLUMNS = (
    Column("name", n_("Archive"), Kind.CODE),
    Column("made_at", n_("Made"), Kind.TIME, rank=2),
    Column("size", n_("Size"), Kind.SIZE),
    Column("master_key", n_("Master key"), rank=2),
)
_KEY = {True: n_("In it"), False: n_("Not in it"), None: n_("Its name does not say")}


async def show_backups() -> None:
    """Show them, and follow the one that is being made."""
    with panel(_("Backups")) as head:
        tab = _Backups(head)
    await tab.look()
    await tab.table.show()
    live(tab.look, _EVERY_S)
    _commands()


class _Backups:
    """The list, and how far the newest is."""

    def __init__(self, head: ui.element) -> None:
        self._last: Making | None = None
        self._looked = False
        backups = view().services.backups
        with head:
            self._make = ui.button(_("Make a backup"), icon="archive", on_click=self._ask).props("unelevated")
        ui.label(
            _("Database, package files and certificates in one archive, made while the server runs, in this folder:")
        )
        copyable(str(backups.folder))
        ui.label(
            _(
                "Archives open everything, so they are not handed out here: fetch them from the server's machine, keep "
                "them on another one, and where only you can read them."
            )
        ).classes("muted")
        if view().settings.blob_url is not None:
            ui.label(_("Package files are in your object store, and in no backup.")).classes("muted")
        with ui.element("div").classes("backup-course").props("role=status") as self._course:
            self._said = ui.label()
            bar = ui.linear_progress(0.0, show_value=False, size="8px").props("rounded")
            self._bar = named(bar, _("Make a backup"))
        with ui.element("div").classes("wrapped unpaged backup-list"):
            self.table = PagedTable(_COLUMNS, self._load, empty=_("There is no backup in the folder."))

    async def look(self) -> bool:
        """Show how far the newest is, and the list again once it has ended."""
        seen = view()
        making = seen.services.backups.making(await seen.act())
        if making != self._last or not self._looked:
            self._looked = True
            self._show(making)
            ended = making is not None and making.ended and self._last is not None and not self._last.ended
            self._last = making
            if ended:
                await self.table.refresh()
        return True

    def _show(self, making: Making | None) -> None:
        running = making is not None and not making.ended
        self._make.set_enabled(not running)
        self._course.set_visibility(making is not None)
        self._bar.set_visibility(running)
        if making is not None:
            self._said.text = _said(making)
            self._said.classes(add="danger" if making.why_not else "", remove="" if making.why_not else "danger")
            self._bar.value = making.done_bytes / making.all_bytes if making.all_bytes else 0.0

    async def _load(self, cursor: str | None) -> Rows:
        del cursor
        seen = view()
        return Rows([_row(one) for one in await seen.services.backups.list(await seen.act())], None)

    def _ask(self) -> None:
        elsewhere = view().settings.master_key is not None
        with sheet(_("Make a backup")) as dialog:
            with_key = ui.checkbox(_("With the master key"), value=not elsewhere)
            if elsewhere:
                with_key.disable()
                ui.label(_("The master key of this server is not in its folder: keep it where you keep it now."))
            else:
                ui.label(
                    _("Without the master key no device can log in after a restore, unless you keep the key elsewhere.")
                ).classes("warning")

            async def begin() -> None:
                dialog.close()
                seen = view()
                await seen.services.backups.begin(await seen.act(), with_key=bool(with_key.value))
                await self.look()

            with ui.row().classes("dialog-actions"):
                ui.button(_("Cancel"), on_click=dialog.close).props("flat")
                ui.button(_("Make it"), on_click=action(begin)).props("unelevated autofocus")


def _said(making: Making) -> str:
    if making.why_not:
        return _("{name} was not made: {why}", name=making.name, why=making.why_not)
    if making.ended:
        return _("{name} is made.", name=making.name)
    if not making.all_bytes:
        return _("The database is being copied.")
    done, whole = size_text(making.done_bytes), size_text(making.all_bytes)
    return _("{done} of {all} are in the archive.", done=done, all=whole)


def _row(one: Backup) -> dict[str, Any]:
    return {
        "key": one.name,
        "name": one.name,
        "made_at": one.made_at,
        "size": one.size_bytes,
        "master_key": _(_KEY[one.holds_key]),
    }


def _commands() -> None:
    settings, folder = view().settings, view().services.backups.folder
    where = ["--config", str(settings.file)] if settings.file else ["--data-dir", str(settings.data_dir.resolve())]
    with panel(_("Every night")):
        ui.label(_("A line for the crontab of the server's user; /backup is best another disk:"))
        copyable(f"15 3 * * * linkops backup /backup/linkops-$(date +\\%F).tar.gz {shlex.join(where)}")
        ui.label(_("To keep the master key elsewhere, leave it out:"))
        copyable(f"linkops backup --without-key /backup/linkops-$(date +%F).tar.gz {shlex.join(where)}")
        if settings.database_url is not None:
            ui.label(_("It takes pg_dump, and the address of the database as the server gets it.")).classes("muted")
    with panel(_("Restore")):
        ui.label(_("Into a new folder; nothing that exists is overwritten, and check sums are compared first."))
        copyable(f"linkops restore {shlex.quote(str(folder))}/linkops-….tar.gz --data-dir /var/lib/linkops/restored")
