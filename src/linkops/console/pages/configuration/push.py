"""The page of a push: what became of it, device by device, while it goes on."""

from typing import Any
from urllib.parse import quote

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.configuration.pushes import state_of, whom_of
from linkops.console.parts.address import remember
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.links import Link
from linkops.console.parts.live import live
from linkops.console.parts.places import configuration_place, device_place
from linkops.console.parts.status import LOOKS, look_of
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import DeviceKey
from linkops.errors import NotFound
from linkops.events.actor import Role
from linkops.remote_config.pushes.lists.service import ResultFilter
from linkops.remote_config.pushes.model import FailureKind, Push, PushStatus, Result, ResultStatus, StopReason

_COLUMNS = (
    Column("device_name", n_("Device"), Kind.LINK),
    Column("status", n_("State"), Kind.STATUS),
    Column("reason", n_("Reason")),
    Column("attempt", n_("Told so often"), Kind.NUMBER, rank=3),
    Column("sent_at", n_("Told"), Kind.TIME, rank=2),
    Column("downloaded_at", n_("Fetched"), Kind.TIME, rank=2),
    Column("answered_at", n_("Answered"), Kind.TIME, rank=3),
)
_FAILURES = {
    FailureKind.REFUSED: n_("The device refused it: {code} {message}"),
    FailureKind.NOT_FETCHED: n_("It did nothing until its link ran out"),
    FailureKind.NO_DOCUMENT: n_("No document applies to it"),
}
_STOPPED = {
    StopReason.OPERATOR: n_("Somebody canceled it"),
    StopReason.SWITCHED_OFF: n_("Remote configuration was switched off"),
    StopReason.NEWER_DOCUMENT: n_("A newer document was saved: push again"),
    StopReason.NEWER_PUSH: n_("A newer push took its place"),
    StopReason.FAILURES: n_("Too many devices failed"),
}
_EVERY_S = 2.0


@page("/configuration/pushes/{push_id}", n_("Push"))
async def one_push(push_id: str, status: str = "", device: str = "") -> None:
    """Show a push."""
    if not (push_id.isascii() and push_id.isdecimal() and len(push_id) < 19):
        raise NotFound("config_push.not_found", push_id=push_id)
    seen = view()
    push = await seen.services.config_delivery.pushes.get(await seen.act(), int(push_id))
    await _PushPage(push, status if status in set(ResultStatus) else "", device).draw()


class _PushPage:
    def __init__(self, push: Push, status: str, device: str) -> None:
        self._push = push
        self._asked: dict[str, Any] = {"status": status, "device": device}

    async def draw(self) -> None:
        """Draw everything, and follow it."""
        key = self._push.product_key
        product = await view().services.products.get(view().actor, key)
        above = (
            (_("Remote configuration"), "/configuration"),
            (product.name, configuration_place(key).removeprefix("/console")),
        )
        with frame.heading(_("Push {number}", number=self._push.id), above=above):
            self._draw_buttons()
        with ui.element("div").classes("config-line"):
            self._chip = ui.label()
            text = _("Version {number} to: {whom}", number=self._push.version, whom=whom_of(self._push))
            ui.label(text)
            begun = ui.label(_("begun by {name} {ago}", name=self._push.created_by, ago=ago(self._push.created_at)))
            begun.props["title"] = exact(self._push.created_at)
            self._reason = ui.label()
        with ui.element("div").classes("figures"):
            self._numbers = {status: _figure(_(LOOKS[status].word)) for status in ResultStatus}
        self._draw_filters()
        self._table = PagedTable(_COLUMNS, self._load, empty=_("No device matches."))
        self._show(self._push)
        await self._table.show()
        self._timer = live(self._look, _EVERY_S)

    def _draw_buttons(self) -> None:
        self._buttons: dict[str, ui.button] = {}
        if view().actor.may(Role.OPERATOR, self._push.product_id):
            go_on = ui.button(_("Go on with the next stage"), icon="play_arrow", on_click=action(self._ask_to_go_on))
            cancel = ui.button(_("Cancel the push"), icon="cancel", on_click=action(self._ask_to_cancel))
            self._buttons = {"go_on": go_on.props("unelevated"), "cancel": cancel.props("outline color=negative")}

    def _draw_filters(self) -> None:
        with ui.row().classes("filters"):
            statuses = {"": _("Any state")} | {one.value: _(LOOKS[one].word) for one in ResultStatus}
            choice = ui.select(statuses, value=self._asked["status"], label=_("State")).props("outlined dense")
            choice.classes("filter").bind_value_to(self._asked, "status").on_value_change(action(self._filter))
            given = ui.input(_("Device name begins with"), value=self._asked["device"]).classes("filter")
            given.props("outlined dense clearable debounce=300")
            given.bind_value_to(self._asked, "device").on_value_change(action(self._filter))
            ui.space()
            self._file = Link(_("Download as CSV"))
        self._point_to_file()

    def _point_to_file(self) -> None:
        query = f"?status={quote(self._asked['status'])}" if self._asked["status"] else ""
        self._file.props["href"] = f"/console/configuration/pushes/{self._push.id}/results.csv{query}"

    async def _filter(self) -> None:
        remember(**self._asked)
        self._point_to_file()
        await self._table.show(first=True)

    async def _load(self, cursor: str | None) -> Rows:
        seen, status = view(), self._asked["status"]
        wanted = ResultFilter(status=ResultStatus(status) if status else None)
        results, actor, push_id = seen.services.config_delivery.results, await seen.act(), self._push.id
        prefix = (self._asked["device"] or "").strip()
        if prefix:
            found = await results.by_device_name(actor, push_id, wanted, prefix=prefix, cursor=cursor)
        else:
            found = await results.of_push(actor, push_id, wanted, cursor=cursor)
        total = "" if prefix else total_of(found.total, more=found.total_is_more)
        return Rows([self._row(result) for result in found.items], found.next, total)

    def _row(self, result: Result) -> dict[str, Any]:
        href = device_place(DeviceKey(self._push.product_key, result.device_name)) if result.device_name else None
        reason = _FAILURES.get(result.failure_kind, "")
        return {
            "key": result.device_id,
            "device_name": result.device_name or _("(deleted)"),
            "device_name_href": href,
            "status": result.status.value,
            "reason": _(reason, code=result.code, message=result.message) if reason else "",
            "attempt": result.attempt,
            "sent_at": result.sent_at,
            "downloaded_at": result.downloaded_at,
            "answered_at": result.answered_at,
        }

    async def _look(self) -> bool:
        seen = view()
        self._show(await seen.services.config_delivery.pushes.get(await seen.act(), self._push.id))
        await self._table.refresh()
        return self._push.ended_at is None or self._push.closed_at is None

    def _show(self, push: Push) -> None:
        self._push = push
        look = look_of(state_of(push))
        self._chip.text = _(look.word)
        self._chip.classes(replace=f"chip chip-{look.kind}")
        stopped = _STOPPED.get(push.stop_reason, "")
        self._reason.text = _(stopped) if stopped else ""
        for status, number in self._numbers.items():
            number.text = f"{push.counts.get(status, 0):,}"
        if self._buttons:
            self._buttons["go_on"].set_visibility(push.status is PushStatus.IN_PROGRESS and bool(push.hold))
            self._buttons["cancel"].set_visibility(push.status is not PushStatus.CANCELED and push.closed_at is None)

    async def _ask_to_go_on(self) -> None:
        stage = self._push.stage or 0

        async def go_on() -> None:
            seen = view()
            self._show(await seen.services.config_delivery.pushes.go_on(await seen.act(), self._push.id, stage))
            self._timer.activate()

        left = self._push.total - self._push.offered
        text = _("Whatever the devices of this stage came to. {left} devices were not told yet.", left=f"{left:,}")
        confirm(_("Go on with the next stage?"), text, go_on, button=_("Go on"), dangerous=False)

    async def _ask_to_cancel(self) -> None:
        async def cancel() -> None:
            seen = view()
            self._show(await seen.services.config_delivery.pushes.cancel(await seen.act(), self._push.id))
            ui.notify(_("The push is canceled"))

        left = self._push.counts.get(ResultStatus.PENDING, 0) + self._push.counts.get(ResultStatus.OFFLINE, 0)
        text = _(
            "{left} devices that were not told yet are not told any more. Those that were told may still fetch it.",
            left=f"{left:,}",
        )
        confirm(_("Cancel the push?"), text, cancel, button=_("Cancel the push"))


def _figure(label: str) -> ui.label:
    with ui.element("div").classes("figure"):
        number = ui.label("0").classes("figure-number")
        ui.label(label).classes("figure-label")
    return number
