"""Making devices of a product: one, many with generated names, or those of a file."""

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.devices.creating_many import build_many
from linkops.console.parts.copying import copyable
from linkops.console.parts.fact_rows import fact, fact_list
from linkops.console.parts.forms import Form
from linkops.console.parts.links import Link, go
from linkops.console.parts.list_import import ListImport
from linkops.console.parts.panels import empty, panel
from linkops.console.parts.places import device_place, with_filters
from linkops.console.parts.product_choice import searched_product
from linkops.console.parts.tabs import Tab, tabs
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import AuthType, NewDevice, Product
from linkops.events.actor import Role


@page("/devices/new", n_("Create devices"), role=Role.OPERATOR)
async def create_devices(product: str = "", tab: str = "") -> None:
    """Choose a product, then how devices are made."""
    frame.heading(_("Create devices"), above=((_("Devices"), "/devices"),))

    async def chosen() -> None:
        go(with_filters("/console/devices/new", product=choice.value or "", tab=tab))

    with ui.row().classes("filters"):
        choice = await searched_product(_("Product"), product or None, Role.OPERATOR)
        choice.classes("filter filter-wide").on_value_change(action(chosen))
    if not product:
        with empty("category", _("Devices belong to a product: choose it first.")):
            Link(_("To the products"), "/console/products")
        return
    seen = view()
    made_of = await seen.services.products.get(seen.actor, product)
    seen.actor.require(Role.OPERATOR, made_of.id)
    await tabs(_ways(made_of), tab)


def _ways(product: Product) -> dict[str, Tab]:
    async def one() -> None:
        _OneDevice(product)

    async def many() -> None:
        build_many(product)

    async def from_file() -> None:
        with panel():
            ui.label(
                _(
                    "A text file with one device a line: name, nickname, secret, separated by commas; all but the name "
                    "may be missing. A first line may name the columns: device_name, nickname, secret."
                )
            ).classes("muted")
            ListImport(product.product_key)

    return {
        "one": Tab(_("One device"), one),
        "many": Tab(_("Many at once"), many),
        "file": Tab(_("From a file"), from_file),
    }


class _OneDevice:
    """The form, and below it the devices that were made with it."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._form = Form()
        with panel(), ui.element("div").classes("form"):
            self._name = self._form.field("device_name", ui.input(_("Device name")).props("maxlength=32"))
            self._name.props["hint"] = _("4 to 32 letters, digits and - _ @ . : — empty: generated")
            self._nickname = self._form.field("nickname", ui.input(_("Nickname")).props("maxlength=64"))
            self._secret = None
            if product.auth_type is AuthType.SECRET:
                self._secret = self._form.field("secret", ui.input(_("Own secret")).props("maxlength=64"))
                self._secret.props["hint"] = _("Only for a device that already has one: 16 to 64 letters and digits")
            with ui.row():
                self._form.button(_("Create"), self._create)
        self._made = ui.element("div").classes("stack").props("aria-live=polite")

    async def _create(self) -> None:
        seen = view()
        device = await seen.services.devices.create(
            await seen.act(),
            self._product.product_key,
            (self._name.value or "").strip() or None,
            nickname=(self._nickname.value or "").strip(),
            secret=(self._secret.value or "").strip() or None if self._secret is not None else None,
        )
        for field in (self._name, self._nickname, self._secret):
            if field is not None:
                field.value = ""
        with self._made:
            self._show(device)

    def _show(self, device: NewDevice) -> None:
        with panel(_("Device created")) as head:
            with head:
                Link(_("Open the device"), device_place(device.key))
            with fact_list():
                with fact("ProductKey"):
                    copyable(device.key.product_key)
                with fact("DeviceName"):
                    copyable(device.key.device_name)
                if self._product.auth_type is AuthType.SECRET:
                    with fact("DeviceSecret"):
                        copyable(device.secret)
