"""Whether the devices of a product register themselves, with the secret of the product."""

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.panels import panel
from linkops.console.parts.switching import Switch
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import Product
from linkops.events.actor import Role


class RegistrationTab:
    """Operators of the product turn the switches; the secret is replaced by its administrators."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._actor = view().actor

    async def build(self) -> None:
        """Draw it."""
        may = self._actor.may(Role.OPERATOR, self._product.id)
        with panel(_("Registration of devices")):
            self._on = Switch(
                _("Devices may register themselves"),
                _("A device that knows the product's secret gets its own over MQTT or HTTPS, until its first login."),
                value=self._product.registration,
                turn=self._set if may else None,
            )
            self._listed = Switch(
                _("Only devices that exist"),
                _("Off: a device may come under a name that nobody created, and logs in with a token. See the manual."),
                value=self._product.listed_only,
                turn=self._set if may else None,
            )
        if self._actor.may(Role.ADMIN, self._product.id):
            self._draw_secret()

    async def _set(self, _to: bool) -> None:  # noqa: FBT001 - one of the two switches, which are sent together
        seen = view()
        await seen.services.registrations.set_rule(
            await seen.act(), self._product.product_key, registration=self._on.value, listed_only=self._listed.value
        )

    def _draw_secret(self) -> None:
        with panel(_("Product secret")):
            ui.label(_("It is shown on the overview of the product. Replace it when it has leaked.")).classes("hint")
            ui.button(_("Replace the secret"), icon="autorenew", on_click=action(self._ask_reset)).props("outline")

    async def _ask_reset(self) -> None:
        async def reset() -> None:
            seen = view()
            await seen.services.products.reset_secret(await seen.act(), self._product.product_key)
            ui.notify(_("The product has a new secret. Look at it on the overview of the product."), type="positive")

        text = _(
            "Devices that have registered log in as before. Those that have not can register no more until their "
            "firmware has the new secret."
        )
        title = _("Replace the secret of {name}?", name=self._product.name)
        confirm(title, text, reset, button=_("Replace"), typed=self._product.name)
