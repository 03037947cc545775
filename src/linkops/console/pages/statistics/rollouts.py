"""Rollouts over time: how each went."""

from typing import Any

from nicegui import ui

from linkops.console.pages.statistics.asked import PATH, Asked
from linkops.console.pages.statistics.outcomes import counts_of, series_of
from linkops.console.parts.charts import Chart, columns, file_button
from linkops.console.parts.panels import panel
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows, total_of
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.ota.distributions.model import RolloutOutcome

_MOST_COLUMNS = 30
_COLUMNS = (
    Column("rollout", n_("Rollout"), Kind.LINK),
    Column("created_at", n_("Started"), Kind.TIME, rank=2),
    Column("total", n_("Devices"), Kind.NUMBER),
    Column("succeeded", n_("Succeeded"), Kind.NUMBER, rank=2),
    Column("failed", n_("Failed"), Kind.NUMBER, rank=2),
    Column("canceled", n_("Canceled"), Kind.NUMBER, rank=3),
    Column("unfinished", n_("Not finished"), Kind.NUMBER, rank=3),
    Column("success_rate", n_("Success rate"), Kind.SHARE),
)


async def show_rollouts(asked: Asked) -> None:
    """Show the last rollouts, the oldest at the left, and a table of all of them."""
    seen = view()
    found = await seen.services.ota.statistics.rollouts(seen.actor, asked.outcomes, limit=_MOST_COLUMNS)
    if not found.items:
        return
    with panel(_("Rollouts over time")) as head:
        rows = list(reversed(found.items))
        said = "; ".join(f"{_title(row)}: {row.succeeded:,}/{row.total:,}" for row in rows[-5:])
        text = _("Updates that succeeded, of all, in the last rollouts: {said}. The table has all of them.", said=said)
        chart = Chart(
            columns([_title(row) for row in rows], series_of(rows)),
            "rollouts",
            text,
            title=_("Rollouts over time"),
            height_px=260,
        )
        if found.next is not None:
            ui.label(_("The last {count} rollouts; the table has all.", count=_MOST_COLUMNS)).classes("muted")
        await PagedTable(_COLUMNS, lambda cursor: _load(asked, cursor), empty="").show()
        with head:
            file_button(asked.address(f"{PATH}/rollouts.csv", version=""), _("Save all rollouts as CSV"))
            chart.save_button()


async def _load(asked: Asked, cursor: str | None) -> Rows:
    seen = view()
    found = await seen.services.ota.statistics.rollouts(await seen.act(), asked.outcomes, cursor=cursor, limit=10)
    return Rows([_row(row) for row in found.items], found.next, total_of(found.total, more=found.total_is_more))


def _row(row: RolloutOutcome) -> dict[str, Any]:
    return {
        "key": row.job_id,
        "rollout": _title(row),
        "rollout_href": f"/console/jobs/{row.job_id}",
        "created_at": row.created_at,
        **counts_of(row),
    }


def _title(row: RolloutOutcome) -> str:
    return f"#{row.job_id} {row.package_name} {row.version}"
