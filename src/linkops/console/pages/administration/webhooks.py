"""The list of webhooks: where applications hear of events, and how that goes."""

from typing import Any

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.administration.webhook_form import new_webhook
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.events.actor import Role
from linkops.subscriptions.model import DisabledReason, Webhook

_PAGE = 50
_COLUMNS = (
    Column("title", n_("Webhook"), Kind.LINK),
    Column("state", n_("State"), Kind.STATUS),
    Column("product", n_("Product"), rank=2),
    Column("kinds", n_("Kinds of events"), Kind.TAGS, rank=3),
    Column("delivered_at", n_("Last delivered"), Kind.TIME, rank=2),
    Column("behind", n_("Waiting"), Kind.NUMBER, rank=3),
    Column("dead_letters", n_("Dead letters"), Kind.NUMBER, rank=2),
)
_KINDS_SHOWN = 3
_TITLE_CHARS = 60


@page("/webhooks", n_("Webhooks"), role=Role.ADMIN)
async def webhooks() -> None:
    """Show the webhooks of the products that the viewer administers."""
    with frame.heading(_("Webhooks")):
        ui.button(_("New webhook"), icon="add", on_click=action(new_webhook)).props("unelevated")

    async def load(cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.subscriptions.webhooks.page(
            await seen.act(), after=int(cursor or 0), limit=_PAGE + 1
        )
        more = str(found[_PAGE - 1].id) if len(found) > _PAGE else None
        return Rows([_row(webhook) for webhook in found[:_PAGE]], more)

    empty = _("No webhook yet. One posts events to an application as they happen, signed, and repeats what fails.")
    with ui.element("div").classes("wrapped"):
        table = PagedTable(_COLUMNS, load, empty=empty)
    await table.show()


def _row(webhook: Webhook) -> dict[str, Any]:
    kinds = dict.fromkeys(webhook.kinds[:_KINDS_SHOWN], "")
    if len(webhook.kinds) > _KINDS_SHOWN:
        kinds[_("{count} more", count=len(webhook.kinds) - _KINDS_SHOWN)] = ""
    return {
        "key": str(webhook.id),
        "title": title_of(webhook),
        "title_href": f"/console/webhooks/{webhook.id}",
        "state": state_of(webhook),
        "product": webhook.product_key or _("All products"),
        "kinds": kinds,
        "delivered_at": webhook.delivered_at,
        "behind": webhook.behind,
        "dead_letters": webhook.dead_letters,
    }


def title_of(webhook: Webhook) -> str:
    """Return what a webhook is called: its description, or the beginning of its address."""
    long = len(webhook.url) > _TITLE_CHARS
    return webhook.description or (f"{webhook.url[:_TITLE_CHARS]}…" if long else webhook.url)


def state_of(webhook: Webhook) -> str:
    """Return the state of a webhook (see `linkops.console.parts.status`)."""
    if webhook.enabled:
        return "retrying" if webhook.failures else "enabled"
    return "disabled" if webhook.disabled_reason is DisabledReason.OPERATOR else webhook.disabled_reason.value
