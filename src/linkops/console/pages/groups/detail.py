"""The page of a group: what it is, and the devices that it has now."""

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.groups.creating import ask_for_group, ask_to_edit
from linkops.console.pages.groups.members import MemberList
from linkops.console.pages.groups.query_words import sentence_of
from linkops.console.pages.groups.words import KINDS
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.links import Link, go
from linkops.console.parts.panels import panel
from linkops.console.parts.places import group_document_place, group_place, list_place, product_place
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.groups.model import MAX_LEVEL, Group, GroupKind
from linkops.errors import NotFound
from linkops.events.actor import ALL_PRODUCTS, Role


@page("/groups/{group_id}", n_("Group"))
async def group(group_id: str) -> None:
    """Show a group."""
    seen = view()
    actor = await seen.act()
    found = await seen.services.groups.get(actor, _number(group_id))
    above = [(_("Groups"), "/groups")]
    parent_id = found.parent_id
    while parent_id is not None:
        parent = await seen.services.groups.get(actor, parent_id)
        above.insert(1, (parent.name, f"/groups/{parent.id}"))
        parent_id = parent.parent_id
    product = ""
    if found.product_key is not None:
        product = (await seen.services.products.get(actor, found.product_key)).name
    may = actor.may(Role.OPERATOR, found.product_id or ALL_PRODUCTS)
    with frame.heading(found.name, above=tuple(above)):
        if may:
            _draw_actions(found)
    with ui.element("div").classes("columns"):
        with panel(_("Group")), ui.element("dl").classes("facts"):
            _draw_facts(found, product)
        if found.kind is GroupKind.DYNAMIC:
            _draw_query(found)
    await MemberList(found, may=may and found.kind is GroupKind.STATIC).build()


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound("group.not_found", group_id=text[:32])
    return int(text)


def _draw_actions(found: Group) -> None:
    if found.kind is GroupKind.STATIC and found.level < MAX_LEVEL:
        below = action(lambda: ask_for_group(parent=found))
        ui.button(_("New group below it"), icon="add", on_click=below).props("outline")
    ui.button(_("Edit"), icon="edit", on_click=action(lambda: ask_to_edit(found))).props("outline")
    ui.button(_("Delete"), icon="delete", on_click=action(lambda: _ask_delete(found))).props("outline color=negative")


def _draw_facts(found: Group, product: str) -> None:
    with _fact(_("Kind")):
        ui.label(_(KINDS[found.kind]))
    with _fact(_("Product")):
        if found.product_key is None:
            ui.label(_("All products"))
        else:
            Link(product, product_place(found.product_key))
    with _fact(_("Description")):
        ui.label(found.description or "-")
    if found.sub_groups:
        with _fact(_("Groups directly below it")):
            Link(f"{found.sub_groups:,}", list_place("groups", product=found.product_key or ""))
    with _fact(_("Created by")):
        ui.label(f"{found.created_by} · {ago(found.created_at)}").props["title"] = exact(found.created_at)
    with _fact(_("Elsewhere")):
        Link(_("Its devices in the list of devices"), list_place("devices", group=found.id))
    if found.product_key is not None:
        with _fact(_("Remote configuration")):
            Link(_("Its own document"), group_document_place(found.product_key, found.id))


def _fact(label: str) -> ui.element:
    with ui.element("dt"):
        ui.label(label)
    return ui.element("dd")


def _draw_query(found: Group) -> None:
    with panel(_("Query")):
        ui.label(_("A device is in the group while all of this holds:")).classes("hint")
        with ui.element("ul").classes("conditions"):
            for condition in found.query:
                with ui.element("li"):
                    ui.label(sentence_of(condition))


async def _ask_delete(found: Group) -> None:
    seen = view()
    counted = await seen.services.members.count(await seen.act(), found.id)

    async def delete() -> None:
        await seen.services.groups.delete(await seen.act(), found.id)
        go(group_place(found.parent_id) if found.parent_id is not None else "/console/groups")

    number = f"{counted.total:,}{'+' if counted.total_is_more else ''}"
    text = _(
        "Its devices ({number}) stay, and so do rollouts that run over it. Its configuration document goes with it.",
        number=number,
    )
    title = _("Delete the group {name}?", name=found.name)
    confirm(title, text, delete, button=_("Delete"), typed=found.name if counted.total else "")
