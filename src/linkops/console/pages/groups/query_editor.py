"""The query of a dynamic group: a row of inputs for each condition, and how many devices fulfil all of them now."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement

from linkops.console.pages.groups.query_rows import Row, condition_of, new_row, row_of
from linkops.console.pages.groups.words import (
    ACTIVATIONS,
    BEFORE,
    FIELDS,
    HOLDS,
    ONE_OF,
    SINCE,
    VERSIONS,
    WITHIN,
)
from linkops.console.parts.choices import look_while_typing
from linkops.console.parts.forms import Form
from linkops.console.parts.live import live
from linkops.console.parts.names import named
from linkops.console.parts.product_choice import finding
from linkops.console.parts.rows import EditedRows
from linkops.console.parts.tables import total_of
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.conditions.model import Condition, ConditionField
from linkops.errors import Invalid, NotFound
from linkops.texts.refusals import text_of

_FIRST = 5
_TICK_S = 0.4
_TICKS_PER_LOOK = 12
F = ConditionField


class QueryEditor:
    """Rows of conditions. Fields of refusals are as in ``query.2.versions``."""

    def __init__(
        self, form: Form, query: tuple[Condition, ...], product_key: str | None, products: Mapping[str, str]
    ) -> None:
        self._form = form
        self._zone = view().zone
        self._products = dict(products)
        self._product_key = product_key
        self._rows: list[Row] = [row_of(each, self._zone) for each in query] or [new_row()]
        self._edited = EditedRows(
            self._rows, self._draw, new=new_row, add=_("Add a condition"), changed=self._look_soon
        )
        self._said = ui.label().classes("preview").props("aria-live=polite")
        self._first = ui.label().classes("hint")
        self._changed = True
        self._ticks = 0
        live(self._tick, _TICK_S)

    @property
    def query(self) -> tuple[Condition, ...]:
        """What the rows say."""
        return tuple(condition_of(row, self._zone) for row in self._rows)

    def of_product(self, product_key: str | None) -> None:
        """Say whose devices are meant; None: those of all products."""
        self._product_key = product_key
        self._edited.draw()
        self._look_soon()

    async def look(self) -> None:
        """Count the devices that fulfil it now."""
        seen = view()
        try:
            found = await seen.services.members.preview(await seen.act(), self._product_key, self.query, limit=_FIRST)
        except (Invalid, NotFound) as refused:
            self._said.text = _("Not complete yet: {why}", why=text_of(refused.code, refused.params, seen.language))
            self._first.text = ""
            return
        total = total_of(found.total, more=found.total_is_more)
        self._said.text = _("Devices that fulfil all of this now: {total}", total=total)
        names = ", ".join(row.device.key.device_name for row in found.items)
        self._first.text = _("The first: {names}", names=names) if names else ""

    async def _tick(self) -> bool:
        self._ticks += 1
        if self._changed or self._ticks % _TICKS_PER_LOOK == 0:
            self._changed = False
            await self.look()
        return True

    def _look_soon(self) -> None:
        self._changed = True

    def _draw(self, number: int, row: Row) -> None:
        if number == 0:
            self._form.forget("query")
        fields = {
            field.value: _(word)
            for field, word in FIELDS.items()
            if field is not F.PRODUCT or self._product_key is None or row["field"] == F.PRODUCT
        }
        about = ui.select(fields, value=row["field"], label=_("Condition {number}", number=number + 1))
        self._form.field(f"query.{number}.field", about).bind_value_to(row, "field")
        about.on_value_change(self._redraw)
        draw = {
            F.ONLINE: self._holds,
            F.ENABLED: self._holds,
            F.PRODUCT: self._products_of,
            F.NAME_PREFIX: self._name,
            F.TAG: self._tag,
            F.VERSION: self._version,
            F.ACTIVATED: self._activated,
        }[F(row["field"])]
        draw(number, row)

    def _redraw(self) -> None:
        self._edited.draw()
        self._look_soon()

    def _field(self, number: int, row: Row, part: str, key: str, element: ValidationElement[Any]) -> Any:
        """Take in an input of a condition; ``part`` is what refusals call it."""
        self._form.field(f"query.{number}.{part}", element).bind_value_to(row, key)
        element.on_value_change(self._look_soon)
        return element

    def _holds(self, number: int, row: Row) -> None:
        words = {holds: _(word) for holds, word in HOLDS[F(row["field"])].items()}
        self._field(number, row, "holds", "holds", named(ui.select(words, value=row["holds"]), _("Value")))

    def _products_of(self, number: int, row: Row) -> None:
        options = self._products | {key: key for key in row["products"] if key not in self._products}
        chosen = ui.select(options, value=row["products"], label=_("is one of"), multiple=True, with_input=True)
        look_while_typing(chosen, finding(self._products))
        self._field(number, row, "product_keys", "products", chosen.props("use-chips input-debounce=250"))

    def _name(self, number: int, row: Row) -> None:
        given = ui.input(_("begins with"), value=row["prefix"]).props("debounce=300 maxlength=32")
        self._field(number, row, "prefix", "prefix", given)

    def _tag(self, number: int, row: Row) -> None:
        key = ui.input(_("Key"), value=row["key"]).props("debounce=300 maxlength=30")
        self._field(number, row, "key", "key", key)
        value = ui.input(_("Value (empty: any)"), value=row["value"]).props("debounce=300 maxlength=128")
        self._field(number, row, "value", "value", value)

    def _version(self, number: int, row: Row) -> None:
        module = ui.input(_("Module"), value=row["module"]).props("debounce=300 maxlength=64")
        self._field(number, row, "module", "module", module)
        words = {each: _(word) for each, word in VERSIONS.items()}
        how = ui.select(words, value=row["reported"]).props("outlined dense").bind_value_to(row, "reported")
        named(how, _("Comparison")).on_value_change(self._redraw)
        if row["reported"] == ONE_OF:
            versions = ui.input(_("Versions, separated by commas"), value=row["versions"]).props("debounce=300")
            self._field(number, row, "versions", "versions", versions)

    def _activated(self, number: int, row: Row) -> None:
        words = {each: _(word) for each, word in ACTIVATIONS.items()}
        how = named(ui.select(words, value=row["activated"]), _("Comparison"))
        self._form.field(f"query.{number}.holds", how).bind_value_to(row, "activated")
        how.on_value_change(self._redraw)
        if row["activated"] == WITHIN:
            days = ui.number(_("Number of days"), value=row["days"], min=1, max=3_650, precision=0).props(
                "debounce=300"
            )
            self._field(number, row, "within_days", "days", days)
        elif row["activated"] in {SINCE, BEFORE}:
            part = "since_at" if row["activated"] == SINCE else "before_at"
            day = ui.input(_("Day"), value=row["day"]).props("type=date stack-label")
            self._field(number, row, part, "day", day)
