"""The wizard's first step: which devices."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from linkops.console.pages.jobs.draft import Draft, Row
from linkops.console.pages.jobs.naming import draw_names
from linkops.console.parts.forms import Form
from linkops.console.parts.group_choice import group_choice, named_groups
from linkops.console.parts.panels import panel
from linkops.console.parts.rows import EditedRows
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.paging import MAX_PAGE
from linkops.ota.model import Package, PackageKind, Selection, Targets
from linkops.ota.strategy import DynamicMode

_TARGETS = {
    Targets.ALL: n_("All devices"),
    Targets.SPECIFIC: n_("Named devices"),
    Targets.GROUP: n_("A group"),
    Targets.GRAY: n_("A percentage (gray release)"),
    Targets.REGION: n_("A region"),
}
_SELECTIONS = {
    Selection.STATIC: n_("Static: devices are selected once, when the rollout starts"),
    Selection.DYNAMIC: n_("Dynamic: also devices that come to match later, until the rollout is canceled"),
}
_MODES = {
    DynamicMode.ALL_MATCHING: n_("Devices that match now, and those that will"),
    DynamicMode.NEW_REPORTS: n_("Only devices that report one of the versions from now on"),
}


@dataclass(slots=True)
class Choices:
    """What can be chosen from: groups by number, as far as they were met, and versions with how many run them."""

    groups: dict[int, str]
    versions: dict[str, str]

    @classmethod
    async def of(cls, package: Package, draft: Draft) -> "Choices":
        """Return what there is for a package, with the group of the draft."""
        seen = view()
        key, module = package.product_key, package.module
        run = await seen.services.ota.statistics.versions(seen.actor, key, module, limit=MAX_PAGE)
        shares = [share for share in run.table.items if share.version != package.version]
        versions = {share.version: f"{share.version} ({share.devices:,})" for share in shares}
        return cls(await named_groups(key, draft.group_id or 0), versions)


def draw_scope(draft: Draft, form: Form, package: Package, choices: Choices, changed: Callable[[], None]) -> None:
    """Draw the step; ``changed`` is called whenever other devices may be meant."""
    with ui.element("div").classes("wizard-main"):
        with panel(_("Which devices")):
            chosen = ui.radio({name: _(label) for name, label in _TARGETS.items()}, value=draft.targets)
            chosen.props(f'inline aria-label="{_("Which devices")}"').bind_value_to(draft, "targets")
            chosen.on_value_change(changed)
            with ui.element("div").classes("field-list"):
                _draw_details(draft, form, package, choices, changed, chosen)
        with panel(_("Which of their versions")), ui.element("div").classes("field-list"):
            _draw_versions(draft, form, package, choices, changed, chosen)
        with panel(_("When they are selected")), ui.element("div").classes("field-list"):
            _draw_selection(draft, form, changed)


def _draw_details(
    draft: Draft, form: Form, package: Package, choices: Choices, changed: Callable[[], None], chosen: ui.radio
) -> None:
    def place(targets: Targets) -> ui.element:
        return ui.element("div").classes("field-list").bind_visibility_from(chosen, "value", value=targets)

    with place(Targets.SPECIFIC):
        draw_names(draft, form, package.product_key, changed)
    known = draft.group_id if draft.group_id in choices.groups else None
    with place(Targets.GROUP):
        choice = group_choice(choices.groups, package.product_key, _("Group"), chosen=known)
        group = form.field("group_id", choice)
        group.bind_value_to(draft, "group_id").on_value_change(changed)
        ui.label(_("Devices in the group or in one below it.")).classes("hint")
    with place(Targets.GRAY):
        percent = form.field("percent", ui.number(_("Percent"), value=draft.percent, suffix="%"))
        percent.props("debounce=300").bind_value_to(draft, "percent").on_value_change(changed)
        text = _("Of the devices that match, at least one; the same ones whenever it is asked again.")
        ui.label(text).classes("hint")
    with place(Targets.REGION):
        _draw_regions(draft, form, changed)


def _draw_regions(draft: Draft, form: Form, changed: Callable[[], None]) -> None:
    def build(number: int, row: Row) -> None:
        for key, label in (("province", _("Province")), ("city", _("City"))):
            given = form.field(f"regions.{number}.{key}", ui.input(label, value=row[key]))
            given.props("debounce=300").bind_value_to(row, key).on_value_change(changed)

    ui.label(_("By the device tags province and city; without a city, anywhere in the province.")).classes("hint")
    EditedRows(draft.regions, build, new=lambda: {"province": "", "city": ""}, add=_("Add a region"), changed=changed)


def _draw_versions(
    draft: Draft, form: Form, package: Package, choices: Choices, changed: Callable[[], None], chosen: ui.radio
) -> None:
    if package.kind is PackageKind.DIFF:
        draft.versions = [package.source_version]
        text = _("A differential package can only be applied to {version}.", version=package.source_version)
        ui.label(text).classes("muted")
        return
    if package.required_versions:
        text = _("The package is offered only to devices on {versions}.", versions=", ".join(package.required_versions))
        ui.label(text).classes("muted")
    options = {version: version for version in draft.versions} | choices.versions
    given = form.field(
        "source_versions",
        ui.select(
            options,
            label=_("Only from these versions"),
            multiple=True,
            value=list(draft.versions),
            with_input=True,
            clearable=True,
        ),
    )
    given.props("use-chips").bind_value_to(draft, "versions", forward=lambda value: list(value or []))
    given.on_value_change(changed)
    hint = _(
        "None chosen: from any. Not for named devices and groups. Devices that run {version} are always left out.",
        version=package.version,
    )
    ui.label(hint).classes("hint")

    def named_or_grouped(value: Any) -> bool:
        return value not in {Targets.SPECIFIC, Targets.GROUP}

    given.bind_enabled_from(chosen, "value", backward=named_or_grouped)


def _draw_selection(draft: Draft, form: Form, changed: Callable[[], None]) -> None:
    options = {name: _(label) for name, label in _SELECTIONS.items()}
    selection = ui.radio(options, value=draft.selection).bind_value_to(draft, "selection").on_value_change(changed)
    selection.props["aria-label"] = _("When they are selected")
    with ui.element("div").bind_visibility_from(selection, "value", value=Selection.DYNAMIC):
        modes = {name: _(label) for name, label in _MODES.items()}
        mode = form.field("dynamic_mode", ui.select(modes, label=_("Of these"), value=draft.dynamic_mode))
        mode.bind_value_to(draft, "dynamic_mode").on_value_change(changed)
        hint = _("For all devices by version, or for a group; one running dynamic rollout a package. No stages.")
        ui.label(hint).classes("hint")
