"""What can be done with the devices that are ticked."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.devices.tag_dialog import edit_tags
from linkops.console.parts.dialogs import confirm
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import DeviceKey

Ticked = Callable[[], list[dict[str, Any]]]


def key_of(row: dict[str, Any]) -> DeviceKey:
    """Return which device a row is about."""
    return DeviceKey(*str(row["key"]).split("/", 1))


class BulkBar:
    """Buttons for the ticked rows; they are there when there are any."""

    def __init__(self, ticked: Ticked, again: Callable[[], Awaitable[None]]) -> None:
        """Draw it; ``again`` brings the list up to date."""
        self._ticked = ticked
        self._again = again
        with ui.row().classes("filters bulk") as self._bar:
            self._count = ui.label().classes("muted").props("aria-live=polite")
            self._button(_("Enable"), "play_circle", self._enable)
            self._button(_("Disable"), "block", self._ask_disable)
            self._button(_("Change tags"), "sell", self._change_tags)
            self._button(_("Delete"), "delete", self._ask_delete)
        self._bar.set_visibility(False)

    @staticmethod
    def _button(label: str, icon: str, do: Callable[[], Awaitable[None]]) -> None:
        ui.button(label, icon=icon, on_click=action(do)).props("outline dense padding='2px 10px'")

    def judge(self) -> None:
        """Show the buttons if something is ticked."""
        count = len(self._ticked())
        self._bar.set_visibility(count > 0)
        self._count.text = _("{count} selected", count=f"{count:,}")

    async def _enable(self) -> None:
        await self._switch([key_of(row) for row in self._ticked()], enabled=True)

    async def _ask_disable(self) -> None:
        rows = self._ticked()
        confirm(
            _("Disable devices"),
            _(
                "{count} devices are refused until they are enabled again; {online} of them are connected now and are "
                "cut off at once.",
                **_counts(rows),
            ),
            partial(self._switch, [key_of(row) for row in rows], enabled=False),
            button=_("Disable"),
        )

    async def _switch(self, keys: list[DeviceKey], *, enabled: bool) -> None:
        seen = view()
        changed = await seen.services.devices.set_enabled(await seen.act(), keys, enabled=enabled)
        text = _("{count} devices enabled") if enabled else _("{count} devices disabled")
        ui.notify(text.format(count=f"{changed:,}"), type="positive")
        await self._done()

    async def _change_tags(self) -> None:
        edit_tags([key_of(row) for row in self._ticked()], {}, self._done)

    async def _ask_delete(self) -> None:
        rows = self._ticked()
        confirm(
            _("Delete devices"),
            _(
                "{count} devices are deleted for good, with their secrets, tags, files, logs and certificates; "
                "{online} of them are connected now and are cut off.",
                **_counts(rows),
            ),
            partial(self._delete, [key_of(row) for row in rows]),
            button=_("Delete"),
            typed=rows[0]["device_name"] if len(rows) == 1 else f"{len(rows)}",
        )

    async def _delete(self, keys: list[DeviceKey]) -> None:
        seen = view()
        deleted = await seen.services.devices.delete(await seen.act(), keys)
        ui.notify(_("{count} devices deleted", count=f"{deleted:,}"), type="positive")
        await self._done()

    async def _done(self) -> None:
        await self._again()
        self.judge()


def _counts(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {"count": f"{len(rows):,}", "online": f"{sum(bool(row['online']) for row in rows):,}"}
