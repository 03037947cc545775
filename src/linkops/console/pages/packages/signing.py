"""The keys that a product signs its packages with."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.parts.asking import asking
from linkops.console.parts.copying import copyable
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.forms import Form
from linkops.console.parts.panels import Fact, empty, facts, panel
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import Product
from linkops.events.actor import Role
from linkops.ota.signing.model import Signing, SigningKey


@page("/products/{product_key}/signing", n_("Signing keys"))
async def signing_keys(product_key: str) -> None:
    """Show how a product signs, with the public key that goes into its firmware."""
    seen = view()
    product = await seen.services.products.get(await seen.act(), product_key)
    SigningPage(product, await seen.services.ota.signing.get(seen.actor, product_key)).draw()


class SigningPage:
    """The page; its buttons are for administrators of the product."""

    def __init__(self, product: Product, signing: Signing) -> None:
        self._product = product
        self._signing = signing
        self._may = view().actor.may(Role.ADMIN, product.id)

    def draw(self) -> None:
        """Draw it."""
        product = self._product
        above = ((_("Products"), "/products"), (product.name, f"/products/{product.product_key}"))
        with frame.heading(_("Signing keys"), above=above):
            if self._may:
                self._draw_actions()
        self._draw_state()
        if self._signing.key is not None:
            self._draw_key(self._signing.key)
        else:
            self._draw_none()
        for key in self._signing.retired:
            _draw_retired(key)

    def _draw_actions(self) -> None:
        enabled, has_key = self._signing.enabled, self._signing.key is not None
        if enabled:
            ui.button(_("Switch signing off"), icon="toggle_off", on_click=action(self._ask_off)).props("outline")
        else:
            ui.button(_("Switch signing on"), icon="toggle_on", on_click=action(self._on)).props("unelevated")
        ui.button(_("Make a new key"), icon="vpn_key", on_click=action(self._ask_new)).props("outline")
        ui.button(_("Import a key"), icon="upload_file", on_click=action(self._ask_import)).props("outline")
        if has_key and not enabled:
            ui.button(_("Destroy the key"), icon="delete", on_click=action(self._ask_destroy)).props("outline")

    def _draw_state(self) -> None:
        with panel(_("Signing")):
            if self._signing.enabled:
                ui.label(_("On: packages are signed when they are made, and devices get the signature as digestsign."))
            else:
                ui.label(_("Off: devices get no signatures, also of packages that have some."))

    def _draw_key(self, key: SigningKey) -> None:
        with panel(_("The key that signs")):
            facts(_facts(key))
            ui.label(_("Public key, for the firmware of the devices")).classes("muted")
            with ui.element("div").classes("code-block"):
                copyable(key.public_key)

    def _draw_none(self) -> None:
        text = _("The product has no key. Switching signing on makes one; a key of your own can be imported.")
        with empty("vpn_key", text):
            pass

    async def _do(self, do: Callable[..., Awaitable[Any]], **given: Any) -> None:
        await do(await view().act(), self._product.product_key, **given)
        ui.navigate.reload()

    async def _on(self) -> None:
        await self._do(view().services.ota.signing.switch, on=True)

    async def _ask_off(self) -> None:
        async def off() -> None:
            await self._do(view().services.ota.signing.switch, on=False)

        text = _("Devices get no signatures from now on. Devices that insist on one refuse updates then.")
        confirm(_("Switch signing off?"), text, off, button=_("Switch off"))

    async def _ask_new(self) -> None:
        async def make() -> None:
            await self._do(view().services.ota.signing.make_key)

        confirm(_("Make a new key?"), self._replaces(), make, button=_("Make it"), typed=self._typed())

    def _replaces(self) -> str:
        if self._signing.key is None:
            return _("An RSA key pair is made; only its public half ever leaves the server.")
        return _(
            "The private half of the key until now is destroyed. Packages keep their signatures; "
            "devices need the new public key before they get new packages."
        )

    def _typed(self) -> str:
        return "" if self._signing.key is None else self._product.name

    async def _ask_import(self) -> None:
        form = Form()
        with asking(_("Import a key")) as dialog:
            ui.label(_("An RSA private key of 2,048 to 8,192 bits in PEM, without a password."))
            ui.label(self._replaces()).classes("warning")
            pem = form.field("private_key", ui.textarea(_("Private key")).props("maxlength=16384 rows=8"))
            pem.classes("mono-input")

            async def take() -> None:
                seen = view()
                actor, key = await seen.act(), str(pem.value or "")
                await seen.services.ota.signing.import_key(actor, self._product.product_key, key)
                pem.value = ""
                dialog.close()
                ui.navigate.reload()

            with ui.row().classes("dialog-actions"):
                ui.button(_("Cancel"), on_click=dialog.close).props("flat")
                form.button(_("Import"), take)

    async def _ask_destroy(self) -> None:
        async def destroy() -> None:
            await self._do(view().services.ota.signing.delete_key)

        text = _("Nothing can be signed with it any more. Its public half stays here.")
        confirm(_("Destroy the key?"), text, destroy, button=_("Destroy"), typed=self._product.name)


def _facts(key: SigningKey) -> list[Fact]:
    return [
        Fact(_("Fingerprint"), key.fingerprint, code=True),
        Fact(_("Length"), _("{bits} bits", bits=key.bits)),
        Fact(_("Origin"), _("Imported") if key.imported else _("Made here")),
        Fact(_("Created at"), f"{ago(key.created_at)} · {key.created_by}", exact(key.created_at)),
    ]


def _draw_retired(key: SigningKey) -> None:
    with panel(_("Signed until {time}", time=exact(key.retired_at))):
        facts(_facts(key))
