"""Charts: drawn in the browser, in the colours of the theme, with their figures in words for whoever sees none."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from nicegui import ui

from linkops.console.texts import _
from linkops.ota.distributions.shares import fraction, percent

INK, MUTED, LINE = "var(--ink)", "var(--ink-2)", "var(--line)"
_BAR_PX, _ROOM_PX = 30, 64


class Part(NamedTuple):
    """A part of a chart: a word, how much, and a colour by its name in ``console.css``."""

    word: str
    value: int
    colour: str


class Series(NamedTuple):
    """The bars of one colour: a value for each category."""

    word: str
    values: Sequence[int]
    colour: str


class Chart(ui.echart, component="chart.js"):
    """A chart that repaints itself with the theme; `save_button` keeps it as a picture."""

    def __init__(self, options: dict[str, Any], name: str, text: str, *, title: str = "", height_px: int = 240) -> None:
        """Draw it.

        Args:
            options: as ECharts reads them. Keys are ours alone; the text of others is a value, never HTML.
            name: of the file that it is saved as: letters, digits and ``-``.
            text: what it shows, in words.
            title: what stands above the picture that it is saved as.
            height_px: how high it is.
        """
        super().__init__(options)
        self.props["saved"] = _picture(options, title)
        self.classes("chart-box").style(f"height: {height_px}px")
        self.props["role"] = "img"
        self.props["aria-label"] = text
        self.name = name

    def save_button(self) -> ui.button:
        """Draw the button that keeps the chart as a picture: made in the browser, nothing is sent."""
        button = ui.button(_("PNG"), icon="image").props("flat dense no-caps")
        button.props["aria-label"] = _("Save the chart as PNG")
        button.on("click", js_handler=f"() => getElement({self.id}).save('{self.name}.png')")
        return button


def file_button(address: str, label: str) -> ui.button:
    """Draw a link, as a button, to a file of comma-separated values at ``address``."""
    button = ui.button(_("CSV"), icon="download").props("flat dense no-caps")
    button.props["href"] = address
    button.props["aria-label"] = label
    return button


def bars(categories: Sequence[str], series: Sequence[Series]) -> dict[str, Any]:
    """Return lying bars, the first category on top; several series are stacked."""
    return {
        **_plain(legend=len(series) > 1),
        "tooltip": {**_tooltip(), "trigger": "axis", "axisPointer": {"type": "shadow"}},
        "yAxis": {**_axis(), "type": "category", "inverse": True, "data": list(categories), "axisLabel": _label(150)},
        "xAxis": {**_axis(), "type": "value", "minInterval": 1, "splitNumber": 4},
        "series": [_bar(one) for one in series],
    }


def columns(categories: Sequence[str], series: Sequence[Series]) -> dict[str, Any]:
    """Return standing bars, the first category at the left; several series are stacked."""
    return {
        **_plain(legend=len(series) > 1),
        "tooltip": {**_tooltip(), "trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {**_axis(), "type": "category", "data": list(categories), "axisLabel": _label(90)},
        "yAxis": {**_axis(), "type": "value", "minInterval": 1, "splitNumber": 4},
        "series": [_bar(one) for one in series],
    }


def donut(parts: Sequence[Part], middle: str) -> dict[str, Any]:
    """Return a ring of parts, with ``middle`` in its middle."""
    data = [
        {"name": part.word, "value": part.value, "itemStyle": {"color": part.colour}} for part in parts if part.value
    ]
    text = {"text": middle, "left": "center", "top": "center", "textStyle": {"color": INK, "fontSize": 22}}
    ring = {"type": "pie", "radius": ["58%", "86%"], "label": {"show": False}, "data": data, "minAngle": 2}
    return {
        "animation": False,
        "title": text,
        "tooltip": {**_tooltip(), "trigger": "item"},
        "series": [{**ring, "itemStyle": {"borderColor": "var(--surface)", "borderWidth": 2}}],
    }


def height_of(categories: int) -> int:
    """Return how high lying bars are."""
    return _BAR_PX * categories + _ROOM_PX


def legend(parts: Sequence[Part], heading: tuple[str, str, str]) -> None:
    """Draw a table of the parts of a ring: its colours, its figures, and what screen readers read."""
    total = sum(part.value for part in parts)
    with ui.element("table").classes("legend"):
        with ui.element("thead"), ui.element("tr"):
            for word in heading:
                with ui.element("th").props("scope=col"):
                    ui.label(word)
        with ui.element("tbody"):
            for part in parts:
                with ui.element("tr"):
                    with ui.element("td"), ui.element("span").classes("legend-word"):
                        ui.element("i").style(f"background: {part.colour}").props("aria-hidden=true")
                        ui.label(part.word)
                    for text in (f"{part.value:,}", percent(fraction(part.value, total))):
                        with ui.element("td"):
                            ui.label(text)


def _picture(options: dict[str, Any], title: str) -> dict[str, Any]:
    """Return what is different in the picture that is kept: a title, and the words that the page has in a table."""
    above = {"text": title, "left": 16, "top": 12, "textStyle": {"color": INK, "fontSize": 16}}
    if "yAxis" in options:
        lower = {"grid": {"top": 84}, "legend": {"top": 44, "left": 16}}
        return {"title": above, **lower}
    middle = {**options["title"], "left": "29%", "top": "52%", "textAlign": "center", "textVerticalAlign": "middle"}
    words = {"show": True, "orient": "vertical", "left": "60%", "top": "middle", "textStyle": {"color": INK}}
    parts = options["series"][0]["data"]
    total = sum(part["value"] for part in parts)
    data = [
        {**part, "name": f"{part['name']}: {part['value']:,} ({percent(fraction(part['value'], total))})"}
        for part in parts
    ]
    ring = {"center": ["30%", "54%"], "radius": ["48%", "72%"], "data": data}
    return {"title": [middle, above], "legend": words, "series": [ring]}


def _plain(*, legend: bool) -> dict[str, Any]:
    return {
        "animation": False,
        "grid": {"left": 4, "right": 20, "top": 34 if legend else 8, "bottom": 4, "containLabel": True},
        "legend": {
            "show": legend,
            "type": "scroll",
            "left": 0,
            "top": 0,
            "itemHeight": 10,
            "textStyle": {"color": MUTED},
        },
    }


def _tooltip() -> dict[str, Any]:
    return {
        "confine": True,
        "backgroundColor": "var(--surface)",
        "borderColor": "var(--line-strong)",
        "textStyle": {"color": INK},
        "extraCssText": "max-width: 320px; white-space: normal; overflow-wrap: anywhere;",
    }


def _axis() -> dict[str, Any]:
    return {
        "axisLine": {"lineStyle": {"color": LINE}},
        "axisTick": {"show": False},
        "axisLabel": {"color": MUTED, "hideOverlap": True},
        "splitLine": {"lineStyle": {"color": LINE}},
    }


def _label(width_px: int) -> dict[str, Any]:
    return {"color": MUTED, "width": width_px, "overflow": "truncate", "hideOverlap": True}


def _bar(series: Series) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": series.word,
        "stack": "all",
        "data": list(series.values),
        "barMaxWidth": 22,
        "itemStyle": {"color": series.colour},
    }
