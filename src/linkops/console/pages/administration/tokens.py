"""One's own API tokens: for programs that act in one's name."""

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from typing import Any

from nicegui import ui

from linkops.accounts.tokens.model import ApiToken
from linkops.console import frame
from linkops.console.page import page
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.forms import Form
from linkops.console.parts.once import shown_once
from linkops.console.parts.sheet import sheet
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows
from linkops.console.parts.times import exact
from linkops.console.state import console
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.errors import Invalid

_PAGE = 50
_DAY_MS = 86_400_000
_COLUMNS = (
    Column("name", n_("Name")),
    Column("used", n_("Last used"), Kind.TIME),
    Column("expires", n_("Expires")),
    Column("created_at", n_("Created"), Kind.TIME, rank=2),
    Column("open", "", Kind.OPEN),
)
_ON_A_DAY, _NEVER = -1, 0
_LIVES = {
    30: n_("In 30 days"),
    90: n_("In 90 days"),
    365: n_("In a year"),
    _ON_A_DAY: n_("On a day…"),
    _NEVER: n_("Never"),
}


@page("/tokens", n_("API tokens"))
async def tokens() -> None:
    """Show the tokens of whoever looks."""
    with frame.heading(_("API tokens")):
        ui.button(_("New token"), icon="add", on_click=lambda: _new_token(again)).props("unelevated")
    ui.label(
        _("A token may do what you may: for scripts and applications that call the API. Sessions are not listed here.")
    ).classes("muted")
    shown: dict[str, ApiToken] = {}

    async def load(cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.tokens.page(await seen.act(), int(cursor or 0), _PAGE + 1)
        shown.update({str(token.id): token for token in found})
        more = str(found[_PAGE - 1].id) if len(found) > _PAGE else None
        return Rows([_row(token) for token in found[:_PAGE]], more)

    async def again() -> None:
        await table.show()

    async def opened(key: str) -> None:
        if key in shown:  # whatever a browser sends
            _ask_revoke(shown[key], again)

    empty = _("You have no tokens. Make one for each program, so that each can be revoked alone.")
    with ui.element("div").classes("wrapped"):
        table = PagedTable(_COLUMNS, load, empty=empty, on_open=opened)
    await table.show()


def _row(token: ApiToken) -> dict[str, Any]:
    return {
        "key": str(token.id),
        "name": token.name,
        "used": token.last_used_at,
        "expires": exact(token.expires_at) or _("Never"),
        "created_at": token.created_at,
        "open": _("Revoke {name}", name=token.name),
    }


def _ask_revoke(token: ApiToken, done: Callable[[], Awaitable[None]]) -> None:
    async def revoke() -> None:
        seen = view()
        await seen.services.tokens.revoke(await seen.act(), token.id)
        ui.notify(_("{name} is revoked", name=token.name), type="positive")
        await done()

    text = _("The next request with it is refused. What uses it needs another one.")
    confirm(_("Revoke {name}?", name=token.name), text, revoke, button=_("Revoke"))


def _new_token(done: Callable[[], Awaitable[None]]) -> None:
    form = Form()
    with sheet(_("New token")) as dialog:
        name = form.field("name", ui.input(_("What it is for")).props("maxlength=64 autofocus autocomplete=off"))
        life = ui.select({days: _(word) for days, word in _LIVES.items()}, value=90, label=_("Expires"))
        life.props("outlined dense")
        day = form.field("expires_at", ui.input(_("Last day")).props("type=date stack-label"))
        day.bind_visibility_from(life, "value", value=_ON_A_DAY)

        async def create() -> None:
            seen, expires_at = view(), _expiry(int(life.value), str(day.value or ""))
            made = await seen.services.tokens.create(await seen.act(), name.value or "", expires_at)
            dialog.close()
            await done()
            text = _("Send it as {header}.", header="Authorization: Bearer …")
            shown_once(_("Token {name}", name=name.value), text, made.token)

        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat")
            form.button(_("Create"), create)


def _expiry(days: int, day: str) -> int | None:
    """Return when a token expires, in Unix milliseconds: after so many days, or at the end of a day."""
    if days == _NEVER:
        return None
    if days != _ON_A_DAY:
        return console().clock.now() + days * _DAY_MS
    try:
        midnight = datetime.combine(datetime.fromisoformat(day).date() + timedelta(days=1), time(), view().zone)
    except (ValueError, OverflowError):
        raise Invalid("request.invalid", field="expires_at") from None
    return int(midnight.timestamp() * 1_000)
