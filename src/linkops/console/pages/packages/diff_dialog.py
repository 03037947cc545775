"""Asking for a differential package."""

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.packages.words import COMPRESSIONS
from linkops.console.parts.asking import asking
from linkops.console.parts.choices import drawn
from linkops.console.parts.forms import Form
from linkops.console.parts.links import go
from linkops.console.parts.package_choice import finding_packages, title_of
from linkops.console.parts.product_choice import searched_product
from linkops.console.texts import _
from linkops.console.view import view
from linkops.errors import Conflict, Invalid, TooLarge
from linkops.events.actor import Role
from linkops.ota.diffs.model import Compression, NewDiff
from linkops.ota.model import Package, PackageKind
from linkops.ota.packages.service import PackageFilter

_MAX_NAME_CHARS = 40
_FIELDS = {"package.name_taken": "name", "diff.waiting_already": "name", "diff.image_too_large": "compression"}


async def ask_for_diff(to: Package | None = None) -> None:
    """Ask for the two packages; ``to`` is the new one, whole and with one file, if that is known."""
    await _Dialog().draw(to)


class _Dialog:
    def __init__(self) -> None:
        self._form = Form()

    async def draw(self, to: Package | None) -> None:
        form = self._form
        with asking(_("Make a differential package")) as self._dialog:
            ui.label(_("Devices on the old version download only what is different. The result is proven before use."))
            self._product = await searched_product(_("Product"), to.product_key if to else None, Role.OPERATOR)
            self._product.on_value_change(action(self._offer))
            self._find = finding_packages(self._whole)
            old = drawn(_("Old package, that devices run"), {}, self._find)
            self._from = form.field("from_package_id", old)
            self._to = form.field("to_package_id", drawn(_("New package"), {}, self._find))
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
            if to is not None:
                self._to.set_options({**self._to.options, to.id: title_of(to)}, value=to.id)

    async def _offer(self) -> None:
        """Offer the newest ones of the product."""
        options = await self._find("")
        self._from.set_options(dict(options), value=None)
        self._to.set_options(dict(options), value=None)

    def _whole(self) -> PackageFilter | None:
        """What differential packages are made of."""
        key = self._product.value
        return PackageFilter(product_key=key, kind=PackageKind.FULL, one_file=True) if key else None

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
