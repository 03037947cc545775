"""The certificates with which a device logs in."""

from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.devices.opened import Opened
from linkops.console.pages.devices.tabs.issuing import ask_to_issue
from linkops.console.parts.panels import Fact, facts
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.parts.times import exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.certificates.model import Certificate, CertificateState, RevocationReason

_COLUMNS = (
    Column("serial", n_("Serial number"), Kind.CODE),
    Column("state", n_("State")),
    Column("key_type", n_("Key type"), Kind.CODE, rank=3),
    Column("not_after_at", n_("Expires"), Kind.TIME),
    Column("last_used_at", n_("Last used"), Kind.TIME, rank=2),
    Column("issued_by", n_("Issued by"), rank=3),
    Column("more", "", Kind.OPEN),
)
_STATES = {
    CertificateState.VALID: n_("Valid"),
    CertificateState.REPLACED: n_("Replaced"),
    CertificateState.REVOKED: n_("Revoked"),
    CertificateState.EXPIRED: n_("Expired"),
}
_REASONS = {
    RevocationReason.UNSPECIFIED: n_("No reason given"),
    RevocationReason.KEY_COMPROMISE: n_("The private key is known to others"),
    RevocationReason.SUPERSEDED: n_("A newer one takes its place"),
    RevocationReason.CESSATION_OF_OPERATION: n_("The device is out of use"),
}


async def build(opened: Opened) -> None:
    """Draw the tab."""
    seen = view()
    known: dict[str, Certificate] = {}

    async def load(cursor: str | None) -> Rows:
        key, certificates = opened.key, seen.services.x509.certificates
        found = await certificates.page(
            await seen.act(), product_key=key.product_key, device_name=key.device_name, cursor=cursor
        )
        known.clear()
        known.update({str(one.id): one for one in found.items})
        return Rows([_row(one) for one in found.items], found.next, total_of(found.total, more=found.total_is_more))

    async def again() -> None:
        await table.show(first=True)

    async def issue() -> None:
        ask_to_issue(opened, again)

    async def revoke(certificate_id: int, reason: RevocationReason) -> None:
        await seen.services.x509.certificates.revoke(await seen.act(), [certificate_id], reason)
        ui.notify(_("The certificate is revoked"), type="positive")
        await again()

    async def open_certificate(certificate_id: str) -> None:
        if certificate_id in known:
            _show(known[certificate_id], revoke, operates=opened.operates)

    if opened.operates:
        with ui.row().classes("filters"):
            ui.space()
            ui.button(_("Issue a certificate"), icon="add", on_click=action(issue)).props("unelevated")
    empty = _("The device has no certificate that is known here.")
    table = PagedTable(_COLUMNS, load, empty=empty, on_open=open_certificate)
    await again()


def _show(one: Certificate, revoke: Any, *, operates: bool) -> None:
    with ui.dialog() as dialog, ui.card().classes("form"):
        ui.label(_("Certificate")).classes("dialog-title").props("role=heading aria-level=2")
        facts(_facts(one))
        reason = None
        if operates and one.revoked_at is None:
            ui.label(
                _("A revoked certificate is refused for good; if the device is connected with it, it is cut off.")
            ).classes("warning")
            reasons = {each: _(word) for each, word in _REASONS.items()}
            reason = ui.select(reasons, value=RevocationReason.UNSPECIFIED, label=_("Reason")).props("outlined dense")

        async def revoked() -> None:
            dialog.close()
            assert reason is not None  # noqa: S101 - the button is there only with it
            await revoke(one.id, reason.value)

        with ui.row().classes("dialog-actions"):
            ui.button(_("Close"), on_click=dialog.close).props("flat autofocus")
            if reason is not None:
                ui.button(_("Revoke"), on_click=action(revoked)).props("unelevated color=negative")
    dialog.props["aria-label"] = _("Certificate")
    dialog.on("hide", dialog.delete)
    dialog.open()


def _facts(one: Certificate) -> list[Fact]:
    revoked = ""
    if one.revoked_at is not None:
        why = _REASONS.get(RevocationReason(one.revoke_reason)) if one.revoke_reason in set(RevocationReason) else None
        revoked = f"{exact(one.revoked_at)} · {one.revoked_by} · {_(why) if why else one.revoke_reason}"
    return [
        Fact(_("State"), _(_STATES[one.state])),
        Fact(_("Serial number"), one.serial, code=True),
        Fact("SHA-256", one.fingerprint, code=True),
        Fact(_("Key type"), one.key_type, code=True),
        Fact(_("Valid from"), exact(one.not_before_at)),
        Fact(_("Expires"), exact(one.not_after_at)),
        Fact(_("Issued by"), one.issued_by or _("an uploaded authority")),
        Fact(_("First used"), exact(one.first_used_at)),
        Fact(_("Last used"), exact(one.last_used_at)),
        Fact(_("Refused from"), exact(one.ends_at)),
        Fact(_("Revoked"), revoked),
    ]


def _row(one: Certificate) -> dict[str, Any]:
    return {
        "key": str(one.id),
        "serial": one.serial,
        "state": _(_STATES[one.state]),
        "key_type": one.key_type,
        "not_after_at": one.not_after_at,
        "last_used_at": one.last_used_at,
        "issued_by": one.issued_by or _("an uploaded authority"),
        "more": _("Details"),
    }
