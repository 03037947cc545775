"""The dialogs that create and change a group."""

from collections.abc import Mapping

from nicegui import ui

from linkops.console.pages.groups.query_editor import QueryEditor
from linkops.console.pages.groups.words import KINDS
from linkops.console.parts.dialog_forms import asking
from linkops.console.parts.forms import Form
from linkops.console.parts.links import go
from linkops.console.parts.places import group_place
from linkops.console.parts.product_choice import named_products, product_choice
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.groups.model import Group, GroupKind, NewGroup
from linkops.events.actor import Role


async def ask_for_group(*, product_key: str | None = None, parent: Group | None = None) -> None:
    """Ask what the group shall be, create it, and go there; with ``parent`` it is a static one below that."""
    products = await named_products(product_key or "", role=Role.OPERATOR)
    title = _("New group") if parent is None else _("New group below {name}", name=parent.name)
    with asking(title, wide=True) as dialog:
        draft = _Draft(dialog.form, products, product_key, parent)
        draft.draw()
        dialog.buttons(_("Create"), draft.create)


class _Draft:
    """A group that is to be, with the inputs that say what."""

    def __init__(self, form: Form, products: Mapping[str, str], product_key: str | None, parent: Group | None) -> None:
        self._form, self._products, self._parent = form, dict(products), parent
        every = view().actor.may(Role.OPERATOR)
        self._every = _("All products") if every else ""
        chosen = product_key if product_key in products else ""
        self._first = chosen or ("" if every else next(iter(products), ""))
        self._editor: QueryEditor | None = None

    def draw(self) -> None:
        """Draw the inputs."""
        form = self._form
        self._name = form.field("name", ui.input(_("Name")).props("autofocus maxlength=64"))
        self._description = form.field("description", ui.input(_("Description (optional)")).props("maxlength=100"))
        if self._parent is None:
            choice = product_choice(self._products, _("Product"), self._every, self._first, Role.OPERATOR)
            self._product = form.field("product_key", choice)
            choice.on_value_change(self._product_chosen)
            kinds = {each: _(word) for each, word in KINDS.items()}
            self._kind = form.field("kind", ui.select(kinds, value=GroupKind.STATIC, label=_("Kind")))
            self._kind.on_value_change(self._kind_chosen)
            self._explained = ui.label(self._explanation()).classes("hint")
            self._place = ui.element("div").classes("stack")

    def _product_chosen(self) -> None:
        if self._editor is not None:
            self._editor.of_product(self._product_key())

    def _kind_chosen(self) -> None:
        self._explained.text = self._explanation()
        self._place.clear()
        self._editor = None
        if self._kind.value == GroupKind.DYNAMIC:
            with self._place:
                self._editor = QueryEditor(self._form, (), self._product_key(), self._products)

    def _explanation(self) -> str:
        if self._kind.value == GroupKind.DYNAMIC:
            return _("It has the devices that fulfil all of these conditions, from the moment that they do.")
        return _("It has the devices that you put in, and those of the groups below it.")

    def _product_key(self) -> str | None:
        return None if self._parent is not None else str(self._product.value or "") or None

    async def create(self) -> None:
        """Create it."""
        seen = view()
        new = NewGroup(
            name=str(self._name.value or "").strip(),
            description=str(self._description.value or "").strip(),
            product_key=self._product_key(),
            parent_id=None if self._parent is None else self._parent.id,
            query=None if self._editor is None else self._editor.query,
        )
        group = await seen.services.groups.create(await seen.act(), new)
        go(group_place(group.id))


async def ask_to_edit(group: Group) -> None:
    """Ask what shall be another about a group."""
    asked = {key for condition in group.query for key in condition.product_keys or ()}
    products = await named_products(*asked) if group.kind is GroupKind.DYNAMIC else {}
    with asking(_("Edit {name}", name=group.name), wide=True) as dialog:
        form = dialog.form
        name = form.field("name", ui.input(_("Name"), value=group.name).props("autofocus maxlength=64"))
        given = ui.input(_("Description (optional)"), value=group.description).props("maxlength=100")
        description = form.field("description", given)
        dynamic = group.kind is GroupKind.DYNAMIC
        editor = QueryEditor(form, group.query, group.product_key, products) if dynamic else None

        async def save() -> None:
            seen = view()
            await seen.services.groups.edit(
                await seen.act(),
                group.id,
                name=str(name.value or "").strip(),
                description=str(description.value or "").strip(),
                query=None if editor is None else editor.query,
            )
            go(group_place(group.id))

        dialog.buttons(_("Save"), save)
