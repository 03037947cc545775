"""How many devices were offered the update in each last minute, against the rate."""

from datetime import UTC, datetime
from typing import Any

from nicegui import ui

from linkops.console.texts import _
from linkops.console.view import view
from linkops.ota.model import JobCourse

# Grey and the accent hold on light and dark grounds alike.
_INK, _LINE, _ACCENT = "#7a858e", "rgba(128,140,150,.28)", "#2a9d8f"


class PaceChart:
    """Changed in place: only the points are sent."""

    def __init__(self) -> None:
        self._chart = ui.echart(_options()).classes("chart")
        self._chart.props["role"] = "img"
        self._text = ui.label().classes("hint")
        self._shown: list[Any] = []

    def show(self, found: JobCourse) -> None:
        """Show the last minutes."""
        rate, pace = found.summary.rate_per_minute, found.pace
        points = [[_clock(point.at), point.offers] for point in pace]
        limit = [[at, rate] for at, _offers in points] if rate is not None else []
        last = f"{found.summary.offers_last_minute:,}"
        self._text.text = _("{count} in the last minute; no limit", count=last)
        if rate is not None:
            self._text.text = _("{count} in the last minute; the limit is {rate}", count=last, rate=f"{rate:,}")
        if points != self._shown:
            self._shown = points
            self._chart.props["aria-label"] = self._text.text
            self._chart.options["series"][0]["data"] = points
            self._chart.options["series"][1]["data"] = limit
            self._chart.update()


def _clock(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).astimezone(view().zone).strftime("%H:%M:%S")


def _options() -> dict[str, Any]:
    axis = {"axisLine": {"lineStyle": {"color": _LINE}}, "axisLabel": {"color": _INK}, "axisTick": {"show": False}}
    within = {"axisLabel": {"color": _INK, "alignMinLabel": "left", "alignMaxLabel": "right"}}
    line = {"type": "line", "symbol": "none", "animation": False, "data": []}
    return {
        "animation": False,
        "grid": {"left": 8, "right": 28, "top": 30, "bottom": 4, "containLabel": True},
        "legend": {"right": 0, "top": 0, "itemHeight": 8, "textStyle": {"color": _INK}},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {"type": "category", "boundaryGap": False, **axis, **within},
        "yAxis": {"type": "value", "minInterval": 1, "splitLine": {"lineStyle": {"color": _LINE}}, **axis},
        "series": [
            {
                **line,
                "name": _("Pushed"),
                "lineStyle": {"color": _ACCENT, "width": 2},
                "itemStyle": {"color": _ACCENT},
                "areaStyle": {"color": _ACCENT, "opacity": 0.12},
            },
            {
                **line,
                "name": _("Limit"),
                "lineStyle": {"color": _INK, "type": "dashed", "width": 1},
                "itemStyle": {"color": _INK},
            },
        ],
    }
