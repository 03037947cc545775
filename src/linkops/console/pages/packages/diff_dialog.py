"""Asking for a differential package."""

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.packages.words import COMPRESSIONS
from linkops.console.parts.asking import asking
from linkops.console.parts.choices import product_choice
from linkops.console.parts.forms import Form
from linkops.console.parts.links import go
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.paging import MAX_PAGE
from linkops.errors import Conflict, Invalid, TooLarge
from linkops.events.actor import Role
from linkops.ota.diffs.model import Compression, NewDiff
from linkops.ota.model import Package, PackageKind
from linkops.ota.packages.service import PackageFilter

_MAX_NAME_CHARS = 40
_FIELDS = {"package.name_taken": "name", "diff.waiting_already": "name", "diff.image_too_large": "compression"}


async def ask_for_diff(to: Package | None = None) -> None:
    """Ask for the two packages; ``to`` is the new one, if that is known."""
    await _Dialog().draw(to)


class _Dialog:
    def __init__(self) -> None:
        self._form = Form()

    async def draw(self, to: Package | None) -> None:
        form = self._form
        with asking(_("Make a differential package")) as self._dialog:
            ui.label(_("Devices on the old version download only what is different. The result is proven before use."))
            self._product = await product_choice(_("Product"), to.product_key if to else None, Role.OPERATOR)
            self._product.on_value_change(action(self._offer))
            self._from = form.field("from_package_id", ui.select({}, label=_("Old package, that devices run")))
            self._to = form.field("to_package_id", ui.select({}, label=_("New package")))
            self._compression = form.field(
                "compression",
                ui.select(
                    {key.value: _(word) for key, word in COMPRESSIONS.items()},
                    value=Compression.HEATSHRINK.value,
                    label=_("Compression"),
                ),
            )
            name = ui.input(_("Name of the package; empty: made of name and version"))
            self._name = form.field("name", name).props(f"maxlength={_MAX_NAME_CHARS}")
            self._verify = ui.switch(_("Has to be verified on test devices before it goes to many"))
            with ui.row().classes("dialog-actions"):
                ui.button(_("Cancel"), on_click=self._dialog.close).props("flat")
                form.button(_("Make it"), self._make)
            await self._offer()
            if to is not None and to.id in self._to.options:
                self._to.value = to.id

    async def _offer(self) -> None:
        """Offer the whole packages with one file of the product."""
        options: dict[int, str] = {}
        if self._product.value:
            seen = view()
            wanted = PackageFilter(product_key=str(self._product.value), kind=PackageKind.FULL)
            found = await seen.services.ota.packages.page(await seen.act(), wanted, limit=MAX_PAGE)
            options = {one.id: f"{one.module} {one.version} · {one.name}" for one in found.items if len(one.files) == 1}
        self._from.set_options(options, value=None)
        self._to.set_options(dict(options), value=None)

    async def _make(self) -> None:
        seen = view()
        for field in (self._from, self._to):
            if field.value is None:
                field.error = _("Choose a package.")
        if self._from.value is None or self._to.value is None:
            return
        new = NewDiff(
            from_package_id=self._from.value,
            to_package_id=self._to.value,
            name=str(self._name.value or "").strip(),
            compression=Compression(self._compression.value),
            needs_verification=bool(self._verify.value),
        )
        try:
            await seen.services.ota.diffs.create(await seen.act(), new)
        except (Conflict, TooLarge) as refused:
            field_name = _FIELDS.get(refused.code, "to_package_id")
            raise Invalid(refused.code, field=field_name, **refused.params) from refused
        self._dialog.close()
        go("/console/packages/diffs")
