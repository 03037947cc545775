"""Whose figures are shown: what the address says, and the choices above the page."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.choices import SHOWN, Find, drawn
from linkops.console.parts.links import go
from linkops.console.parts.names import named
from linkops.console.parts.product_choice import searched_product
from linkops.console.texts import _
from linkops.console.view import view
from linkops.ota.distributions.model import OutcomeFilter, OutcomeOrder
from linkops.ota.jobs.service import JobFilter
from linkops.ota.model import DEFAULT_MODULE, Job

PATH = "/console/statistics"
MAX_ID_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for.

    Attributes:
        job: one rollout; it decides product and module.
        version: whose devices are listed; "" for none.
        order: of source versions.
    """

    product: str
    module: str = DEFAULT_MODULE
    job: int | None = None
    version: str = ""
    order: OutcomeOrder = OutcomeOrder.TOTAL

    def address(self, path: str = PATH, **other: Any) -> str:
        """Return the address of these figures, or of ``other`` ones."""
        asked = replace(self, **other)
        said = {"product": asked.product, "module": asked.module, "job": asked.job, "version": asked.version}
        if asked.module == DEFAULT_MODULE:
            del said["module"]
        if asked.order is not OutcomeOrder.TOTAL:
            said["order"] = asked.order.value
        return f"{path}?{urlencode({name: value for name, value in said.items() if value})}"

    @property
    def outcomes(self) -> OutcomeFilter:
        """The tasks that count."""
        return OutcomeFilter(product_key=self.product, module=self.module, job_id=self.job)


def id_of(text: str) -> int | None:
    """Return an id that an address carries; None for none, and for what cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_ID_DIGITS else None


def order_of(text: str) -> OutcomeOrder:
    """Return an order that an address carries."""
    return OutcomeOrder(text) if text in set(OutcomeOrder) else OutcomeOrder.TOTAL


async def understood(product: str, module: str, job: str, version: str, order: str) -> Asked | None:
    """Return what is asked for, completed: the first product unless one is named; None if there is no product.

    Raises:
        NotFound: the rollout.
    """
    seen, job_id = view(), id_of(job)
    if job_id is not None:
        found = await seen.services.ota.jobs.get(seen.actor, job_id)
        return Asked(found.product_key, found.module, job_id, version, order_of(order))
    if not product:
        first = await seen.services.products.page(seen.actor, limit=1)
        if not first.items:
            return None
        product = first.items[0].product_key
    return Asked(product, module or DEFAULT_MODULE, None, version, order_of(order))


async def choices(asked: Asked) -> None:
    """Draw what can be chosen; a choice opens its own address, so that links and Back work."""
    modules, find = await _modules(asked), _finding(asked)
    with named(ui.row(), _("Filters")).classes("filters").props("role=search"):
        product = (await searched_product(_("Product"), asked.product)).classes("filter-wide")
        _leads(product, lambda key: Asked(key).address())
        choice = ui.select(modules, label=_("Module"), value=asked.module, with_input=True)
        _leads(choice, lambda name: Asked(asked.product, name).address())
        always = {0: _("All batches")} | await _named(asked)
        choice = drawn(_("Batch"), await find(""), find, asked.job or 0, always=always)
        _leads(choice, lambda job: asked.address(job=job or None, version=""))


def _leads(choice: ui.select, address: Callable[[Any], str]) -> None:
    here = choice.value

    async def chosen() -> None:
        if choice.value is not None and choice.value != here:
            go(address(choice.value))

    choice.props("outlined dense options-dense").classes("filter").on_value_change(action(chosen))


async def _modules(asked: Asked) -> dict[str, str]:
    seen = view()
    found = await seen.services.ota.modules.list(seen.actor, asked.product)
    names = {one.name: f"{one.name} ({one.alias})" if one.alias else one.name for one in found}
    return {asked.module: asked.module} | names


async def _named(asked: Asked) -> dict[int, str]:
    if asked.job is None:
        return {}
    seen = view()
    return {asked.job: title_of(await seen.services.ota.jobs.get(seen.actor, asked.job))}


def _finding(asked: Asked) -> Find:
    """Return what finds rollouts of the module by a part of the package's name, the newest first."""
    seen = view()

    async def find(text: str) -> dict[int, str]:
        wanted = JobFilter(product_key=asked.product, module=asked.module, package_name=text.strip())
        found = await seen.services.ota.jobs.page(await seen.act(), wanted, limit=SHOWN)
        return {job.id: title_of(job) for job in found.items}

    return find


def title_of(job: Job) -> str:
    """Return what a rollout is called."""
    return f"#{job.id} {job.package_name} {job.version}"
