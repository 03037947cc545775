"""Making many devices with generated names; who they are is in a file that is handed out once."""

from nicegui import ui

from linkops.console.parts.forms import Form
from linkops.console.parts.panels import panel
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import NewDevice, Product
from linkops.devices.service import DEVICES_PER_UNIT, MAX_COUNT
from linkops.errors import Invalid

_HEADING = "product_key,device_name,device_secret\n"


def build_many(product: Product) -> None:
    """Draw the form."""
    _Batch(product)


class _Batch:
    """How many, how far, and what came of it."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._form = Form()
        with panel(), ui.element("div").classes("form"):
            ui.label(
                _("Names and secrets are generated. They are in a file that you can download when it is done.")
            ).classes("muted")
            number = ui.number(_("How many devices"), value=100, min=1, max=MAX_COUNT, precision=0)
            self._count = self._form.field("count", number)
            with ui.row():
                self._form.button(_("Create"), self._create)
            self._bar = ui.linear_progress(0, show_value=False, size="8px").props("rounded instant-feedback")
            self._bar.props["aria-label"] = _("Progress")
            self._far = ui.label().classes("muted number").props("aria-live=polite")
            self._bar.set_visibility(False)
        self._results = ui.element("div").classes("stack").props("aria-live=polite")

    async def _create(self) -> None:
        count = int(self._count.value or 0)
        if not 1 <= count <= MAX_COUNT:
            raise Invalid("device.count_invalid", field="count", most=MAX_COUNT)
        made: list[NewDevice] = []
        self._bar.set_visibility(True)
        try:
            while len(made) < count:
                made += await self._some(min(DEVICES_PER_UNIT, count - len(made)))
                self._bar.value = len(made) / count
                self._far.text = _("{made} of {count}", made=f"{len(made):,}", count=f"{count:,}")
        finally:  # those that were made before something failed are there, so their secrets are handed out
            self._bar.set_visibility(False)
            self._far.text = ""
            if made:
                self._show(made)

    async def _some(self, count: int) -> list[NewDevice]:
        seen = view()
        return await seen.services.devices.create_many(await seen.act(), self._product.product_key, count)

    def _show(self, made: list[NewDevice]) -> None:
        name = f"devices-{self._product.product_key}-{len(made)}.csv"
        lines = [f"{device.key.product_key},{device.key.device_name},{device.secret}\n" for device in made]
        text = _HEADING + "".join(lines)
        with self._results, panel(_("{count} devices created", count=f"{len(made):,}")):
            ui.label(
                _("This list is kept as long as this page is open; later each secret has to be looked up by itself.")
            ).classes("warning")
            with ui.row():
                ui.button(
                    _("Download the list (CSV)"),
                    icon="download",
                    on_click=lambda: ui.download.content(text, name, "text/csv"),
                ).props("outline")
