"""Issuing a certificate to a device: with a key made here, or for one that the device's maker has."""

from collections.abc import Awaitable, Callable

from nicegui import context, ui

from linkops.console.pages.devices.opened import Opened
from linkops.console.parts.forms import Form
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.certificates.issuing.service import MAX_VALID_DAYS
from linkops.devices.certificates.model import Issued, KeyKind

_OWN = "own"


def ask_to_issue(opened: Opened, again: Callable[[], Awaitable[None]]) -> None:
    """Open the dialog; ``again`` is called when a certificate was issued."""
    form = Form()
    kinds: dict[str, str] = {
        KeyKind.EC: _("New key, P-256"),
        KeyKind.RSA: _("New key, RSA 2048, for SDKs without elliptic curves"),
        _OWN: _("The device's maker has the key, and sends a request"),
    }

    async def issue() -> None:
        seen, days = view(), int(valid.value) if valid.value else None
        issuing, actor = seen.services.x509.issuing, await seen.act()
        if kind.value == _OWN:
            issued = await issuing.sign(actor, opened.key, request.value or "", days)
        else:
            issued = await issuing.issue(actor, opened.key, KeyKind(kind.value), days)
        _hand_out(issued)
        dialog.close()
        await again()

    with ui.dialog() as dialog, ui.card().classes("form"):
        ui.label(_("Issue a certificate")).classes("dialog-title").props("role=heading aria-level=2")
        ui.label(
            _("Those that the device has are accepted until the new one is first used, or their time of grace is over.")
        ).classes("muted")
        kind = ui.radio(kinds, value=KeyKind.EC).props("dense")
        request = form.field("request", ui.textarea(_("Request (PKCS #10, PEM)")).props("rows=6 input-class=mono"))
        request.bind_visibility_from(kind, "value", value=_OWN)
        days = ui.number(_("Valid for days"), min=1, max=MAX_VALID_DAYS, precision=0)
        days.props["hint"] = _("Empty: {days}", days=f"{view().settings.certificate_valid_days:,}")
        valid = form.field("valid_days", days)
        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat")
            form.button(_("Issue"), issue)
    dialog.props["aria-label"] = _("Issue a certificate")
    dialog.on("hide", dialog.delete)
    dialog.open()


def _hand_out(issued: Issued) -> None:
    """Show what can be downloaded; a private key only now."""
    name = issued.key.device_name.replace(":", "_")
    files = [(_("Certificate"), f"{name}.pem", issued.certificate), (_("Authority"), "authority.pem", issued.authority)]
    if issued.private_key is not None:
        files.insert(0, (_("Private key"), f"{name}.key.pem", issued.private_key))
    # It belongs to the page: the dialog that asked is about to go, and with it what stands in it.
    with context.client.content, ui.dialog(value=True).props("persistent") as dialog, ui.card().classes("form"):
        ui.label(_("Certificate issued")).classes("dialog-title").props("role=heading aria-level=2")
        if issued.private_key is not None:
            ui.label(_("The private key is kept nowhere: download it now.")).classes("warning")
        for label, file_name, text in files:
            ui.button(
                label,
                icon="download",
                on_click=lambda text=text, file_name=file_name: ui.download.content(
                    text, file_name, "application/x-pem-file"
                ),
            ).props("outline align=left")
        with ui.row().classes("dialog-actions"):
            ui.button(_("Done"), on_click=dialog.close).props("unelevated autofocus")
    dialog.props["aria-label"] = _("Certificate issued")
    dialog.on("hide", dialog.delete)
