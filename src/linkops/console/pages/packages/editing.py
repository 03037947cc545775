"""Changing what may be changed of a package."""

from nicegui import ui

from linkops.console.pages.packages.custom_info import custom_info_field
from linkops.console.parts.asking import asking
from linkops.console.parts.forms import Form
from linkops.console.texts import _
from linkops.console.view import view
from linkops.errors import Conflict, Invalid
from linkops.ota.model import Package, PackageKind
from linkops.ota.names import MAX_DESCRIPTION_CHARS

_MAX_NAME_CHARS = 40


async def ask_for_changes(package: Package) -> None:
    """Ask what is to be another."""
    form = Form()
    with asking(_("Edit the package")) as dialog:
        ui.label(_("Files and version stay. Devices that are offered the update from now on get the new text."))
        name = form.field("name", ui.input(_("Name of the package"), value=package.name))
        name.props(f"maxlength={_MAX_NAME_CHARS} autofocus")
        description = form.field("description", ui.input(_("Description"), value=package.description))
        description.props(f"maxlength={MAX_DESCRIPTION_CHARS} counter")
        required = None
        if package.kind is PackageKind.FULL:
            required = ui.input_chips(
                _("Only for devices that run one of these versions"),
                value=list(package.required_versions),
                new_value_mode="add-unique",
            )
            form.field("required_versions", required)
        custom = custom_info_field(form, package.custom_info)

        async def save() -> None:
            seen = view()
            try:
                await seen.services.ota.packages.edit(
                    await seen.act(),
                    package.id,
                    name=str(name.value or "").strip(),
                    description=str(description.value or ""),
                    custom_info=str(custom.value or ""),
                    required_versions=None if required is None else list(required.value or ()),
                )
            except Conflict as refused:
                raise Invalid(refused.code, field="name", **refused.params) from refused
            dialog.close()
            ui.navigate.reload()

        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat")
            form.button(_("Save"), save)
