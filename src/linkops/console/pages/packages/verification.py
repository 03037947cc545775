"""How the verification of a package goes, device by device, while it goes and afterwards."""

from nicegui import ui

from linkops.console.parts.links import Link
from linkops.console.parts.panels import panel
from linkops.console.parts.places import device_place
from linkops.console.parts.status import look_of
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import DeviceKey
from linkops.devices.paging import MAX_PAGE
from linkops.ota.jobs.service import JobFilter
from linkops.ota.model import Job, JobKind, Package, PackageStatus, Task
from linkops.ota.paging import Order
from linkops.ota.targeting import MAX_VERIFIED_DEVICES
from linkops.ota.tasks.service import TaskFilter

_SHOWN_OF = frozenset({PackageStatus.VERIFYING, PackageStatus.FAILED})


class Verification:
    """A panel above the tabs; there is none for a package that need not be verified, or was, with success."""

    def __init__(self) -> None:
        self._job: Job | None = None
        self._status = PackageStatus.NOT_REQUIRED
        self._rows: dict[int, tuple[ui.label, ui.label]] = {}
        self._place = ui.element("div").classes("verification")

    async def show(self, package: Package) -> None:
        """Show how it stands."""
        changed, self._status = package.status is not self._status, package.status
        if changed:
            self._place.clear()
            self._job = await self._last(package) if package.status in _SHOWN_OF else None
            self._rows = {}
        if self._job is None:
            return
        seen = view()
        found = await seen.services.ota.tasks.of_job(
            await seen.act(), self._job.id, TaskFilter(), limit=MAX_VERIFIED_DEVICES
        )
        if self._rows.keys() != {task.id for task in found.items}:
            self._draw(package, self._job, found.items)
        for task in found.items:
            self._update(task)

    async def _last(self, package: Package) -> Job | None:
        """Return the last verification; those stand before all rollouts."""
        seen, wanted = view(), JobFilter(package_id=package.id)
        found = await seen.services.ota.jobs.page(await seen.act(), wanted, order=Order.OLDEST, limit=MAX_PAGE)
        return next((job for job in reversed(found.items) if job.kind is JobKind.VERIFY), None)

    def _draw(self, package: Package, job: Job, tasks: list[Task]) -> None:
        self._place.clear()
        title = (
            _("Verification under way") if package.status is PackageStatus.VERIFYING else _("The verification failed")
        )
        with self._place, panel(title) as head:
            with head:
                Link(_("Batch #{number}", number=job.id), f"/console/jobs/{job.id}")
            for task in tasks:
                with ui.element("div").classes("verified-device"):
                    key = DeviceKey(package.product_key, task.device_name)
                    Link(task.device_name, device_place(key)).classes("cell-link")
                    self._rows[task.id] = (ui.label(), ui.label().classes("muted"))

    def _update(self, task: Task) -> None:
        state, said = self._rows[task.id]
        look = look_of(task.status)
        state.text = _(look.word) if task.step is None else f"{_(look.word)} {task.step} %"
        state.classes(replace=f"chip chip-{look.kind}")
        said.text = task.description
