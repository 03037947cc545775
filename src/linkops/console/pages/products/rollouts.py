"""What holds for all rollouts of a product: maintenance windows, and approval by a second person."""

from zoneinfo import available_timezones

from nicegui import ui

from linkops.console.parts.forms import Form
from linkops.console.parts.names import named
from linkops.console.parts.panels import panel
from linkops.console.parts.rows import EditedRows, Row
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import Product
from linkops.events.actor import Role
from linkops.ota.creating.store import ProductRule
from linkops.ota.strategy import Window

_DAYS = (n_("Mon"), n_("Tue"), n_("Wed"), n_("Thu"), n_("Fri"), n_("Sat"), n_("Sun"))
_WEEK = (1, 2, 3, 4, 5, 6, 7)


class RolloutsTab:
    """Administrators of the product change it; others see what it says."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._may = view().actor.may(Role.ADMIN, product.id)
        self._form = Form()

    async def build(self) -> None:
        """Draw it."""
        seen = view()
        rule = await seen.services.ota.steering.rule(await seen.act(), self._product.product_key)
        if self._may:
            self._draw_form(rule)
        else:
            _draw(rule)

    def _draw_form(self, rule: ProductRule) -> None:
        rows: list[Row] = [
            {"days": list(each.days), "start": each.start, "end": each.end, "zone": each.zone} for each in rule.windows
        ]
        with panel(_("Maintenance windows")):
            ui.label(_without_windows()).classes("hint")
            EditedRows(rows, self._draw_window, new=_new_window, add=_("Add a window"))
        with panel(_("Approval")):
            approval = ui.switch(_("Every rollout waits until somebody else than its creator approves it"))
            approval.value = rule.needs_approval

        async def save() -> None:
            seen = view()
            windows = tuple(
                Window(
                    days=tuple(sorted(row["days"] or ())), start=row["start"], end=row["end"], zone=row["zone"] or ""
                )
                for row in rows
            )
            wanted = ProductRule(windows, bool(approval.value))
            await seen.services.ota.steering.set_rule(await seen.act(), self._product.product_key, wanted)
            ui.notify(_("Saved. It holds for running rollouts as well."), type="positive")

        with ui.row():
            self._form.button(_("Save"), save)

    def _draw_window(self, number: int, row: Row) -> None:
        if number == 0:
            self._form.forget("windows.")
        place = f"windows.{number}"
        days = ui.select({day: _(_DAYS[day - 1]) for day in _WEEK}, value=row["days"], multiple=True, label=_("Days"))
        self._form.field(f"{place}.days", days).bind_value_to(row, "days")
        for name, label in (("start", _("Opens at")), ("end", _("Closes at"))):
            clock = ui.input(label, value=row[name]).props("type=time stack-label")
            self._form.field(f"{place}.{name}", clock).bind_value_to(row, name)
        zone = ui.select(_zones(row["zone"]), value=row["zone"], label=_("Time zone"), with_input=True)
        self._form.field(f"{place}.zone", zone).bind_value_to(row, "zone")
        named(days, _("Days of window {number}", number=number + 1))


def _new_window() -> Row:
    return {"days": list(_WEEK), "start": "01:00", "end": "05:00", "zone": str(view().zone)}


def _zones(chosen: str) -> list[str]:
    return sorted(available_timezones() | {chosen})


def _without_windows() -> str:
    return _(
        "Devices are told of updates only inside these windows, unless a rollout has windows of its own. "
        "Without any, always. An end that is not after the start is on the next day."
    )


def _draw(rule: ProductRule) -> None:
    with panel(_("Maintenance windows")), ui.element("div").classes("lines"):
        for window in rule.windows:
            days = " ".join(_(_DAYS[day - 1]) for day in window.days)
            with ui.element("div").classes("line"):
                ui.label(days).classes("line-text")
                ui.label(f"{window.start} - {window.end} {window.zone}").classes("number")
        if not rule.windows:
            ui.label(_("None: devices are told of updates at any time.")).classes("empty-line")
    with panel(_("Approval")):
        needs = _("Every rollout waits until somebody else than its creator approves it")
        ui.label(needs if rule.needs_approval else _("Rollouts start without anybody's approval."))
