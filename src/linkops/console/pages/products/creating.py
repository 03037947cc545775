"""The dialog that creates a product."""

from nicegui import ui

from linkops.console.pages.products.words import AUTH_TYPES, NODE_TYPES
from linkops.console.parts.dialog_forms import asking
from linkops.console.parts.links import go
from linkops.console.parts.places import product_place
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import AuthType, NodeType


def ask_for_product() -> None:
    """Ask what the product shall be, create it, and go there."""
    with asking(_("New product")) as dialog:
        form = dialog.form
        name = form.field("name", ui.input(_("Name")).props("autofocus"))
        name.props["hint"] = _("4 to 30 letters, digits and - _ @ ( ) . : (a Chinese character counts twice)")
        node_type = ui.select({each: _(word) for each, word in NODE_TYPES.items()}, value=NodeType.DEVICE)
        form.field("node_type", node_type).props["label"] = _("Node type")
        auth_type = ui.select({each: _(word) for each, word in AUTH_TYPES.items()}, value=AuthType.SECRET)
        form.field("auth_type", auth_type).props["label"] = _("Authentication")
        auth_type.props["hint"] = _("How devices prove who they are. This and the node type cannot be changed later.")
        description = form.field("description", ui.input(_("Description (optional)")).props("maxlength=100"))
        key = form.field("product_key", ui.input(_("Product key (optional)")).props("maxlength=32"))
        key.props["hint"] = _("Only if devices in the field have one already; otherwise it is made here.")

        async def create() -> None:
            seen = view()
            product = await seen.services.products.create(
                await seen.act(),
                str(name.value or "").strip(),
                node_type=NodeType(node_type.value),
                auth_type=AuthType(auth_type.value),
                description=str(description.value or "").strip(),
                product_key=str(key.value or "").strip() or None,
            )
            go(product_place(product.product_key))

        dialog.buttons(_("Create"), create)
