"""What a package is: all that is known of it, and its files."""

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.packages.words import KINDS, SIGN_METHODS
from linkops.console.parts.copying import copyable
from linkops.console.parts.links import Link
from linkops.console.parts.panels import Fact, facts, panel
from linkops.console.parts.sizes import exact_size, size_text
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _
from linkops.console.view import view
from linkops.events.actor import Role
from linkops.ota.model import Package, PackageFile, PackageKind


async def describe(package: Package) -> None:
    """Draw the tab."""
    with ui.element("div").classes("columns"):
        with panel(_("Package")):
            facts(_facts(package))
        with panel(_("For devices")):
            facts(_for_devices(package))
            if package.custom_info:
                ui.label(_("Custom information for devices")).classes("muted")
                ui.label(package.custom_info).classes("mono code-block")
    await _draw_files(package)


def _facts(package: Package) -> list[Fact]:
    return [
        Fact(_("Number"), str(package.id)),
        Fact(_("Name"), package.name),
        Fact(_("Kind"), _(KINDS[package.kind])),
        Fact(_("Module"), package.module),
        Fact(_("Version"), package.version, code=True),
        Fact(_("Description"), package.description),
        Fact(_("Created at"), f"{ago(package.created_at)} · {package.created_by}", exact(package.created_at)),
        Fact(_("Changed at"), ago(package.updated_at), exact(package.updated_at)),
    ]


def _for_devices(package: Package) -> list[Fact]:
    lines = [Fact(_("Digest that devices compare"), SIGN_METHODS[package.sign_method])]
    if package.kind is PackageKind.DIFF:
        lines.append(Fact(_("Only for devices on"), package.source_version, code=True))
    else:
        lines.append(Fact(_("Only for devices on"), ", ".join(package.required_versions) or _("any version")))
    if package.whole_size_bytes is not None:
        saved = _("{percent} % less than {size}", percent=f"{package.saved_percent:g}",
                  size=size_text(package.whole_size_bytes))  # fmt: skip
        lines += [
            Fact(_("Format of the patch"), package.patch_format, code=True),
            Fact(_("Download"), saved),
            Fact(_("SHA-256 of the whole image"), package.whole_sha256, code=True),
        ]
    return lines


async def _draw_files(package: Package) -> None:
    seen = view()
    signing = await seen.services.ota.signing.get(seen.actor, package.product_key)

    async def sign() -> None:
        await seen.services.ota.packages.sign(await seen.act(), package.id)
        ui.notify(_("Signed."), type="positive")
        ui.navigate.reload()

    with panel(_("Files")) as head:
        with head:
            Link(_("Signing keys"), f"/console/products/{package.product_key}/signing")
            if signing.enabled and seen.actor.may(Role.OPERATOR, package.product_id):
                ui.button(_("Sign again"), icon="draw", on_click=action(sign)).props("outline dense")
        for file in package.files:
            _draw_file(file)


def _draw_file(file: PackageFile) -> None:
    with ui.element("div").classes("package-file"):
        with ui.row().classes("under-title"):
            ui.label(file.file_name).classes("cell-link")
            ui.label(size_text(file.size_bytes)).classes("muted number").props["title"] = exact_size(file.size_bytes)
        with ui.element("dl").classes("facts"):
            lines = [("SHA-256", file.sha256), ("MD5", file.md5)]
            if file.digestsign:
                lines += [(_("Signature"), file.digestsign), (_("Signed by the key"), file.signed_by)]
            for label, text in lines:
                with ui.element("dt"):
                    ui.label(label)
                with ui.element("dd"):
                    copyable(text)
