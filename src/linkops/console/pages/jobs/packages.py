"""Which package a rollout brings: choosing one, and saying why another cannot be."""

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.jobs.copying import copy_place
from linkops.console.parts.choices import drawn
from linkops.console.parts.copying import copyable
from linkops.console.parts.links import Link, go
from linkops.console.parts.package_choice import finding_packages
from linkops.console.parts.panels import panel
from linkops.console.parts.product_choice import searched_product
from linkops.console.parts.status import chip
from linkops.console.texts import _
from linkops.events.actor import Role
from linkops.ota.model import Package, PackageKind, PackageStatus
from linkops.ota.packages.service import PackageFilter

UNVERIFIED = frozenset({PackageStatus.UNVERIFIED, PackageStatus.VERIFYING, PackageStatus.FAILED})
_MAX_DIGITS = 18


def as_id(text: str) -> int | None:
    """Return the number in an address, or None if it is none that anything can have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS else None


async def choose_package(product: str, like: int | None) -> None:
    """Ask for the product and one of its packages; the choice opens the wizard, filled in as the rollout ``like``."""

    def wanted() -> PackageFilter | None:
        return PackageFilter(product_key=str(chosen.value)) if chosen.value else None

    async def show() -> None:
        packages.set_options(dict(await find("")), value=None)
        packages.set_visibility(bool(chosen.value))

    with panel(_("Which package?")), ui.element("div").classes("form"):
        chosen = await searched_product(_("Product"), product or None, Role.OPERATOR)
        chosen.on_value_change(action(show))
        find = finding_packages(wanted)
        packages = drawn(_("Package"), {}, find)
        packages.on_value_change(lambda change: _open(change.value, like))
        ui.label(_("A rollout brings one package to devices of its product.")).classes("muted")
        Link(_("Packages"), "/console/packages")
    await show()


def _open(package_id: int | None, like: int | None) -> None:
    if package_id is not None:
        go(copy_place(like, package=package_id))


def may_be_rolled_out(package: Package, like: int | None) -> bool:
    """Show the package, and return whether it may go to many devices; say what to do about it if not."""
    with ui.element("div").classes("panel package-line"):
        Link(package.name, f"/console/packages/{package.id}").classes("cell-link")
        copyable(package.version)
        kind = _("Differential, from {version}", version=package.source_version)
        ui.label(kind if package.kind is PackageKind.DIFF else _("Whole")).classes("muted")
        ui.label(_("Module {module}", module=package.module)).classes("muted")
        Link(package.product_key, f"/console/products/{package.product_key}")
        ui.space()
        Link(_("Another package"), copy_place(like, product=package.product_key))
    if package.status not in UNVERIFIED:
        return True
    with ui.element("div").classes("warning").props("role=alert"):
        chip(package.status)
        ui.label(_("This package has to be tried out on a few devices first, before it may go to many."))
        Link(_("To the package, to verify it"), f"/console/packages/{package.id}")
    return False
