"""Which configuration a device should have, which it is known to have, and what became of pushes to it."""

from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.devices.opened import Opened
from linkops.console.parts.fact_rows import fact, fact_list
from linkops.console.parts.links import Link
from linkops.console.parts.names import named
from linkops.console.parts.panels import panel
from linkops.console.parts.places import configuration_place, given_place
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.remote_config.pushes.model import FailureKind, Result, ResultStatus
from linkops.remote_config.states.drift.model import DeviceDrift, Standing

_STANDINGS = {
    Standing.IN_STEP: ("good", n_("Has what it should have")),
    Standing.BEHIND: ("wait", n_("Has an older document")),
    Standing.REFUSED: ("bad", n_("Refused what it should have")),
    Standing.UNKNOWN: ("idle", n_("Not known what it has")),
    Standing.NONE_WANTED: ("off", n_("No document applies")),
}
_RESULTS = {
    ResultStatus.PENDING: n_("Not sent yet"),
    ResultStatus.OFFLINE: n_("Waits for the device"),
    ResultStatus.SENT: n_("Sent"),
    ResultStatus.DOWNLOADED: n_("Downloaded"),
    ResultStatus.ACKNOWLEDGED: n_("Acknowledged"),
    ResultStatus.FAILED: n_("Failed"),
}
_FAILURES = {
    FailureKind.REFUSED: n_("The device refused it"),
    FailureKind.NOT_FETCHED: n_("It was not fetched in time"),
    FailureKind.NO_DOCUMENT: n_("There was no document for it"),
}
_EVIDENCE = {"acknowledged": n_("the device said so"), "downloaded": n_("the device downloaded it")}
_COLUMNS = (
    Column("push", n_("Push"), Kind.NUMBER),
    Column("status", n_("State")),
    Column("reason", n_("Reason"), rank=2),
    Column("attempt", n_("Times sent"), Kind.NUMBER, rank=3),
    Column("sent_at", n_("Sent"), Kind.TIME, rank=2),
    Column("answered_at", n_("Answered"), Kind.TIME, rank=3),
    Column("updated_at", n_("Changed at"), Kind.TIME),
)


async def build(opened: Opened) -> None:
    """Draw the tab."""
    place = ui.element("div").classes("stack")

    async def load(cursor: str | None) -> Rows:
        seen = view()
        results = seen.services.config_delivery.results
        found = await results.of_device(await seen.act(), opened.key, cursor=cursor)
        return Rows([_row(one) for one in found.items], found.next, total_of(found.total, more=found.total_is_more))

    async def again() -> None:
        seen = view()
        drift = await seen.services.config_delivery.drift.of_device(await seen.act(), opened.key)
        place.clear()
        with place, panel(_("Configuration")) as head:
            with head:
                Link(_("Configuration of the product"), configuration_place(opened.key.product_key))
                Link(_("What the device is given"), given_place(opened.key))
                look = ui.button(icon="refresh", on_click=action(again)).props("flat dense round size=sm")
                named(look, _("Look again"))
            _show(drift)
        await table.show(first=True)

    ui.label(_("Pushes")).classes("section-title").props("role=heading aria-level=2")
    table = PagedTable(_COLUMNS, load, empty=_("No configuration was pushed to this device."))
    await again()


def _show(drift: DeviceDrift) -> None:
    kind, word = _STANDINGS[drift.standing]
    with fact_list():
        with fact(_("State")):
            ui.label(_(word)).classes(f"chip chip-{kind}")
        with fact(_("Should have")):
            _digest(drift.wanted_sha256)
        with fact(_("Has")):
            _digest(drift.known_sha256)
            if drift.evidence:
                evidence = ui.label(f"{_(_EVIDENCE[drift.evidence])}, {ago(drift.known_at)}").classes("muted small")
                evidence.props["title"] = exact(drift.known_at)
        for label, at in ((_("Last given a link"), drift.sent_at), (_("Refused"), drift.refused_at)):
            if at is not None:
                with fact(label):
                    ui.label(ago(at)).props["title"] = exact(at)


def _digest(sha256: str) -> None:
    shown = ui.label(f"SHA-256 {sha256[:16]}…" if sha256 else "-").classes("mono")
    shown.props["title"] = sha256


def _row(result: Result) -> dict[str, Any]:
    failure = _FAILURES.get(result.failure_kind)
    said = f"{result.code or ''} {result.message}".strip()
    return {
        "key": result.push_id,
        "push": result.push_id,
        "status": _(_RESULTS[result.status]),
        "reason": " · ".join(filter(None, ("" if failure is None else _(failure), said))),
        "attempt": result.attempt,
        "sent_at": result.sent_at,
        "answered_at": result.answered_at,
        "updated_at": result.updated_at,
    }
