"""Changing the tags of one device, or of many at once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.rows import EditedRows, Row
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import DeviceKey
from linkops.errors import Invalid, Refused
from linkops.texts.refusals import text_of


def edit_tags(keys: Sequence[DeviceKey], before: Mapping[str, str], done: Callable[[], Awaitable[None]]) -> None:
    """Open the dialog.

    Args:
        keys: whose tags.
        before: tags to begin with; what is taken away of them is removed from the devices.
        done: called when they were changed.
    """
    rows: list[Row] = [{"key": key, "value": value} for key, value in before.items()] or [{"key": "", "value": ""}]

    def build(number: int, row: Row) -> None:
        for name, label in (("key", _("Tag")), ("value", _("Value"))):
            field = ui.input(f"{label} {number + 1}").props("outlined dense maxlength=128")
            field.value = row[name]
            field.bind_value_to(row, name)

    async def save() -> None:
        problem.set_visibility(False)
        seen, changes = view(), changes_of(rows, before)
        try:
            if changes:
                await seen.services.devices.change_tags(await seen.act(), keys, changes)
        except Invalid as refused:  # there is one place for all of them: the text names the tag
            _tell(problem, refused)
            return
        dialog.close()
        ui.notify(_("Tags changed on devices: {count}", count=f"{len(keys):,}"), type="positive")
        await done()

    with ui.dialog() as dialog, ui.card().classes("form"):
        ui.label(_("Tags")).classes("dialog-title").props("role=heading aria-level=2")
        if not before:
            ui.label(
                _("Devices: {count}. Tags are added or replaced; one without a value is removed.", count=len(keys))
            ).classes("muted")
        problem = ui.label().classes("danger").props("role=alert")
        problem.set_visibility(False)
        EditedRows(rows, build, new=lambda: {"key": "", "value": ""}, add=_("Add a tag"))
        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat")
            ui.button(_("Save"), on_click=action(save)).props("unelevated")
    dialog.props["aria-label"] = _("Tags")
    dialog.on("hide", dialog.delete)
    dialog.open()


def changes_of(rows: Sequence[Row], before: Mapping[str, str]) -> dict[str, str | None]:
    """Return which tags are to be set, and with None which are to be removed."""
    given = {str(row["key"] or "").strip(): str(row["value"] or "").strip() for row in rows}
    given.pop("", None)
    changes: dict[str, str | None] = {key: None for key in before if key not in given}
    changes |= {key: value or None for key, value in given.items() if before.get(key) != value}
    return changes


def _tell(label: ui.label, refused: Refused) -> None:
    label.text = text_of(refused.code, refused.params, view().language)
    label.set_visibility(True)
