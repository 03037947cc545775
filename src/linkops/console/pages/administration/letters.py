"""Dead letters: events that a webhook did not take, to look at, to send once more, or to give up."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.panels import Fact, facts, panel
from linkops.console.parts.sheet import sheet
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.subscriptions.model import DeadLetter

_PAGE = 50
_COLUMNS = (
    Column("at", n_("Happened"), Kind.TIME),
    Column("kind", n_("Kind"), Kind.CODE),
    Column("error", n_("Why it was not taken"), rank=2),
    Column("tries", n_("Tries"), Kind.NUMBER, rank=3),
    Column("failed_at", n_("Given up"), Kind.TIME, rank=3),
    Column("open", "", Kind.OPEN),
)


class Letters:
    """The dead letters of a webhook, in a panel of its page."""

    def __init__(self, webhook_id: int, changed: Callable[[], Awaitable[None]]) -> None:
        self._webhook_id = webhook_id
        self._changed = changed
        self._known: dict[str, DeadLetter] = {}
        with panel(_("Dead letters")) as head:
            with head, ui.row().classes("dialog-actions") as self._buttons:
                ui.button(_("Send again"), icon="replay", on_click=action(self._replay)).props("outline dense")
                ui.button(_("Delete dead letters"), icon="delete", on_click=self._ask_delete).props("outline dense")
            self._hint = ui.label(_("Tick some, or none for all of them.")).classes("muted")
            empty = _("None: everything has been taken, or is still being tried.")
            with ui.element("div").classes("wrapped"):
                self._table = PagedTable(_COLUMNS, self._load, empty=empty, selection=True, on_open=self._open)

    async def show(self) -> None:
        """Show the first ones."""
        await self._table.show()

    async def refresh(self) -> None:
        """Show what has changed; what is ticked stays so."""
        await self._table.refresh()

    async def _load(self, cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.subscriptions.letters.page(
            await seen.act(), self._webhook_id, after=int(cursor or 0), limit=_PAGE + 1
        )
        self._known = {str(letter.id): letter for letter in found}
        self._buttons.set_visibility(bool(found or cursor))
        self._hint.set_visibility(bool(found or cursor))
        more = str(found[_PAGE - 1].id) if len(found) > _PAGE else None
        return Rows([_row(letter) for letter in found[:_PAGE]], more)

    def _ticked(self) -> list[int] | None:
        """Return the ids of those that are ticked; None: all there are."""
        return [int(row["key"]) for row in self._table.selected] or None

    async def _replay(self) -> None:
        seen = view()
        count = await seen.services.subscriptions.letters.replay(await seen.act(), self._webhook_id, self._ticked())
        ui.notify(_("{count} are sent again soon", count=f"{count:,}"), type="positive")
        await self._changed()

    def _ask_delete(self) -> None:
        ticked = self._ticked()

        async def delete() -> None:
            seen = view()
            count = await seen.services.subscriptions.letters.delete(await seen.act(), self._webhook_id, ticked)
            ui.notify(_("{count} are deleted", count=f"{count:,}"), type="positive")
            await self._changed()

        title = _("Delete {count} dead letters?", count=f"{len(ticked):,}") if ticked else _("Delete all dead letters?")
        confirm(title, _("The application never hears of them."), delete, button=_("Delete"))

    async def _open(self, key: str) -> None:
        letter = self._known.get(key)
        if letter is None:  # whatever a browser sends
            return
        with sheet(letter.kind, wide=True) as dialog:
            facts(
                [
                    Fact(_("Happened"), exact(letter.at)),
                    Fact(_("Tries"), f"{letter.tries:,}"),
                    Fact(_("Given up"), ago(letter.failed_at), exact(letter.failed_at)),
                    Fact(_("Why it was not taken"), letter.error),
                ]
            )
            as_text(letter.event)
            with ui.row().classes("dialog-actions"):
                ui.button(_("Close"), on_click=dialog.close).props("flat autofocus")


def as_text(body: dict[str, Any]) -> None:
    """Show a body as it was sent, only with line ends."""
    text = ui.label(json.dumps(body, ensure_ascii=False, indent=2)).classes("body-text")
    text.props["tabindex"] = 0


def _row(letter: DeadLetter) -> dict[str, Any]:
    return {
        "key": str(letter.id),
        "at": letter.at,
        "kind": letter.kind,
        "error": _("Being sent again") if letter.replaying else letter.error,
        "tries": letter.tries,
        "failed_at": letter.failed_at,
        "open": _("Look at the event"),
    }
