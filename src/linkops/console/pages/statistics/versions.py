"""What devices run: the most frequent versions as bars, all of them as a table, and the devices behind each."""

from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from linkops.console.pages.statistics.asked import PATH, Asked
from linkops.console.parts.charts import Chart, Series, bars, file_button, height_of
from linkops.console.parts.links import Link
from linkops.console.parts.panels import empty, panel
from linkops.console.parts.places import device_place
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import DeviceKey
from linkops.ota.distributions.model import VersionDistribution
from linkops.ota.distributions.shares import percent

_PER_PAGE = 10
_COLUMNS = (
    Column("version", n_("Version"), Kind.LINK),
    Column("devices", n_("Devices"), Kind.NUMBER),
    Column("share", n_("Share"), Kind.SHARE),
)
_DEVICES = (Column("device_name", n_("Device"), Kind.LINK), Column("reported_at", n_("Reported"), Kind.TIME))


async def show_versions(asked: Asked) -> None:
    """Show how many devices run which version."""
    seen = view()
    found = await seen.services.ota.statistics.versions(seen.actor, asked.product, asked.module, limit=_PER_PAGE)
    with panel(_("Package versions")) as head:
        if not found.devices:
            with empty("memory", _("No device has reported a version of this module yet.")):
                pass
            return
        with ui.element("div").classes("columns"):
            chart = _chart(found)
            with ui.element("div"):
                await _table(asked).show()
        with head:
            file_button(asked.address(f"{PATH}/versions.csv", version=""), _("Save all versions as CSV"))
            chart.save_button()


def _chart(found: VersionDistribution) -> Chart:
    shown = [(share.version, share.devices) for share in found.top]
    if found.others is not None:
        shown.append((_("{count} others", count=f"{found.others.versions:,}"), found.others.devices))
    said = ", ".join(f"{version}: {devices:,}" for version, devices in shown)
    counted = Series(_("Devices"), [devices for _version, devices in shown], "var(--accent)")
    options = bars([version for version, _devices in shown], [counted])
    text = _("Devices by version: {said}. The table has all of them.", said=said)
    return Chart(options, "versions", text, title=_("Package versions"), height_px=height_of(len(shown)))


def _table(asked: Asked) -> PagedTable:
    async def load(cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.ota.statistics.versions(
            await seen.act(), asked.product, asked.module, cursor=cursor, limit=_PER_PAGE
        )
        rows = [_row(asked, *share) for share in found.table.items]
        total = _("{versions} versions on {devices} devices", versions=found.versions, devices=f"{found.devices:,}")
        return Rows(rows, found.table.next, total)

    return PagedTable(_COLUMNS, load, empty="")


def _row(asked: Asked, version: str, devices: int, share: float) -> dict[str, Any]:
    return {
        "key": version,
        "version": version,
        "version_href": asked.address(version=version),
        "devices": devices,
        "share": percent(share),
    }


async def show_devices(asked: Asked) -> None:
    """Show which devices run the version that was chosen."""

    async def load(cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.ota.statistics.devices(
            await seen.act(), asked.product, asked.module, asked.version, cursor=cursor, limit=20
        )
        rows = [_device_row(asked.product, row.device_name, row.reported_at) for row in found.items]
        return Rows(rows, found.next, total_of(found.total, more=found.total_is_more))

    with panel(_("Devices on {version}", version=asked.version)) as head:
        with head:
            wanted = {"product": asked.product, "module": asked.module, "version": asked.version}
            Link(_("In the list of devices"), f"/console/devices?{urlencode(wanted)}")
            Link(_("Close"), asked.address(version=""))
        await PagedTable(_DEVICES, load, empty=_("No device runs this version any more.")).show()


def _device_row(product_key: str, device_name: str, reported_at: int) -> dict[str, Any]:
    return {
        "key": device_name,
        "device_name": device_name,
        "device_name_href": device_place(DeviceKey(product_key, device_name)),
        "reported_at": reported_at,
    }
