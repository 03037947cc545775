"""How updates ended: in all, why they failed, and by the version that devices came from."""

from typing import Any

from nicegui import ui

from linkops.console.page import action
from linkops.console.pages.statistics.asked import PATH, Asked
from linkops.console.parts.charts import Chart, Part, Series, bars, donut, file_button, height_of, legend
from linkops.console.parts.failures import FAILURES
from linkops.console.parts.links import go
from linkops.console.parts.panels import empty, panel
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.ota.distributions.model import Ended, OutcomeOrder, Outcomes, SourceOutcome
from linkops.ota.distributions.shares import percent

MOST_BARS = 10
"""Of more source versions, a chart says nothing: there is only the table."""
COLOURS = {
    "succeeded": "var(--good)",
    "failed": "var(--bad)",
    "canceled": "var(--line-strong)",
    "unfinished": "var(--run)",
}
WORDS = {
    "succeeded": n_("Succeeded"),
    "failed": n_("Failed"),
    "canceled": n_("Canceled"),
    "unfinished": n_("Not finished"),
}
_ORDERS = {
    OutcomeOrder.TOTAL: n_("Most updates first"),
    OutcomeOrder.SUCCEEDED: n_("Most successes first"),
    OutcomeOrder.FAILED: n_("Most failures first"),
}
_SOURCES = (
    Column("version", n_("Version before")),
    Column("total", n_("Updates"), Kind.NUMBER),
    Column("share", n_("Share"), Kind.SHARE, rank=2),
    Column("succeeded", n_("Succeeded"), Kind.NUMBER, rank=2),
    Column("failed", n_("Failed"), Kind.NUMBER, rank=2),
    Column("canceled", n_("Canceled"), Kind.NUMBER, rank=3),
    Column("unfinished", n_("Not finished"), Kind.NUMBER, rank=3),
    Column("success_rate", n_("Success rate"), Kind.SHARE),
    Column("failure_rate", n_("Failure rate"), Kind.SHARE, rank=3),
)
# Light enough to be told apart from the next one, from red to yellow: all of them are failures.
_REASON_COLOURS = ("var(--bad)", "var(--wait)", "var(--new)", "var(--run)", "var(--off)", "var(--line-strong)")


async def show_outcomes(asked: Asked) -> None:
    """Show how the updates that are asked for ended."""
    seen = view()
    found = await seen.services.ota.statistics.outcomes(seen.actor, asked.outcomes, order=asked.order, limit=MOST_BARS)
    if not found.ended.total:
        with panel(_("How updates ended")), empty("rocket_launch", _("No update of this module has been started yet.")):
            pass
        return
    with ui.element("div").classes("columns"):
        _show_ended(asked, found.ended)
        _show_failures(asked, found)
    await _show_sources(asked, found)


def _show_ended(asked: Asked, ended: Ended) -> None:
    parts = parts_of(ended)
    rate = percent(ended.success_rate) or "-"
    with panel(_("How updates ended")) as head:
        with ui.element("div").classes("chart-beside"):
            said = ", ".join(f"{part.word}: {part.value:,}" for part in parts)
            chart = Chart(donut(parts, rate), "outcomes", said, title=_("How updates ended"), height_px=180)
            legend(parts, (_("Updates"), _("Devices"), _("Share")))
        ui.label(_("{rate} of the updates that succeeded or failed succeeded.", rate=rate)).classes("muted")
        with head:
            file_button(asked.address(f"{PATH}/outcomes.csv", version=""), _("Save how updates ended as CSV"))
            chart.save_button()


def _show_failures(asked: Asked, found: Outcomes) -> None:
    with panel(_("Why updates failed")) as head:
        if not found.failures:
            with empty("check_circle", _("None has failed.")):
                pass
            return
        parts = [
            Part(_(FAILURES.get(share.failure_kind, n_("Other"))), share.tasks, colour)
            for share, colour in zip(found.failures, _REASON_COLOURS * 2, strict=False)
        ]
        with ui.element("div").classes("chart-beside"):
            said = ", ".join(f"{part.word}: {part.value:,}" for part in parts)
            chart = Chart(
                donut(parts, f"{found.ended.failed:,}"), "failures", said, title=_("Why updates failed"), height_px=180
            )
            legend(parts, (_("Reason"), _("Devices"), _("Share")))
        with head:
            file_button(asked.address(f"{PATH}/failures.csv", version=""), _("Save the reasons as CSV"))
            chart.save_button()


async def _show_sources(asked: Asked, found: Outcomes) -> None:
    with panel(_("By the version before the update")) as head:
        chart = _sources_chart(found) if found.source_versions <= MOST_BARS else None
        if chart is None:
            ui.label(_("From {count} versions: too many for a chart.", count=f"{found.source_versions:,}")).classes(
                "muted"
            )
        _order(asked)
        await PagedTable(_SOURCES, lambda cursor: _sources(asked, cursor), empty="").show()
        with head:
            file_button(asked.address(f"{PATH}/outcomes.csv", version=""), _("Save by source version as CSV"))
            if chart is not None:
                chart.save_button()


def _sources_chart(found: Outcomes) -> Chart:
    rows = found.table.items
    said = "; ".join(f"{source_word(row.source_version)}: {row.succeeded:,}/{row.total:,}" for row in rows)
    text = _("Updates that succeeded, of all, by the version before: {said}. The table has all figures.", said=said)
    options = bars([source_word(row.source_version) for row in rows], series_of(rows))
    return Chart(
        options, "source-versions", text, title=_("By the version before the update"), height_px=height_of(len(rows))
    )


def _order(asked: Asked) -> None:
    async def chosen() -> None:
        go(asked.address(order=OutcomeOrder(choice.value)))

    choice = ui.select({key: _(word) for key, word in _ORDERS.items()}, value=asked.order, label=_("Order"))
    choice.props("outlined dense options-dense").classes("filter filter-inside").on_value_change(action(chosen))


async def _sources(asked: Asked, cursor: str | None) -> Rows:
    seen = view()
    found = await seen.services.ota.statistics.outcomes(
        await seen.act(), asked.outcomes, order=asked.order, cursor=cursor, limit=MOST_BARS
    )
    total = _("{count} source versions", count=f"{found.source_versions:,}")
    return Rows([_source_row(row) for row in found.table.items], found.table.next, total)


def _source_row(row: SourceOutcome) -> dict[str, Any]:
    return {
        "key": row.source_version,
        "version": source_word(row.source_version),
        "share": percent(row.share),
        **counts_of(row),
    }


def counts_of(row: Ended) -> dict[str, Any]:
    """Return the figures of a row as tables show them."""
    return {
        "total": row.total,
        **{name: getattr(row, name) for name in WORDS},
        "success_rate": percent(row.success_rate) or "-",
        "failure_rate": percent(row.failure_rate) or "-",
    }


def source_word(version: str) -> str:
    """Return a source version; devices that had said none have a word, too."""
    return version or _("Never reported")


def parts_of(ended: Ended) -> list[Part]:
    """Return how tasks ended, as parts of a ring."""
    return [Part(_(word), getattr(ended, name), COLOURS[name]) for name, word in WORDS.items()]


def series_of(rows: list[Any]) -> list[Series]:
    """Return how tasks ended, for bars: one each row."""
    return [Series(_(word), [getattr(row, name) for row in rows], COLOURS[name]) for name, word in WORDS.items()]
