"""The page of a package: what became of it, on which devices, and what it is."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.packages.describing import describe
from linkops.console.pages.packages.devices import DeviceList
from linkops.console.pages.packages.diff_dialog import ask_for_diff
from linkops.console.pages.packages.editing import ask_for_changes
from linkops.console.pages.packages.verification import Verification
from linkops.console.pages.packages.verifying import ask_for_test_devices
from linkops.console.pages.packages.words import JOB_KINDS, SELECTIONS, versions_of
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.links import Link, go
from linkops.console.parts.live import live
from linkops.console.parts.meters import progress_of
from linkops.console.parts.sizes import size_text
from linkops.console.parts.status import chip, look_of
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.parts.tabs import Tab, tabs
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.errors import NotFound
from linkops.events.actor import Role
from linkops.ota.jobs.service import JobFilter
from linkops.ota.model import Job, Package, PackageKind, PackageStatus

_JOBS = (
    Column("id", n_("Batch"), Kind.LINK),
    Column("kind", n_("Kind"), rank=2),
    Column("status", n_("State"), Kind.STATUS),
    Column("progress", n_("Progress"), Kind.PROGRESS),
    Column("devices", n_("Devices"), Kind.NUMBER, rank=2),
    Column("selection", n_("Selection"), rank=3),
    Column("created_by", n_("Created by"), rank=3),
    Column("created_at", n_("Created at"), Kind.TIME, rank=2),
)
_VERIFIABLE = frozenset({PackageStatus.UNVERIFIED, PackageStatus.FAILED})
_READY = frozenset({PackageStatus.NOT_REQUIRED, PackageStatus.VERIFIED})
_MAX_DIGITS = 18
_EVERY_S = 3.0


@page("/packages/{package_id}", n_("Package"))
async def package_page(package_id: str, tab: str = "", status: str = "", device: str = "") -> None:
    """Show a package."""
    if not (package_id.isascii() and package_id.isdecimal() and len(package_id) <= _MAX_DIGITS):
        raise NotFound("package.not_found", package_id=package_id)
    seen = view()
    package = await seen.services.ota.packages.get(await seen.act(), int(package_id))
    await PackagePage(package).draw(tab, status, device)


class PackagePage:
    """The page; figures follow what happens while something runs."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._devices: DeviceList | None = None
        self._jobs: PagedTable | None = None
        self._running = True
        self._verify: ui.button | None = None
        self._roll_out: ui.button | None = None

    async def draw(self, tab: str, status: str, device: str) -> None:
        """Draw everything."""
        package = self._package
        await self._draw_head()
        self._verification = Verification()
        await self._verification.show(package)

        async def devices() -> None:
            self._devices = DeviceList(package, status, device)
            await self._devices.draw()

        async def details() -> None:
            await describe(package)

        await tabs(
            {
                "batches": Tab(_("Batches"), self._draw_jobs),
                "devices": Tab(_("Devices"), devices),
                "details": Tab(_("Details"), details),
            },
            tab,
        )
        live(self._look, _EVERY_S)

    async def _draw_head(self) -> None:
        package, seen = self._package, view()
        product = await seen.services.products.get(seen.actor, package.product_key)
        row = frame.heading(package.name, above=((_("Packages"), "/packages"),))
        if seen.actor.may(Role.OPERATOR, package.product_id):
            with row:
                self._draw_actions()
        with ui.row().classes("under-title"):
            self._status = chip(package.status)
            ui.label(versions_of(package)).classes("mono")
            Link(product.name, f"/console/products/{package.product_key}")
            ui.label(_("Module {module}", module=package.module)).classes("muted")
            ui.label(size_text(package.size_bytes)).classes("muted number")

    def _draw_actions(self) -> None:
        package = self._package
        self._verify = ui.button(_("Verify"), icon="fact_check", on_click=action(self._ask_to_verify)).props(
            "unelevated"
        )
        self._roll_out = ui.button(
            _("New rollout"),
            icon="rocket_launch",
            on_click=lambda: go(f"/console/jobs/new?package={package.id}"),
        ).props("unelevated")
        if package.kind is PackageKind.FULL and len(package.files) == 1:
            make = ui.button(_("Make a differential package"), icon="difference", on_click=action(self._ask_for_diff))
            make.props("outline")
        ui.button(_("Edit"), icon="edit", on_click=action(self._ask_for_changes)).props("outline")
        ui.button(_("Delete"), icon="delete", on_click=action(self._ask_to_delete)).props("outline")
        self._show_actions()

    def _show_actions(self) -> None:
        if self._verify is not None and self._roll_out is not None:
            self._verify.set_visibility(self._package.status in _VERIFIABLE)
            self._roll_out.set_visibility(self._package.status in _READY)

    async def _ask_to_verify(self) -> None:
        await ask_for_test_devices(self._package)

    async def _ask_for_diff(self) -> None:
        await ask_for_diff(self._package)

    async def _ask_for_changes(self) -> None:
        await ask_for_changes(self._package)

    async def _ask_to_delete(self) -> None:
        package, seen = self._package, view()
        found = await seen.services.ota.jobs.page(await seen.act(), JobFilter(package_id=package.id), limit=1)

        async def delete() -> None:
            await seen.services.ota.packages.delete(await seen.act(), package.id)
            ui.notify(_("Deleted {name}.", name=package.name), type="positive")
            go("/console/packages")

        text = _(
            "{files} files, {size}, are deleted for good. What its {batches} batches did stays on record. "
            "It is refused while a batch is running.",
            files=len(package.files),
            size=size_text(package.size_bytes),
            batches=f"{found.total:,}",
        )
        confirm(_("Delete the package?"), text, delete, button=_("Delete"), typed=package.name)

    async def _draw_jobs(self) -> None:
        may = view().actor.may(Role.OPERATOR, self._package.product_id)
        empty = _("Nothing has been rolled out yet.")
        if may and self._package.status in _READY:
            empty = _("Nothing has been rolled out yet. Start with a new rollout.")
        elif may and self._package.status in _VERIFIABLE:
            empty = _("Nothing has been rolled out yet. Verify the package on test devices first.")
        self._jobs = PagedTable(_JOBS, self._load_jobs, empty=empty)
        await self._jobs.show()

    async def _load_jobs(self, cursor: str | None) -> Rows:
        seen = view()
        wanted = JobFilter(package_id=self._package.id)
        found = await seen.services.ota.jobs.page(await seen.act(), wanted, cursor=cursor, limit=20)
        self._running = any(job.ended_at is None for job in found.items)
        return Rows([_row(job) for job in found.items], found.next, total_of(found.total, more=found.total_is_more))

    async def _look(self) -> bool:
        """Bring up to date what may have changed; return whether anything may still change by itself."""
        seen = view()
        package = await seen.services.ota.packages.get(await seen.act(), self._package.id)
        if package.status is not self._package.status:
            self._show_status(package)
        await self._verification.show(package)
        if self._jobs is not None:
            await self._jobs.show()
        if self._devices is not None:
            await self._devices.refresh()
        return self._running or package.status is PackageStatus.VERIFYING

    def _show_status(self, package: Package) -> None:
        self._package, look = package, look_of(package.status)
        self._status.text = _(look.word)
        self._status.classes(replace=f"chip chip-{look.kind}")
        self._show_actions()


def _row(job: Job) -> Mapping[str, Any]:
    return {
        "key": str(job.id),
        "id": f"#{job.id}",
        "id_href": f"/console/jobs/{job.id}",
        "kind": _(JOB_KINDS[job.kind]),
        "status": job.status.value,
        "progress": progress_of(job.counts),
        "devices": sum(job.counts.values()),
        "selection": _(SELECTIONS[job.selection]),
        "created_by": job.created_by,
        "created_at": job.created_at,
    }
