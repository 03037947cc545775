"""What a product is called, its switches, and its end."""

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.dialog_forms import at_fields
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.forms import Form
from linkops.console.parts.links import Link, go
from linkops.console.parts.panels import panel
from linkops.console.parts.places import product_place
from linkops.console.parts.switching import Switch
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import Product
from linkops.events.actor import Role


class SettingsTab:
    """Operators switch logs; administrators of the product rename it and sign; those of everything delete it."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._form = Form()

    async def build(self) -> None:
        """Draw it."""
        actor = view().actor
        administers = actor.may(Role.ADMIN, self._product.id)
        if administers:
            self._draw_names()
        with panel(_("Switches")):
            await self._draw_log()
            if administers:
                await self._draw_signing()
        if actor.may(Role.ADMIN):
            self._draw_end()

    def _draw_names(self) -> None:
        product = self._product
        with panel(_("Name and description")), ui.element("div").classes("form"):
            name = self._form.field("name", ui.input(_("Name"), value=product.name))
            given = ui.input(_("Description (optional)"), value=product.description).props("maxlength=100")
            description = self._form.field("description", given)

            async def save() -> None:
                seen = view()
                with at_fields():
                    await seen.services.products.edit(
                        await seen.act(),
                        product.product_key,
                        name=str(name.value or "").strip(),
                        description=str(description.value or "").strip(),
                    )
                go(product_place(product.product_key, "settings"))

            with ui.row():
                self._form.button(_("Save"), save)

    async def _draw_log(self) -> None:
        seen, key = view(), self._product.product_key

        async def turn(to: bool) -> None:  # noqa: FBT001 - the place of the switch
            await seen.services.logs.switch_product(await seen.act(), key, on=to)

        Switch(
            _("Devices upload their logs"),
            _("Unless it was said otherwise about one. Devices that are online are told by and by."),
            value=await seen.services.logs.switch_of_product(await seen.act(), key),
            turn=turn,
        )

    async def _draw_signing(self) -> None:
        seen, key = view(), self._product.product_key

        async def turn(to: bool) -> None:  # noqa: FBT001 - the place of the switch
            await seen.services.ota.signing.switch(await seen.act(), key, on=to)

        signing = await seen.services.ota.signing.get(await seen.act(), key)
        Switch(
            _("Packages are signed"),
            _("Devices get the signature as digestsign; one that insists on it refuses packages without."),
            value=signing.enabled,
            turn=turn,
        )
        Link(_("Signing keys"), f"{product_place(key)}/signing").classes("switch-way")

    def _draw_end(self) -> None:
        with panel(_("Delete the product")):
            ui.label(_("A product is deleted once it has no devices, packages and rollouts any more.")).classes("hint")
            ui.button(_("Delete the product"), icon="delete", on_click=action(self._ask_delete)).props(
                "outline color=negative"
            )

    async def _ask_delete(self) -> None:
        async def delete() -> None:
            seen = view()
            await seen.services.products.delete(await seen.act(), self._product.product_key)
            go("/console/products")

        text = _(
            "Its modules, groups, rules, keys and configuration go with it, for good. Devices that know its key can "
            "never log in again."
        )
        title = _("Delete {name}?", name=self._product.name)
        confirm(title, text, delete, button=_("Delete"), typed=self._product.product_key)
