"""The list of packages."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.packages.words import KINDS, STATUSES, named_any, package_path, versions_of
from linkops.console.parts.address import remember
from linkops.console.parts.links import Link, go
from linkops.console.parts.product_choice import searched_product
from linkops.console.parts.product_names import ProductNames
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.errors import NotFound
from linkops.events.actor import Role
from linkops.ota.model import Package, PackageKind, PackageStatus
from linkops.ota.packages.service import PackageFilter

_COLUMNS = (
    Column("name", n_("Package"), Kind.LINK),
    Column("version", n_("Version"), Kind.CODE),
    Column("status", n_("Verification state"), Kind.STATUS),
    Column("product", n_("Product"), Kind.LINK, rank=2),
    Column("module", n_("Module"), rank=3),
    Column("kind", n_("Kind"), rank=3),
    Column("size", n_("Size"), Kind.SIZE, rank=2),
    Column("created_by", n_("Created by"), rank=3),
    Column("created_at", n_("Created at"), Kind.TIME, rank=2),
)
_FIELDS = ("product", "module", "status", "kind", "version", "name")
E = TypeVar("E", bound=StrEnum)


@page("/packages", n_("Packages"))
async def packages(
    product: str = "", module: str = "", status: str = "", kind: str = "", version: str = "", name: str = ""
) -> None:
    """Show packages, the newest first, with filters that the address carries."""
    asked = dict(zip(_FIELDS, (product, module, status, kind, version, name), strict=True))
    await Listing({field: text[:64] for field, text in asked.items()}).draw()


class Listing:
    """The page."""

    def __init__(self, asked: dict[str, str]) -> None:
        self._asked = asked
        self._product_names = ProductNames()

    async def draw(self) -> None:
        """Draw the filters and the table."""
        self._draw_head()
        with ui.row().classes("filters filters-even"):
            await self._draw_filters()
        empty = _("No package matches.")
        if not any(self._asked.values()):
            empty = _("There is no package yet. A new package takes one or more files and the version that they bring.")
        self._table = PagedTable(_COLUMNS, self._load, empty=empty)
        await self._table.show()

    def _draw_head(self) -> None:
        with frame.heading(_("Packages")):
            Link(_("Differential packages in the making"), "/console/packages/diffs")
            if max(view().actor.roles.values(), default=0) >= Role.OPERATOR:
                new = ui.button(_("New package"), icon="add", on_click=lambda: go(self._new_path()))
                new.props("unelevated")

    def _new_path(self) -> str:
        product = self._asked["product"]
        return "/console/packages/new" + (f"?product={product}" if product.isalnum() else "")

    async def _draw_filters(self) -> None:
        self._input("name", _("Name begins with"))
        try:
            product = await searched_product(_("Product"), self._asked["product"] or None)
        except NotFound:  # of a link that somebody sent
            self._asked["product"] = ""
            product = await searched_product(_("Product"))
        product.props("clearable").classes("filter").on_value_change(action(self._chose_product))
        self._product = product
        self._input("module", _("Module"))
        self._input("version", _("Version"))
        self._select("status", _("Verification state"), named_any(STATUSES, _("Any")))
        self._select("kind", _("Kind"), named_any(KINDS, _("Any")))

    def _input(self, field: str, label: str) -> None:
        box = ui.input(label, value=self._asked[field]).props("outlined dense clearable debounce=300 maxlength=64")
        box.classes("filter").on_value_change(action(lambda change: self._again(field, change.value)))

    def _select(self, field: str, label: str, options: dict[str, str]) -> None:
        value = self._asked[field] if self._asked[field] in options else ""
        self._asked[field] = value
        box = ui.select(options, value=value, label=label).props("outlined dense").classes("filter")
        box.on_value_change(action(lambda change: self._again(field, change.value)))

    async def _chose_product(self) -> None:
        await self._again("product", self._product.value)

    async def _again(self, field: str, value: str | None) -> None:
        if self._asked[field] != (value or ""):
            self._asked[field] = value or ""
            remember(**self._asked)
            await self._table.show(first=True)

    async def _load(self, cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.ota.packages.page(await seen.act(), self._filter(), cursor=cursor, limit=50)
        await self._product_names.learn(package.product_key for package in found.items)
        rows = [self._row(package) for package in found.items]
        return Rows(rows, found.next, total_of(found.total, more=found.total_is_more))

    def _filter(self) -> PackageFilter:
        asked = self._asked
        return PackageFilter(
            product_key=asked["product"] or None,
            module=asked["module"] or None,
            version=asked["version"] or None,
            name_prefix=asked["name"] or None,
            kind=_member(PackageKind, asked["kind"]),
            status=_member(PackageStatus, asked["status"]),
        )

    def _row(self, package: Package) -> Mapping[str, Any]:
        return {
            "key": str(package.id),
            "name": package.name,
            "name_href": package_path(package.id),
            "version": versions_of(package),
            "status": package.status.value,
            **self._product_names.cells(package.product_key),
            "module": package.module,
            "kind": _(KINDS[package.kind]),
            "size": package.size_bytes,
            "created_by": package.created_by,
            "created_at": package.created_at,
        }


def _member(kind: type[E], text: str) -> E | None:
    return kind(text) if text else None
