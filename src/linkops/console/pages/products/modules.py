"""The modules of a product: parts of its devices that are updated on their own."""

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.dialog_forms import asking
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.names import named
from linkops.console.parts.panels import panel
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import Product
from linkops.events.actor import Role
from linkops.ota.model import DEFAULT_MODULE, Module
from linkops.ota.modules.service import MAX_MODULES


class ModulesTab:
    """All of them, since they are few; operators create, edit and delete them."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._may = view().actor.may(Role.OPERATOR, product.id)

    async def build(self) -> None:
        """Draw it."""
        with panel(_("Modules")) as head:
            with head:
                if self._may:
                    ui.button(_("New module"), icon="add", on_click=self._ask_new).props("unelevated")
            explained = _(
                "A module is a part of a device with a version of its own; up to {most} beside the firmware.",
                most=MAX_MODULES,
            )
            ui.label(explained).classes("hint")
            self._place = ui.element("div").classes("lines")
        await self._show()

    async def _show(self) -> None:
        seen = view()
        modules = await seen.services.ota.modules.list(await seen.act(), self._product.product_key)
        self._place.clear()
        with self._place:
            for module in modules:
                with ui.element("div").classes("line"):
                    self._draw(module)

    def _draw(self, module: Module) -> None:
        ui.label(module.name).classes("mono line-name")
        if module.name == DEFAULT_MODULE:
            ui.label(_("The whole firmware; every product has it.")).classes("line-text muted")
            return
        with ui.element("div").classes("line-text"):
            ui.label(module.alias or "-")
            if module.description:
                ui.label(module.description).classes("hint")
        ui.label(ago(module.created_at)).classes("muted").props["title"] = exact(module.created_at)
        if self._may:
            edit = ui.button(icon="edit", on_click=lambda: self._ask_edit(module)).props("flat dense round")
            named(edit, _("Edit {name}", name=module.name))
            delete = ui.button(icon="delete", on_click=action(lambda: self._ask_delete(module)))
            named(delete.props("flat dense round"), _("Delete {name}", name=module.name))

    def _ask_new(self) -> None:
        with asking(_("New module")) as dialog:
            form = dialog.form
            name = form.field("name", ui.input(_("Module name")).props("autofocus maxlength=64"))
            name.props["hint"] = _("As devices report it; it cannot be changed later.")
            alias = form.field("alias", ui.input(_("Alias (optional)")).props("maxlength=64"))
            description = form.field("description", ui.input(_("Description (optional)")).props("maxlength=100"))

            async def create() -> None:
                seen = view()
                await seen.services.ota.modules.create(
                    await seen.act(),
                    self._product.product_key,
                    str(name.value or "").strip(),
                    str(alias.value or "").strip(),
                    str(description.value or "").strip(),
                )
                await self._show()

            dialog.buttons(_("Create"), create)

    def _ask_edit(self, module: Module) -> None:
        with asking(_("Edit {name}", name=module.name)) as dialog:
            form = dialog.form
            alias = form.field("alias", ui.input(_("Alias (optional)"), value=module.alias).props("maxlength=64"))
            description = ui.input(_("Description (optional)"), value=module.description).props("maxlength=100")
            form.field("description", description)

            async def save() -> None:
                seen = view()
                await seen.services.ota.modules.edit(
                    await seen.act(),
                    self._product.product_key,
                    module.name,
                    alias=str(alias.value or "").strip(),
                    description=str(description.value or "").strip(),
                )
                await self._show()

            dialog.buttons(_("Save"), save)

    async def _ask_delete(self, module: Module) -> None:
        async def delete() -> None:
            seen = view()
            await seen.services.ota.modules.delete(await seen.act(), self._product.product_key, module.name)
            ui.notify(_("{name} is deleted.", name=module.name), type="positive")
            await self._show()

        text = _("Devices that report it go on doing so. A module that has packages is not deleted.")
        confirm(_("Delete the module {name}?", name=module.name), text, delete, button=_("Delete"))
