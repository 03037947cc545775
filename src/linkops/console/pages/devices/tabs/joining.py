"""Devices that a gateway found, the window in which new ones may join, and what the gateway answered."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.devices.bulk import key_of
from linkops.console.pages.devices.opened import Opened
from linkops.console.parts.forms import Form
from linkops.console.parts.panels import panel
from linkops.console.parts.product_choice import searched_product
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import DeviceKey, NodeType
from linkops.devices.topology.joining.service import MAX_PERMIT_S
from linkops.devices.topology.model import FoundDevice, GatewayRequest, RequestKind
from linkops.events.actor import Role

_FOUND = (
    Column("device_name", n_("Device"), Kind.CODE),
    Column("product_key", n_("Product"), Kind.CODE, rank=2),
    Column("found_at", n_("Found"), Kind.TIME, rank=2),
    Column("known", n_("Registered")),
    Column("gateway", n_("Now on"), Kind.CODE, rank=3),
)
_KINDS = {
    RequestKind.CHANGE: n_("Told of a change"),
    RequestKind.ADD: n_("Asked to add devices"),
    RequestKind.PERMIT: n_("Asked to let devices join"),
}
_DONE = 200


class Joining:
    """Three panels below the list of sub-devices."""

    def __init__(self, opened: Opened, bound: Callable[[], Awaitable[None]]) -> None:
        """Draw them; ``bound`` is called when sub-devices were added."""
        self._opened = opened
        self._bound = bound
        self._said: list[GatewayRequest] | None = None
        with panel(_("Found by the gateway")):
            self._draw_found()
        with ui.element("div").classes("columns"):
            if opened.operates:
                with panel(_("Let new devices join")):
                    self._window = ui.element("div").classes("form")
            with panel(_("What the gateway was told")):
                self._requests = ui.element("div")
        self._drawn = False

    async def again(self) -> None:
        """Look again."""
        if self._opened.operates and not self._drawn:
            self._drawn = True
            with self._window:
                await self._draw_window()
        await self._table.refresh()
        self._judge()
        seen = view()
        requests = await seen.services.joining.requests(await seen.act(), self._opened.key)
        if requests != self._said:
            self._said = requests
            self._requests.clear()
            with self._requests:
                _show_requests(requests)

    def _draw_found(self) -> None:
        with ui.row().classes("filters") as self._bar:
            ui.button(_("Add"), on_click=action(self._bind)).props("outline dense padding='2px 10px'")
            ask = ui.button(_("Ask the gateway to add them"), on_click=action(self._ask))
            ask.props("outline dense padding='2px 10px'")
        self._bar.set_visibility(False)
        self._table = PagedTable(
            _FOUND,
            self._load,
            empty=_("The gateway has reported no device that it has not got."),
            selection=self._opened.operates,
            on_select=self._judge,
        )

    def _judge(self) -> None:
        self._bar.set_visibility(bool(self._table.selected))

    async def _load(self, _cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.joining.found(await seen.act(), self._opened.key)
        return Rows([_row(one) for one in found], None, total_of(len(found), more=False))

    def _keys(self) -> list[DeviceKey]:
        return [key_of(row) for row in self._table.selected]

    async def _bind(self) -> None:
        seen = view()
        changed = await seen.services.topology.bind(await seen.act(), self._opened.key, self._keys())
        ui.notify(_("Devices added: {count}", count=f"{changed:,}"), type="positive")
        await self._table.show()
        await self._bound()

    async def _ask(self) -> None:
        seen = view()
        await seen.services.joining.ask_to_add(await seen.act(), self._opened.key, self._keys())
        ui.notify(_("The gateway was asked; its answer is shown below."), type="positive")
        await self.again()

    async def _draw_window(self) -> None:
        form = Form()
        ui.label(_("The gateway is asked to let devices of a product join for some time.")).classes("muted")
        choice = await searched_product(_("Product"), role=Role.OPERATOR, node_type=NodeType.SUBDEVICE)
        product = form.field("product_key", choice)
        seconds = form.field("seconds", ui.number(_("Seconds"), value=60, min=1, max=MAX_PERMIT_S, precision=0))

        async def permit() -> None:
            if not product.value:
                ui.notify(_("Choose a product."), type="warning")
                return
            seen = view()
            await seen.services.joining.permit(
                await seen.act(), self._opened.key, product.value, int(seconds.value or 0)
            )
            await self.again()

        with ui.row():
            form.button(_("Open the window"), permit)


def _row(found: FoundDevice) -> dict[str, Any]:
    return {
        "key": str(found.key),
        "device_name": found.key.device_name,
        "product_key": found.key.product_key,
        "found_at": found.found_at,
        "known": _("Yes") if found.registered else _("No: register it first"),
        "gateway": "" if found.gateway is None else found.gateway.device_name,
    }


def _show_requests(requests: list[GatewayRequest]) -> None:
    if not requests:
        ui.label(_("Nothing yet.")).classes("muted")
    with ui.element("dl").classes("facts"):
        for request in requests:
            with ui.element("dt"):
                ui.label(_(_KINDS[request.kind]))
            with ui.element("dd").classes("fact"):
                ui.label(ago(request.sent_at)).props["title"] = exact(request.sent_at)
                ui.label(_answer(request))
                if request.ends_at is not None:
                    ui.label(_("window closes {time}", time=exact(request.ends_at))).classes("muted small")


def _answer(request: GatewayRequest) -> str:
    if request.answer_code is None:
        return _("no answer yet")
    return _("done") if request.answer_code == _DONE else _("refused with code {code}", code=request.answer_code)
