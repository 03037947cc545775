"""Removing a narrower document or the schema: what holds then, before anything is pressed."""

from collections.abc import Awaitable, Callable

from linkops.console.parts.dialogs import confirm
from linkops.console.texts import _
from linkops.console.view import view
from linkops.remote_config.documents.model import Scope, Target
from linkops.remote_config.pushes.creating import NewPush


async def ask_to_remove(target: Target, remove: Callable[[], Awaitable[None]]) -> None:
    """Ask, and call ``remove`` when the answer is yes."""
    kept = _("Its versions are kept, and can be copied back into the editor.")
    title = _("Remove the schema?") if target.scope is Scope.SCHEMA else _("Remove the document?")
    confirm(title, f"{await _consequence(target)} {kept}", remove, button=_("Remove"))


async def _consequence(target: Target) -> str:
    if target.scope is Scope.SCHEMA:
        return _(
            "Documents of the product, of its groups and its devices are checked against none any more: whatever is a "
            "JSON object can be saved. What devices have stays."
        )
    if target.scope is Scope.DEVICE:
        return _(
            "The device is given what the product's document and those of its groups give, when it asks for it or is "
            "pushed to."
        )
    seen = view()
    asked = NewPush(product_key=target.product_key, group_id=target.group_id)
    found = await seen.services.config_delivery.pushes.preview(await seen.act(), asked)
    return _(
        "{devices} devices of the group are given what the other documents give, the product's first, when they ask "
        "for it or are pushed to.",
        devices=f"{found.devices:,}" + ("+" if found.devices_is_more else ""),
    )
