"""The pushes of a product, the newest first."""

from typing import Any

from linkops.console.parts.live import live
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.remote_config.pushes.model import SUCCEEDED, Push, PushStatus, ResultStatus, Target

_COLUMNS = (
    Column("name", n_("Push"), Kind.LINK),
    Column("status", n_("State"), Kind.STATUS),
    Column("version", n_("Version"), Kind.NUMBER, rank=2),
    Column("whom", n_("Pushed to"), rank=2),
    Column("total", n_("Devices"), Kind.NUMBER),
    Column("succeeded", n_("Have it"), Kind.NUMBER, rank=2),
    Column("failed", n_("Failed"), Kind.NUMBER, rank=2),
    Column("created_at", n_("Begun"), Kind.TIME),
    Column("created_by", n_("By"), rank=3),
)


class PushList:
    """The list."""

    def __init__(self, product_key: str) -> None:
        self._key = product_key

    async def draw(self) -> None:
        """Draw it, and follow it."""
        empty = _("Nothing was pushed yet. Save a document, switch remote configuration on, then push.")
        table = PagedTable(_COLUMNS, self._load, empty=empty)
        await table.show()

        async def look() -> bool:
            await table.refresh()
            return True

        live(look, 4.0)

    async def _load(self, cursor: str | None) -> Rows:
        seen = view()
        pushes = seen.services.config_delivery.pushes
        found = await pushes.page(await seen.act(), self._key, cursor=cursor, limit=50)
        return Rows([_row(push) for push in found.items], found.next, total_of(found.total, more=found.total_is_more))


def _row(push: Push) -> dict[str, Any]:
    return {
        "key": push.id,
        "name": _("Push {number}", number=push.id),
        "name_href": f"/console/configuration/pushes/{push.id}",
        "status": state_of(push),
        "version": push.version,
        "whom": whom_of(push),
        "total": push.total,
        "succeeded": sum(push.counts.get(status, 0) for status in SUCCEEDED),
        "failed": push.counts.get(ResultStatus.FAILED, 0),
        "created_at": push.created_at,
        "created_by": push.created_by,
    }


def state_of(push: Push) -> str:
    """Return the state of a push, or what holds it, as `linkops.console.parts.status` knows it."""
    if push.status is PushStatus.IN_PROGRESS and push.hold:
        return f"hold.{push.hold.value}"
    return push.status.value


def whom_of(push: Push) -> str:
    """Return whom a push is for."""
    if push.target is Target.PRODUCT:
        return _("The whole product")
    return _("Group {name}", name=push.group_name) if push.target is Target.GROUP else _("Single devices")
