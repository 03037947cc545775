"""Custom topics of a product: where its devices may publish and subscribe below ``user/``."""

from nicegui import ui

from linkops.console.parts.forms import Form
from linkops.console.parts.panels import panel
from linkops.console.parts.rows import EditedRows, Row
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import Product
from linkops.devices.topics.model import MAX_RULES, VENDOR_RULES, Access, TopicRule
from linkops.events.actor import Role

_ACCESS = {Access.PUBLISH: n_("Publish"), Access.SUBSCRIBE: n_("Subscribe"), Access.BOTH: n_("Publish and subscribe")}


class TopicsTab:
    """Administrators of the product change the rules; others see them."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._may = view().actor.may(Role.ADMIN, product.id)
        self._form = Form()

    async def build(self) -> None:
        """Draw it."""
        seen = view()
        rules = await seen.services.topics.of(await seen.act(), self._product.product_key)
        with panel(_("Custom topics")):
            ui.label(_without_rules()).classes("hint")
            if self._may:
                self._draw_form(rules)
            else:
                _draw(rules)

    def _draw_form(self, rules: list[TopicRule]) -> None:
        rows: list[Row] = [_row(rule) for rule in rules]
        edited = EditedRows(rows, self._draw_rule, new=lambda: _row(TopicRule("", Access.BOTH)), add=_("Add a rule"))

        def as_vendor() -> None:
            rows[:] = [_row(rule) for rule in VENDOR_RULES]
            edited.draw()

        async def save() -> None:
            seen = view()
            wanted = [TopicRule(str(row["path"] or "").strip(), Access(row["access"])) for row in rows]
            await seen.services.topics.replace(await seen.act(), self._product.product_key, wanted)
            ui.notify(_("Saved. Connected devices are held to it at once."), type="positive")

        with ui.row().classes("form-foot"):
            self._form.button(_("Save"), save)
            ui.button(_("As on the vendor's platform"), on_click=as_vendor).props("flat")

    def _draw_rule(self, number: int, row: Row) -> None:
        if number == 0:
            self._form.forget("rules")
        path = ui.input(_("Topic below user/"), value=row["path"]).props("maxlength=96").classes("mono-input")
        self._form.field(f"rules.{number}", path).bind_value_to(row, "path")
        access = ui.select(
            {each: _(word) for each, word in _ACCESS.items()}, value=row["access"], label=_("Devices may")
        )
        access.props("outlined dense").bind_value_to(row, "access")


def _row(rule: TopicRule) -> Row:
    return {"path": rule.path, "access": rule.access}


def _without_rules() -> str:
    return _(
        "Up to {most} rules; + stands for one level, # for all that follow. Without rules, everything below user/ is "
        "open to the devices of the product; with rules, only what they name.",
        most=MAX_RULES,
    )


def _draw(rules: list[TopicRule]) -> None:
    with ui.element("div").classes("lines"):
        for rule in rules:
            with ui.element("div").classes("line"):
                ui.label(rule.path).classes("mono line-text")
                ui.label(_(_ACCESS[rule.access]))
        if not rules:
            ui.label(_("There are no rules.")).classes("empty-line")
