"""Making and changing a webhook."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from linkops.console.parts.forms import Form
from linkops.console.parts.links import go
from linkops.console.parts.once import shown_once
from linkops.console.parts.product_choice import named_products, product_choice
from linkops.console.parts.sheet import sheet
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.events.actor import Role
from linkops.events.kinds import KINDS, USUAL
from linkops.subscriptions.model import NewWebhook, Webhook, WebhookChange
from linkops.subscriptions.urls import MAX_DESCRIPTION_CHARS, MAX_URL_CHARS

KIND_WORDS = {
    "device.online": n_("A device came online"),
    "device.offline": n_("A device went offline"),
    "device.registered": n_("A device was registered"),
    "device.enabled": n_("A device was enabled"),
    "device.disabled": n_("A device was disabled"),
    "device.deleted": n_("A device was deleted"),
    "device.file_uploaded": n_("A device uploaded a file"),
    "gateway.topology_changed": n_("A gateway's sub-devices changed"),
    "gateway.devices_found": n_("A gateway found devices"),
    "ota.task_ended": n_("An update of a device ended"),
    "ota.version_changed": n_("A device runs another version"),
    "ota.progress": n_("An update goes on (frequent)"),
    "ota.job_changed": n_("A rollout changed"),
    "config.saved": n_("A configuration was saved"),
    "config.switched": n_("Remote configuration was switched on or off"),
}


class _Fields:
    """The inputs of a webhook."""

    def __init__(self, form: Form, given: Webhook | None) -> None:
        url = ui.input(_("URL"), value=given.url if given else "").props(f"maxlength={MAX_URL_CHARS} autofocus")
        self.url = form.field("url", url.props('placeholder="https://" autocomplete=off'))
        text = ui.input(_("Description"), value=given.description if given else "")
        self.description = form.field("description", text.props(f"maxlength={MAX_DESCRIPTION_CHARS} autocomplete=off"))
        ticked = given.kinds if given else USUAL
        options = {kind: f"{_(KIND_WORDS[kind])} ({kind})" if kind in KIND_WORDS else kind for kind in KINDS}
        kinds = ui.select(options, value=list(ticked), multiple=True, label=_("Kinds of events"))
        self.kinds = form.field("kinds", kinds.props("options-dense").classes("kinds"))
        self.batch = ui.checkbox(_("Many events in one request"), value=given.batch if given else True)


async def new_webhook() -> None:
    """Ask for a webhook, make it, show its secret, and go to its page."""
    form, products = Form(), await named_products()
    everything = view().actor.may(Role.ADMIN)
    with sheet(_("New webhook"), wide=True) as dialog:
        fields = _Fields(form, None)
        every = _("All products") if everything else ""
        first = "" if everything else next(iter(products), "")
        product = form.field("product_key", product_choice(products, _("Product"), every, first))

        async def create() -> None:
            seen = view()
            new = NewWebhook(
                url=(fields.url.value or "").strip(),
                kinds=list(fields.kinds.value),
                product_key=product.value or None,
                description=fields.description.value or "",
                batch=bool(fields.batch.value),
            )
            made = await seen.services.subscriptions.webhooks.create(await seen.act(), new)
            dialog.close()
            show_secret(made.secret, then=lambda: go(f"/console/webhooks/{made.id}"))

        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat")
            form.button(_("Create"), create)


def edit_webhook(webhook: Webhook, done: Callable[[], Awaitable[None]]) -> None:
    """Ask what is to be another, and change it."""
    form = Form()
    with sheet(_("Edit the webhook"), wide=True) as dialog:
        fields = _Fields(form, webhook)

        async def save() -> None:
            seen = view()
            change = WebhookChange(
                url=(fields.url.value or "").strip(),
                kinds=list(fields.kinds.value),
                description=fields.description.value or "",
                batch=bool(fields.batch.value),
            )
            await seen.services.subscriptions.webhooks.edit(await seen.act(), webhook.id, change)
            dialog.close()
            await done()

        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat")
            form.button(_("Save"), save)


def show_secret(secret: str, then: Callable[[], None] = lambda: None) -> None:
    """Show the secret of a webhook, this once."""
    text = _("Requests are signed with it, so that the application knows that they come from here.")
    shown_once(_("Secret of the webhook"), text, secret, then)
