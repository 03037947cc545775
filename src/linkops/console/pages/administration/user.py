"""An account: its state, its rights, and what an administrator may do with it."""

from nicegui import ui

from linkops.accounts.model import Account
from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.administration.users import show_password, state_of
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.links import Link, go
from linkops.console.parts.panels import Fact, facts, panel
from linkops.console.parts.product_choice import ALL, named_products
from linkops.console.parts.rights import Rights
from linkops.console.parts.status import chip
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.events.actor import Role


@page("/users/{name}", n_("User"), role=Role.ADMIN)
async def user(name: str) -> None:
    """Show an account."""
    seen = view()
    account = await seen.services.accounts.get(seen.actor, name)
    products = await named_products(*(grant.product_key or ALL for grant in account.grants))
    row = frame.heading(account.name, above=((_("Users"), "/users"),))
    shown = _Shown(account, row, ui.element("div").classes("columns"))
    shown.draw(products)


class _Shown:
    """The page of an account, which is drawn again after what changes it."""

    def __init__(self, account: Account, buttons: ui.row, place: ui.element) -> None:
        self._account = account
        self._buttons = buttons
        self._place = place

    def draw(self, products: dict[str, str]) -> None:
        self._draw_state()
        with self._place:
            self._facts_panel = ui.element("div")
            with panel(_("Rights")):
                self._rights = Rights(self._account.grants, products)
                with ui.row().classes("dialog-actions"):
                    ui.button(_("Save the rights"), on_click=action(self._save)).props("unelevated")
        self._draw_facts()

    def _draw_state(self) -> None:
        self._buttons.clear()
        with self._buttons:
            if self._account.enabled:
                ui.button(_("Disable"), on_click=self._ask_disable).props("outline")
            else:
                ui.button(_("Enable"), on_click=action(self._enable)).props("unelevated")
            ui.button(_("Reset the password"), on_click=self._ask_reset).props("outline")
            ui.button(_("Delete"), on_click=self._ask_delete).props("outline color=negative")

    def _draw_facts(self) -> None:
        account = self._account
        self._facts_panel.clear()
        with self._facts_panel, panel(_("Account")) as head:
            with head:
                chip(state_of(account))
            lines = [
                Fact(_("Created"), ago(account.created_at), exact(account.created_at)),
                Fact(_("Last changed"), ago(account.updated_at), exact(account.updated_at)),
            ]
            if state_of(account) == "locked":
                lines.append(Fact(_("Locked until"), ago(account.locked_until_at), exact(account.locked_until_at)))
            facts(lines)
            if account.must_change:
                text = _("Somebody else set the password: nothing works with it but choosing another one.")
                ui.label(text).classes("muted")
            Link(_("What this account changed"), f"/console/trail?account={account.name}")

    async def _again(self) -> None:
        seen = view()
        self._account = await seen.services.accounts.get(await seen.act(), self._account.name)
        self._draw_state()
        self._draw_facts()

    async def _save(self) -> None:
        seen, grants = view(), self._rights.grants
        await seen.services.accounts.set_grants(await seen.act(), self._account.name, grants)
        ui.notify(_("Saved: they hold from now on"), type="positive")
        await self._again()

    async def _enable(self) -> None:
        seen = view()
        await seen.services.accounts.set_enabled(await seen.act(), self._account.name, enabled=True)
        await self._again()

    def _ask_disable(self) -> None:
        async def disable() -> None:
            seen = view()
            await seen.services.accounts.set_enabled(await seen.act(), self._account.name, enabled=False)
            ui.notify(_("{name} is disabled", name=self._account.name), type="positive")
            await self._again()

        text = _("All sessions end now, and API tokens are refused until the account is enabled again.")
        confirm(_("Disable {name}?", name=self._account.name), self._warned(text), disable, button=_("Disable"))

    def _ask_reset(self) -> None:
        async def reset() -> None:
            seen = view()
            password = await seen.services.accounts.reset_password(await seen.act(), self._account.name)
            await self._again()
            show_password(self._account.name, password)

        text = _("A password is generated and shown to you once. All sessions end; API tokens stay.")
        title = _("Reset the password of {name}?", name=self._account.name)
        confirm(title, self._warned(text), reset, button=_("Reset"))

    def _ask_delete(self) -> None:
        name = self._account.name

        async def delete() -> None:
            seen = view()
            await seen.services.accounts.delete(await seen.act(), name)
            go("/console/users")

        text = _("The account, its sessions and its API tokens are gone for good. The audit trail keeps its name.")
        title = _("Delete {name}?", name=name)
        confirm(title, self._warned(text), delete, button=_("Delete"), typed=name)

    def _warned(self, text: str) -> str:
        own = self._account.name == view().actor.name
        return text + " " + _("This is your own account: you will be logged out.") if own else text
