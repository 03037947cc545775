"""What holds a rollout back or stops it: stages, limits, push windows; and its tags."""

from typing import Any

from nicegui import ui

from linkops.console.pages.jobs.draft import Draft, Row
from linkops.console.pages.jobs.words import ABORTS, DAYS
from linkops.console.parts.forms import Form
from linkops.console.parts.rows import EditedRows
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.ota.strategy import AbortKind

_GATES = {"success": n_("goes on if enough succeeded"), "manual": n_("waits for somebody")}


def draw_stages(draft: Draft, form: Form) -> None:
    """Draw the stages: rows that are drawn anew when there are others."""

    def build(number: int, row: Row) -> None:
        _number(form, f"stages.{number}.percent", row, "percent", _("Until % of the devices"))
        gate = ui.select({name: _(label) for name, label in _GATES.items()}, label=_("Then"), value=row["gate"])
        gate.props("outlined dense options-dense").bind_value_to(row, "gate")
        success = _number(form, f"stages.{number}.success_percent", row, "success_percent", _("% succeeded"))
        success.bind_enabled_from(gate, "value", backward=lambda value: value == "success")

    def new() -> Row:
        before = draft.stages[-1]["percent"] if draft.stages else None
        percent = min(100, (before or 0) * 5) if before else 5
        return {"percent": percent, "gate": "success", "success_percent": 95}

    text = _("A part of the devices first; the others are offered nothing before these are done. None: all at once.")
    ui.label(text).classes("hint")
    EditedRows(draft.stages, build, new=new, add=_("Add a stage"), changed=lambda: form.forget("stages."))


def draw_aborts(rows: list[Row], form: Form) -> None:
    """Draw the limits at which a rollout stops itself."""

    def build(number: int, row: Row) -> None:
        kinds = {kind: _(label) for kind, label in ABORTS.items()}
        kind = ui.select(kinds, label=_("Counting"), value=row["kind"])
        kind.props("outlined dense options-dense").bind_value_to(row, "kind")
        _number(form, f"abort.{number}.percent", row, "percent", _("Share in %"))
        _number(form, f"abort.{number}.failures", row, "failures", _("or devices"), precision=0)
        _number(form, f"abort.{number}.after", row, "after", _("Once done"), precision=0)

    text = _("What was not pushed yet is canceled at a share of the devices that are done, or a number; others go on.")
    ui.label(text).classes("hint")
    new: Row = {"kind": AbortKind.ANY, "percent": 20, "failures": None, "after": 10}
    EditedRows(rows, build, new=lambda: dict(new), add=_("Add a limit"), changed=lambda: form.forget("abort."))


def draw_windows(rows: list[Row], form: Form) -> None:
    """Draw the times of the week at which devices may be told."""

    def build(number: int, row: Row) -> None:
        days = {day: _(label) for day, label in enumerate(DAYS, 1)}
        given = form.field(f"windows.{number}.days", ui.select(days, label=_("Days"), multiple=True, value=row["days"]))
        given.bind_value_to(row, "days", forward=lambda value: list(value or []))
        for key, label in (("start", _("From")), ("end", _("To"))):
            clock = form.field(f"windows.{number}.{key}", ui.input(label, value=row[key]))
            clock.props("type=time stack-label").bind_value_to(row, key)
        zone = form.field(f"windows.{number}.zone", ui.input(_("Time zone"), value=row["zone"]))
        zone.bind_value_to(row, "zone")

    text = _("Devices are told only then; those that are updating go on. None: as the product says, or always.")
    ui.label(text).classes("hint")
    new = {"start": "22:00", "end": "04:00", "zone": str(view().zone)}
    add, changed = _("Add a window"), lambda: form.forget("windows.")
    EditedRows(rows, build, new=lambda: {**new, "days": [1, 2, 3, 4, 5, 6, 7]}, add=add, changed=changed)


def draw_tags(rows: list[Row], form: Form) -> None:
    """Draw the tags that devices are handed."""

    def build(number: int, row: Row) -> None:
        del number
        for key, label in (("key", _("Tag")), ("value", _("Value"))):
            given = ui.input(label, value=row[key]).bind_value_to(row, key)
            # Refusals name a tag by its key, which is typed here: whatever is wrong is said at the last one.
            form.field(f"tags.{key}", given)

    ui.label(_("Handed to devices with the update, and to find the rollout by. At most 10.")).classes("hint")
    EditedRows(rows, build, new=lambda: {"key": "", "value": ""}, add=_("Add a tag"))


def _number(form: Form, name: str, row: Row, key: str, label: str, **limits: Any) -> ui.number:
    given: ui.number = form.field(name, ui.number(label, value=row[key], **limits))
    given.bind_value_to(row, key)
    return given
