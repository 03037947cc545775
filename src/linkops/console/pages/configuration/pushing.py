"""Beginning a push: what it would do in numbers, and when it may, before anything is pressed."""

from typing import Any

import msgspec
from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.configuration.site import Site
from linkops.console.parts.forms import Form
from linkops.console.parts.group_choice import group_choice, named_groups
from linkops.console.parts.links import go
from linkops.console.parts.rows import EditedRows, Row
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.errors import Invalid
from linkops.remote_config.pushes.creating import NewPush, Preview
from linkops.remote_config.pushes.model import Strategy

_REFUSALS = {
    "config_push.switched_off": n_("Remote configuration is off: switch it on first."),
    "config_push.no_document": n_("There is no document yet: save one first."),
    "config_push.once": n_(
        "This version was pushed already, and a version is pushed once. Devices that come online are still told; "
        "save a change to push again, or push to single devices."
    ),
}
_PRODUCT, _GROUP, _DEVICES = "", "group", "devices"
_MISSING = {_GROUP: n_("Choose the group that it is for."), _DEVICES: n_("Name the devices that it is for.")}
_NAMES_SEPARATED_BY = str.maketrans(",;\n\t", "    ")


class Pushing:
    """The dialog."""

    def __init__(self, site: Site, group_id: int | None = None) -> None:
        """``group_id``: of the group that is chosen at first."""
        self._site, self._first = site, group_id
        self._stages: list[Row] = []

    async def ask(self) -> None:
        """Open it."""
        self._form = form = Form()
        with ui.dialog() as dialog, ui.card().classes("form"):
            dialog.props["aria-label"] = _("Push the newest configuration")
            ui.label(_("Push the newest configuration")).classes("dialog-title").props("role=heading aria-level=2")
            self._draw_whom(await named_groups(self._site.key, self._first or 0))
            self._said = ui.label().classes("review-sentence")
            self._why = ui.label().classes("warning")
            with ui.expansion(_("In stages")).classes("stages"):
                ui.label(_("A part of the devices first; the rest follows. None: all at once.")).classes("hint")
                forget = lambda: form.forget("stages.")  # noqa: E731 - as short as it is
                EditedRows(self._stages, self._draw_stage, new=_new_stage, add=_("Add a stage"), changed=forget)
                with ui.element("div").classes("field-pair"):
                    self._percent = form.field("stop_at.percent", ui.number(_("Stop when so many % failed"), max=100))
                    self._least = form.field("stop_at.least", ui.number(_("of at least so many devices"), value=10))
            with ui.row().classes("dialog-actions"):
                ui.button(_("Cancel"), on_click=dialog.close).props("flat")
                self._yes = form.button(_("Push"), self._begin)
        dialog.on("hide", dialog.delete)
        dialog.open()
        await self._judge()

    def _draw_whom(self, groups: dict[int, str]) -> None:
        words = {_PRODUCT: _("The whole product"), _GROUP: _("A group"), _DEVICES: _("Single devices")}
        first = _PRODUCT if self._first is None else _GROUP
        self._whom = ui.radio(words, value=first).props("inline dense")
        group = group_choice(groups, self._site.key, _("Group"), chosen=self._first)
        self._group = self._form.field("group_id", group)
        names = ui.textarea(_("Device names, one a line")).props("rows=3 debounce=400")
        self._names = self._form.field("device_names", names)
        group.bind_visibility_from(self._whom, "value", value=_GROUP)
        names.bind_visibility_from(self._whom, "value", value=_DEVICES)
        for given in (self._whom, group, names):
            given.on_value_change(action(self._judge))

    def _draw_stage(self, number: int, row: Row) -> None:
        name = f"stages.{number}"
        for key, label in (
            ("percent", _("Until % of the devices")),
            ("success_percent", _("Go on at % (empty: by hand)")),
            ("wait_s", _("Wait so many seconds")),
        ):
            self._form.field(f"{name}.{key}", ui.number(label, value=row[key])).bind_value_to(row, key)

    def _wanted(self) -> NewPush | None:
        """Return the push that is asked for; None: it is not said yet whom it is for."""
        names: tuple[str, ...] = ()
        group_id = self._group.value if self._whom.value == _GROUP else None
        if self._whom.value == _DEVICES:
            names = tuple((self._names.value or "").translate(_NAMES_SEPARATED_BY).split())
        if self._whom.value != _PRODUCT and not names and group_id is None:  # it would be for the whole product
            return None
        stages = [
            {
                "percent": row["percent"] or 0,
                "success_percent": row["success_percent"],
                "wait_s": int(row["wait_s"] or 0),
            }
            for row in self._stages
        ]
        given = self._percent.value
        stop_at = None if given is None else {"percent": given, "least": int(self._least.value or 0)}
        strategy = msgspec.convert({"stages": stages, "stop_at": stop_at}, Strategy)
        return NewPush(product_key=self._site.key, group_id=group_id, device_names=names, strategy=strategy)

    async def _judge(self, _event: Any = None) -> None:
        """Say what the push would do; it cannot be begun where that is known to be refused."""
        seen, wanted = view(), self._wanted()
        if wanted is None:
            self._show(_(_MISSING[self._whom.value]), "", possible=False)
            return
        actor = await seen.act()
        try:
            plain = msgspec.structs.replace(wanted, strategy=Strategy())
            found = await seen.services.config_delivery.pushes.preview(actor, plain)
        except Invalid as refused:
            if not self._form.tell(refused):
                raise
            self._show("", "", possible=False)
            return
        counts = await seen.services.products.counts(actor, self._site.key)
        self._show(self._sentence(found, counts.online), _why(found), possible=found.refusal is None)

    def _sentence(self, found: Preview, online: int) -> str:
        devices = f"{found.devices:,}" + ("+" if found.devices_is_more else "")
        minutes = -(-view().settings.config_push_interval_s // 60)
        if self._whom.value == _DEVICES:
            return _("{devices} devices are told of it; those that are away when they come.", devices=devices)
        if self._whom.value == _GROUP:
            return _(
                "{devices} devices of the group are told of it; those that are away when they come. After it the next "
                "push to the group is possible in {minutes} minutes.",
                devices=devices,
                minutes=minutes,
            )
        return _(
            "Version {version} for {devices} devices. {online} are online and are told at once, the others when they "
            "come. After it the next push is possible in {minutes} minutes, and this version is not pushed again.",
            version=found.version,
            devices=devices,
            online=f"{online:,}",
            minutes=minutes,
        )

    def _show(self, said: str, why: str, *, possible: bool) -> None:
        self._said.text, self._why.text = said, why
        self._why.set_visibility(bool(why))
        self._yes.set_enabled(possible)

    async def _begin(self) -> None:
        wanted = self._wanted()
        if wanted is None:
            return
        seen = view()
        push = await seen.services.config_delivery.pushes.begin(await seen.act(), wanted)
        go(f"/console/configuration/pushes/{push.id}")


def _new_stage() -> Row:
    return {"percent": 10, "success_percent": 95, "wait_s": 0}


def _why(found: Preview) -> str:
    if found.possible_at is not None:
        return _(
            "The last push was a short while ago: possible {ago}, at {at}.",
            ago=ago(found.possible_at),
            at=exact(found.possible_at),
        )
    return "" if found.refusal is None else _(_REFUSALS.get(found.refusal, found.refusal))
