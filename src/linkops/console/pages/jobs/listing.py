"""The list of rollouts."""

from typing import Any

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.parts.address import remember
from linkops.console.parts.links import go
from linkops.console.parts.live import live
from linkops.console.parts.meters import progress_of
from linkops.console.parts.names import named
from linkops.console.parts.product_choice import named_products, product_choice
from linkops.console.parts.product_names import ProductNames
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.events.actor import Role
from linkops.ota.jobs.service import JobFilter
from linkops.ota.model import Job, JobKind, JobStatus

_COLUMNS = (
    Column("package", n_("Rollout"), Kind.LINK),
    Column("status", n_("State"), Kind.STATUS),
    Column("progress", n_("Progress"), Kind.PROGRESS),
    Column("devices", n_("Devices"), Kind.NUMBER, rank=2),
    Column("product", n_("Product"), Kind.LINK, rank=3),
    Column("started_at", n_("Started"), Kind.TIME, rank=2),
    Column("ended_at", n_("Ended"), Kind.TIME, rank=3),
    Column("created_by", n_("Created by"), rank=3),
    Column("tags", n_("Tags"), Kind.TAGS, rank=3),
)
_STATUSES = {
    "": n_("Any state"),
    JobStatus.PLANNED: n_("Planned"),
    JobStatus.IN_PROGRESS: n_("In progress"),
    JobStatus.COMPLETED: n_("Completed"),
    JobStatus.CANCELED: n_("Canceled"),
}


@page("/jobs", n_("Rollouts"))
async def jobs(product: str = "", status: str = "", package: str = "", name: str = "", tag: str = "") -> None:
    """Show rollouts, the newest first, with filters that the address carries."""
    seen = view()
    actions = frame.heading(_("Rollouts"))
    if max(seen.actor.roles.values(), default=0) >= Role.OPERATOR:
        with actions:
            there = f"/console/jobs/new?package={int(package)}" if _is_id(package) else "/console/jobs/new"
            ui.button(_("New rollout"), icon="add", on_click=lambda: go(there)).props("unelevated")
    status = status if status in _STATUSES else ""
    names = ProductNames()
    asked: dict[str, Any] = {"product": product, "status": status, "package": package, "name": name, "tag": tag}

    async def load(cursor: str | None) -> Rows:
        found = await seen.services.ota.jobs.page(await seen.act(), _filter(asked), cursor=cursor, limit=50)
        await names.learn(job.product_key for job in found.items)
        return Rows(
            [_row(job, names) for job in found.items], found.next, total_of(found.total, more=found.total_is_more)
        )

    async def again() -> None:
        remember(**asked)
        await table.show(first=True)

    await _filters(asked, action(again))
    table = PagedTable(_COLUMNS, load, empty=_("No rollout matches. A rollout brings a package to devices."))
    await table.show()

    async def look() -> bool:
        await table.refresh()
        return True

    live(look, 4.0)


async def _filters(asked: dict[str, Any], again: Any) -> None:
    products = await named_products(asked["product"])
    statuses = {status: _(label) for status, label in _STATUSES.items()}
    with named(ui.row(), _("Filters")).classes("filters").props("role=search"):
        product = product_choice(products, _("Product"), _("Any product"), asked["product"])
        product.bind_value_to(asked, "product", forward=lambda value: value or "")
        status = ui.select(statuses, label=_("State"), value=asked["status"]).props("outlined dense options-dense")
        status.bind_value_to(asked, "status")
        for choice in (product, status):
            choice.classes("filter").on_value_change(again)
        for key, label in (("name", _("Package name contains")), ("tag", _("Tag, or tag=value"))):
            given = ui.input(label, value=asked[key]).props("outlined dense clearable debounce=300").classes("filter")
            given.bind_value_to(asked, key).on_value_change(again)
        if _is_id(asked["package"]):
            await _package_filter(asked)


async def _package_filter(asked: dict[str, Any]) -> None:
    seen = view()
    package = await seen.services.ota.packages.get(seen.actor, int(asked["package"]))

    def without() -> None:
        go("/console/jobs")

    with ui.element("span").classes("tag filter-tag"):
        ui.label(_("Only of {name} {version}", name=package.name, version=package.version))
        named(ui.button(icon="close", on_click=without), _("All packages")).props("flat dense round size=xs")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _filter(asked: dict[str, Any]) -> JobFilter:
    key, equals, value = (asked["tag"] or "").strip().partition("=")
    return JobFilter(
        product_key=asked["product"] or None,
        package_id=int(asked["package"]) if _is_id(asked["package"]) else None,
        status=JobStatus(asked["status"]) if asked["status"] else None,
        package_name=(asked["name"] or "").strip(),
        tag_key=key.strip(),
        tag_value=value.strip() if equals else None,
    )


def _row(job: Job, names: ProductNames) -> dict[str, Any]:
    kind = _(" (verification)") if job.kind is JobKind.VERIFY else ""
    held = job.hold.value if job.ended_at is None else ""
    return {
        "key": job.id,
        "package": f"{job.package_name} {job.version}{kind}",
        "package_href": f"/console/jobs/{job.id}",
        "status": f"hold.{held}" if held else job.status.value,
        "progress": progress_of(job.counts),
        "devices": sum(job.counts.values()),
        **names.cells(job.product_key),
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "created_by": job.created_by,
        "tags": job.tags,
    }
