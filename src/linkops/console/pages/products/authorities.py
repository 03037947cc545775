"""Which certificate authorities vouch for the devices of a product."""

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.copying import copyable
from linkops.console.parts.dialog_forms import asking
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.panels import Fact, facts, panel
from linkops.console.parts.switching import Switch
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.certificates.model import Authority
from linkops.devices.model import Product
from linkops.events.actor import Role

_AT_ONCE = 200


class AuthoritiesTab:
    """The server's own, which issues for every product, and those that administrators of the product upload."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._may = view().actor.may(Role.ADMIN, product.id)
        self._may_own = view().actor.may(Role.ADMIN)

    async def build(self) -> None:
        """Draw it."""
        if self._may:
            with ui.row():
                ui.button(_("Upload an authority"), icon="upload", on_click=action(self._ask_upload)).props("outline")
        self._place = ui.element("div").classes("stack")
        await self._show()

    async def _show(self) -> None:
        found = await self._authorities()
        self._place.clear()
        with self._place:
            for authority in found:
                self._draw(authority)
            if not found:
                ui.label(
                    _("There is none yet. LinkOps makes one of its own with the first certificate that it issues.")
                ).classes("hint")

    async def _authorities(self) -> list[Authority]:
        seen, found, after = view(), list[Authority](), 0
        actor = await seen.act()
        while some := await seen.services.x509.authorities.page(actor, after, _AT_ONCE):
            found += [each for each in some if each.own or each.product_key == self._product.product_key]
            after = some[-1].id
        return found

    def _draw(self, authority: Authority) -> None:
        with panel(_("LinkOps itself") if authority.own else authority.subject) as head:
            with head:
                if self._may and not authority.own:
                    ui.button(_("Delete"), on_click=action(lambda: self._ask_delete(authority))).props("flat dense")
            facts(
                [
                    Fact(_("Subject"), authority.subject),
                    Fact(_("Fingerprint"), authority.fingerprint, code=True),
                    Fact(_("Expires"), ago(authority.not_after_at), exact(authority.not_after_at)),
                    Fact(_("Created by"), authority.created_by),
                ]
            )
            self._draw_switches(authority)

    def _draw_switches(self, authority: Authority) -> None:
        services, may = view().services, self._may_own if authority.own else self._may

        async def enable(to: bool) -> None:  # noqa: FBT001 - the place of the switch
            await services.x509.authorities.change(await view().act(), authority.id, enabled=to)

        async def auto_create(to: bool) -> None:  # noqa: FBT001 - the place of the switch
            await services.x509.authorities.change(await view().act(), authority.id, auto_create=to)

        meaning = _("Off: none of its certificates is accepted, and devices that hold one are cut off at once.")
        Switch(_("Enabled"), meaning, value=authority.enabled, turn=enable if may else None)
        if not authority.own:
            meaning = _("A device that one of its certificates names, and that does not exist, is made at its login.")
            turn = auto_create if may else None
            Switch(_("Make devices at their first login"), meaning, value=authority.auto_create, turn=turn)

    async def _ask_upload(self) -> None:
        seen, key = view(), self._product.product_key
        code = await seen.services.x509.authorities.registration_code(await seen.act(), key)
        with asking(_("Upload an authority")) as dialog:
            form = dialog.form
            ui.label(_("A certificate that it signs over this code as the common name proves that you may:"))
            copyable(code)
            certificate = ui.textarea(_("Certificate of the authority (PEM)")).props("maxlength=32768 rows=5")
            form.field("certificate", certificate).classes("mono-input")
            proof = ui.textarea(_("Verification certificate (PEM)")).props("maxlength=32768 rows=5")
            form.field("verification_certificate", proof).classes("mono-input")
            makes = ui.switch(_("Make devices at their first login"))

            async def upload() -> None:
                await seen.services.x509.authorities.upload(
                    await seen.act(),
                    key,
                    str(certificate.value or ""),
                    str(proof.value or ""),
                    auto_create=bool(makes.value),
                )
                await self._show()

            dialog.buttons(_("Upload"), upload)

    async def _ask_delete(self, authority: Authority) -> None:
        async def delete() -> None:
            seen = view()
            await seen.services.x509.authorities.delete(await seen.act(), authority.id)
            await self._show()

        text = _("Only an authority of which no device has used a certificate yet can be deleted; disable others.")
        confirm(_("Delete {name}?", name=authority.subject), text, delete, button=_("Delete"))
