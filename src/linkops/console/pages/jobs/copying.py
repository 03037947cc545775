"""Starting a rollout like one that there is."""

from nicegui import ui

from linkops.console.pages.jobs.packages import UNVERIFIED
from linkops.console.parts.forms import Form
from linkops.console.parts.links import go
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.paging import MAX_PAGE
from linkops.ota.model import Job
from linkops.ota.packages.service import PackageFilter


async def ask_to_copy(job: Job) -> None:
    """Ask for the package, and start it; the new rollout's page opens."""
    seen, form = view(), Form()
    wanted = PackageFilter(product_key=job.product_key, module=job.module)
    found = await seen.services.ota.packages.page(await seen.act(), wanted, limit=MAX_PAGE)
    packages = {one.id: f"{one.name} {one.version}" for one in found.items if one.status not in UNVERIFIED}
    with ui.dialog() as dialog, ui.card().classes("form"):
        ui.label(_("Start a rollout like this one?")).classes("dialog-title").props("role=heading aria-level=2")
        text = _("It starts at once, with the same settings, for the same devices as far as they need the update.")
        ui.label(text)
        value = job.package_id if job.package_id in packages else None
        package = form.field("package_id", ui.select(packages, label=_("Package"), value=value, with_input=True))

        async def start() -> None:
            made = await seen.services.ota.maker.clone(await seen.act(), job.id, package.value)
            go(f"/console/jobs/{made.id}")

        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat autofocus")
            yes = form.button(_("Start"), start)
    yes.bind_enabled_from(package, "value", backward=bool)
    dialog.props["aria-label"] = _("Start a rollout like this one?")
    dialog.on("hide", dialog.delete)
    dialog.open()
