"""The list of accounts, and making one."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from nicegui import ui

from linkops.accounts.model import MAX_PASSWORD_CHARS, Account, Grant
from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.parts.forms import Form
from linkops.console.parts.once import shown_once
from linkops.console.parts.product_choice import named_products
from linkops.console.parts.rights import Rights, rights_as_tags
from linkops.console.parts.sheet import sheet
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows
from linkops.console.state import console
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.events.actor import Role

_PAGE = 50
_COLUMNS = (
    Column("name", n_("Name"), Kind.LINK),
    Column("state", n_("State"), Kind.STATUS),
    Column("rights", n_("Rights"), Kind.TAGS, rank=2),
    Column("updated_at", n_("Last changed"), Kind.TIME, rank=3),
    Column("created_at", n_("Created"), Kind.TIME, rank=3),
)


@page("/users", n_("Users"), role=Role.ADMIN)
async def users() -> None:
    """Show who may log in."""
    view().actor.require(Role.ADMIN)
    with frame.heading(_("Users")):
        ui.button(
            _("New user"), icon="person_add", on_click=action(lambda: _new_user(lambda: table.show(first=True)))
        ).props("unelevated")

    async def load(cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.accounts.page(await seen.act(), cursor or "", _PAGE + 1)
        more = found[_PAGE - 1].name if len(found) > _PAGE else None
        return Rows([_row(account) for account in found[:_PAGE]], more)

    with ui.element("div").classes("wrapped"):
        table = PagedTable(_COLUMNS, load, empty=_("There is nobody."))
    await table.show()


def _row(account: Account) -> dict[str, Any]:
    return {
        "key": account.name,
        "name": account.name,
        "name_href": user_path(account.name),
        "state": state_of(account),
        "rights": rights_as_tags(account.grants),
        "updated_at": account.updated_at,
        "created_at": account.created_at,
    }


def user_path(name: str) -> str:
    """Return the address of an account's page."""
    return f"/console/users/{quote(name, safe='')}"


def state_of(account: Account) -> str:
    """Return the state of an account (see `linkops.console.parts.status`)."""
    if not account.enabled:
        return "disabled"
    if (account.locked_until_at or 0) > console().clock.now():
        return "locked"
    return "must_change" if account.must_change else "enabled"


async def _new_user(done: Callable[[], Awaitable[None]]) -> None:
    form, products = Form(), await named_products()
    with sheet(_("New user"), wide=True) as dialog:
        name = form.field("name", ui.input(_("Name")).props("maxlength=64 autofocus autocomplete=off"))
        typed = ui.checkbox(_("Choose the password myself"))
        password = ui.input(_("Password"), password=True, password_toggle_button=True)
        form.field("password", password).props(f"maxlength={MAX_PASSWORD_CHARS} autocomplete=new-password")
        password.bind_visibility_from(typed, "value")
        hint = ui.label(_("A password is generated; it is shown to you once and has to be changed at the first login."))
        hint.classes("muted").bind_visibility_from(typed, "value", value=False)
        rights = Rights((Grant(Role.VIEWER),), products)

        async def create() -> None:
            seen, chosen = view(), password.value or "" if typed.value else None
            actor = await seen.act()
            generated = await seen.services.accounts.create(actor, name.value or "", chosen, rights.grants)
            dialog.close()
            await done()
            if generated is None:
                ui.notify(_("{name} may log in", name=name.value), type="positive")
            else:
                show_password(str(name.value), generated)

        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat")
            form.button(_("Create"), create)


def show_password(name: str, password: str) -> None:
    """Show a generated password, this once."""
    text = _("{name} logs in with it and has to choose another one at once.", name=name)
    shown_once(_("Password of {name}", name=name), text, password)
