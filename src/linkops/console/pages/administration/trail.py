"""The audit trail: who changed what, when, and from where."""

from datetime import datetime, time, timedelta
from typing import Any

from nicegui import ui

from linkops.accounts.trail.model import AuditFilter, AuditLine
from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.administration.letters import as_text
from linkops.console.parts.address import remember
from linkops.console.parts.panels import Fact, facts
from linkops.console.parts.product_choice import named_products, product_choice
from linkops.console.parts.sheet import sheet
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.events.actor import Role

_PAGE = 50
_NEWEST = 2**62
_MOST_CHARS = 60
_COLUMNS = (
    Column("at", n_("Time"), Kind.TIME),
    Column("account_name", n_("Account")),
    Column("action", n_("Action"), Kind.CODE),
    Column("target", n_("What"), Kind.CODE, rank=2),
    Column("details", n_("In detail"), Kind.TAGS, rank=3),
    Column("address", n_("Address"), Kind.CODE, rank=3),
    Column("open", "", Kind.OPEN),
)


@page("/trail", n_("Audit trail"), role=Role.ADMIN)
async def trail(
    account: str = "", action_begins: str = "", target: str = "", product: str = "", since: str = "", until: str = ""
) -> None:
    """Show what was changed; the address carries the filters."""
    frame.heading(_("Audit trail"))
    asked = {
        "account": account,
        "action_begins": action_begins,
        "target": target,
        "product": product,
        "since": since,
        "until": until,
    }
    known: dict[str, AuditLine] = {}

    async def load(cursor: str | None) -> Rows:
        seen = view()
        found = await seen.services.trail.audit(await seen.act(), _filter(asked), int(cursor or _NEWEST), _PAGE + 1)
        known.update({str(line.id): line for line in found})
        more = str(found[_PAGE - 1].id) if len(found) > _PAGE else None
        return Rows([_row(line) for line in found[:_PAGE]], more)

    async def again() -> None:
        remember(**asked)
        await table.show(first=True)

    async def opened(key: str) -> None:
        if key in known:  # whatever a browser sends
            _show(known[key])

    await _filters(asked, again)
    empty = _("Nothing matches. Lines that are older than the setting keep_audit_days are deleted.")
    with ui.element("div").classes("wrapped"):
        table = PagedTable(_COLUMNS, load, empty=empty, on_open=opened)
    await table.show()


async def _filters(asked: dict[str, str], again: Any) -> None:
    products = await named_products(asked["product"])
    with ui.row().classes("filters filters-many"):
        for name, label in (
            ("account", _("Account")),
            ("action_begins", _("Action begins with")),
            ("target", _("What, in full")),
        ):
            field = ui.input(label, value=asked[name]).props("outlined dense clearable debounce=400").classes("filter")
            _bind(field, asked, name, again)
        choice = product_choice(products, _("Product"), _("All products"), asked["product"]).classes("filter")
        _bind(choice, asked, "product", again)
        for name, label in (("since", _("From the day")), ("until", _("Up to the day"))):
            day = ui.input(label, value=asked[name]).props("outlined dense type=date stack-label").classes("filter")
            _bind(day, asked, name, again)


def _bind(field: Any, asked: dict[str, str], name: str, again: Any) -> None:
    field.bind_value_to(asked, name, forward=lambda value: str(value or "").strip())
    field.on_value_change(action(again))


def _filter(asked: dict[str, str]) -> AuditFilter:
    return AuditFilter(
        account_name=asked["account"] or None,
        action_begins=asked["action_begins"] or None,
        target=asked["target"] or None,
        product_key=asked["product"] or None,
        since=_midnight(asked["since"], 0),
        until=_midnight(asked["until"], 1),
    )


def _midnight(day: str, days_later: int) -> int | None:
    """Return when a day begins, or the next one, where the viewer is; None of what is no day."""
    try:
        date = datetime.fromisoformat(day).date() + timedelta(days=days_later)
        return int(datetime.combine(date, time(), view().zone).timestamp() * 1_000)
    except (ValueError, OverflowError):
        return None


def _row(line: AuditLine) -> dict[str, Any]:
    return {
        "key": str(line.id),
        "at": line.at,
        "account_name": line.account_name,
        "action": line.action,
        "target": line.target,
        "details": {name: _short(name, value) for name, value in line.details.items()},
        "address": line.address,
        "open": _("Look at the line"),
    }


def _short(name: str, value: Any) -> str:
    text = exact(value) if name.endswith("_at") and isinstance(value, int) else _text(value)
    return text if len(text) <= _MOST_CHARS else f"{text[:_MOST_CHARS]}…"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or "-"
    if isinstance(value, dict):
        return ", ".join(f"{name}={_text(one)}" for name, one in value.items()) or "-"
    return str(value).lower() if isinstance(value, bool) else "-" if value is None else str(value)


def _show(line: AuditLine) -> None:
    with sheet(line.action, wide=True) as dialog:
        facts(
            [
                Fact(_("Time"), exact(line.at), ago(line.at)),
                Fact(_("Account"), line.account_name),
                Fact(_("Address"), line.address, code=True),
                Fact(_("What"), line.target, code=True),
            ]
        )
        if line.details:
            as_text(line.details)
        with ui.row().classes("dialog-actions"):
            ui.button(_("Close"), on_click=dialog.close).props("flat autofocus")
