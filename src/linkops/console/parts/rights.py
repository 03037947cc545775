"""What somebody may do: a role for all products, or for single ones."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from linkops.accounts.model import Grant
from linkops.console.parts.names import named
from linkops.console.parts.product_choice import ALL, product_choice
from linkops.console.texts import _, n_
from linkops.events.actor import Role

ROLES = {Role.VIEWER: n_("Viewer"), Role.OPERATOR: n_("Operator"), Role.ADMIN: n_("Administrator")}
MEANINGS = {
    Role.VIEWER: n_("looks at everything"),
    Role.OPERATOR: n_("also rolls out, configures and steers devices"),
    Role.ADMIN: n_("also changes products, secrets and rights"),
}
_MOST_SHOWN = 4


def rights_as_tags(grants: Sequence[Grant]) -> dict[str, str]:
    """Return rights as `linkops.console.parts.tables.Kind.TAGS` shows them; of many only the first."""
    tags = {_scope(grant): _(ROLES[grant.role]) for grant in grants[:_MOST_SHOWN]}
    if len(grants) > _MOST_SHOWN:
        tags[_("{count} more", count=len(grants) - _MOST_SHOWN)] = ""
    return tags or {_("None"): ""}


def _scope(grant: Grant) -> str:
    return grant.product_key or _("All products")


class Rights:
    """Rows of rights: add one, choose product and role, take it away."""

    def __init__(self, grants: Sequence[Grant], products: Mapping[str, str]) -> None:
        self._products = products
        self._rows: dict[ui.element, tuple[ui.select, ui.select]] = {}
        self._place = ui.element("div").classes("rights")
        for grant in grants:
            self._add(grant)
        ui.button(_("Add a right"), icon="add", on_click=lambda: self._add(Grant(Role.VIEWER))).props("flat dense")
        with ui.element("ul").classes("hints"):
            for role, meaning in MEANINGS.items():
                with ui.element("li"):
                    ui.label(_("{role}: {meaning}", role=_(ROLES[role]), meaning=_(meaning)))

    @property
    def grants(self) -> tuple[Grant, ...]:
        """What is chosen."""
        chosen = ((scope.value, role.value) for scope, role in self._rows.values())
        return tuple(Grant(Role(role), str(scope) if scope else None) for scope, role in chosen)

    def _add(self, grant: Grant) -> None:
        with self._place, ui.element("div").classes("rights-row") as row:
            scope = product_choice(self._products, _("Product"), _("All products"), grant.product_key or ALL)
            role = ui.select({int(r): _(word) for r, word in ROLES.items()}, value=int(grant.role), label=_("Role"))
            role.props("outlined dense")
            remove = named(ui.button(icon="close", on_click=lambda: self._remove(row)), _("Take this right away"))
            remove.props("flat dense round")
        self._rows[row] = (scope, role)

    def _remove(self, row: ui.element) -> None:
        del self._rows[row]
        row.delete()
