"""Devices that do not have the configuration that they should, and giving it to them again."""

from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.configuration.site import Site
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.links import go
from linkops.console.parts.places import device_place
from linkops.console.parts.status import LOOKS
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import DeviceKey
from linkops.remote_config.pushes.creating import NewPush
from linkops.remote_config.pushes.model import MAX_DEVICES
from linkops.remote_config.states.drift.model import DRIFTING, DeviceDrift, Standing

_COLUMNS = (
    Column("device_name", n_("Device"), Kind.LINK),
    Column("standing", n_("State"), Kind.STATUS),
    Column("known_at", n_("Has what it has since"), Kind.TIME, rank=2),
    Column("refused_at", n_("Refused"), Kind.TIME, rank=2),
    Column("sent_at", n_("Last told"), Kind.TIME, rank=2),
    Column("wanted", n_("Should have"), Kind.CODE, rank=3),
    Column("known", n_("Has"), Kind.CODE, rank=3),
)
_ORDER = (Standing.IN_STEP, Standing.BEHIND, Standing.REFUSED, Standing.UNKNOWN, Standing.NONE_WANTED)


class DriftList:
    """How many devices stand how, and the list of those that are not in step."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._standing = ""

    async def draw(self) -> None:
        """Draw both."""
        self._figures = ui.element("div").classes("figures")
        with ui.row().classes("filters"):
            standings = {"": _("Any state")} | {one.value: _(LOOKS[one].word) for one in _ORDER if one in DRIFTING}
            choice = ui.select(standings, value="", label=_("State")).props("outlined dense").classes("filter")
            choice.on_value_change(action(self._filter))
            ui.button(_("Look again"), icon="refresh", on_click=action(self._again)).props("flat")
            if self._site.operates:
                self._offer = ui.button(_("Push to those ticked"), icon="send", on_click=action(self._ask))
                self._offer.props("outline").disable()
        empty = _("Every device that is known to have something has what it should.")
        self._table = PagedTable(
            _COLUMNS, self._load, empty=empty, selection=self._site.operates, on_select=self._judge
        )
        await self._again()

    async def _again(self) -> None:
        seen = view()
        found = await seen.services.config_delivery.drift.summary(await seen.act(), self._site.key)
        self._figures.clear()
        with self._figures:
            for standing in _ORDER:
                with ui.element("div").classes("figure"):
                    ui.label(f"{found.counts[standing]:,}").classes("figure-number")
                    ui.label(_(LOOKS[standing].word)).classes("figure-label")
        await self._table.show(first=True)

    async def _filter(self, change: Any) -> None:
        self._standing = change.value or ""
        await self._table.show(first=True)

    async def _load(self, cursor: str | None) -> Rows:
        seen = view()
        standing = Standing(self._standing) if self._standing else None
        drift = seen.services.config_delivery.drift
        found = await drift.page(await seen.act(), self._site.key, standing=standing, cursor=cursor, limit=50)
        return Rows([self._row(device) for device in found.items], found.next)

    def _row(self, device: DeviceDrift) -> dict[str, Any]:
        return {
            "key": device.device_id,
            "device_name": device.device_name,
            "device_name_href": device_place(DeviceKey(self._site.key, device.device_name)),
            "standing": device.standing.value,
            "known_at": device.known_at,
            "refused_at": device.refused_at,
            "sent_at": device.sent_at,
            "wanted": device.wanted_sha256[:12],
            "known": device.known_sha256[:12] or "-",
        }

    def _judge(self) -> None:
        if self._site.operates:
            self._offer.set_enabled(0 < len(self._table.selected) <= MAX_DEVICES)

    async def _ask(self) -> None:
        names = tuple(str(row["device_name"]) for row in self._table.selected)

        async def push() -> None:
            seen = view()
            new = NewPush(product_key=self._site.key, device_names=names)
            begun = await seen.services.config_delivery.pushes.begin(await seen.act(), new)
            go(f"/console/configuration/pushes/{begun.id}")

        text = _(
            "{devices} devices are told that there is a configuration for them; those that are away when they come. "
            "Single devices have no hour to wait for.",
            devices=len(names),
        )
        confirm(_("Push to these devices?"), text, push, button=_("Push"), dangerous=False)
