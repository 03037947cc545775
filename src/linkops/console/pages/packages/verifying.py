"""Trying a package out on a few devices before it goes to many."""

from nicegui import ui

from linkops.console.pages.packages.words import package_path
from linkops.console.parts.asking import asking
from linkops.console.parts.choices import device_choice
from linkops.console.parts.forms import Form
from linkops.console.parts.links import go
from linkops.console.texts import _
from linkops.console.view import view
from linkops.ota.creating.checks import MAX_MQTT_BYTES
from linkops.ota.model import JobKind, Package, PackageKind, Targets
from linkops.ota.strategy import DownloadProtocol, Strategy
from linkops.ota.targeting import MAX_VERIFIED_DEVICES, NewJob

_MOST_MINUTES = 1_440


async def ask_for_test_devices(package: Package) -> None:
    """Ask on which devices, and begin."""
    form = Form()
    with asking(_("Verify the package")) as dialog:
        ui.label(
            _(
                "The test devices are updated now. The package is verified when all of them run {version}, "
                "and has failed if one of them fails.",
                version=package.version,
            )
        )
        is_diff = package.kind is PackageKind.DIFF
        label = _("1 to {most} test devices", most=MAX_VERIFIED_DEVICES)
        devices = await device_choice(
            label, package.product_key, module=package.module, version=package.source_version if is_diff else ""
        )
        form.field("device_names", devices).props(f"max-values={MAX_VERIFIED_DEVICES}")
        if is_diff:
            ui.label(_("Only devices that run {version} are offered here.", version=package.source_version)).classes(
                "muted"
            )
        minutes = ui.number(_("Minutes that a device has from its first progress report"), value=60, min=1, precision=0)
        form.field("timeout_s", minutes).props(f"max={_MOST_MINUTES}")
        push = ui.switch(_("Push it to the devices; otherwise they get it when they ask"), value=True)
        protocols = {DownloadProtocol.HTTPS.value: "HTTPS"}
        if len(package.files) == 1 and package.size_bytes <= MAX_MQTT_BYTES:
            protocols[DownloadProtocol.MQTT.value] = "MQTT"
        download = form.field("download", ui.select(protocols, value=DownloadProtocol.HTTPS.value, label=_("Download")))

        async def begin() -> None:
            seen = view()
            strategy = Strategy(
                timeout_s=None if minutes.value is None else int(minutes.value) * 60,
                need_push=bool(push.value),
                download=DownloadProtocol(download.value),
            )
            new = NewJob(
                package_id=package.id,
                kind=JobKind.VERIFY,
                targets=Targets.SPECIFIC,
                device_names=tuple(devices.value or ()),
                strategy=strategy,
            )
            await seen.services.ota.maker.create(await seen.act(), new)
            dialog.close()
            go(package_path(package.id))

        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat")
            form.button(_("Verify"), begin)
