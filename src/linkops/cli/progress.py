"""A rollout as people watch it: counts per status, a bar, the rate, the time left."""

from collections.abc import Sequence
from typing import Any, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

_STYLES = {
    "CONFIRM": "dim",
    "QUEUED": "dim",
    "NOTIFIED": "cyan",
    "IN_PROGRESS": "yellow",
    "SUCCEEDED": "green",
    "FAILED": "red",
    "CANCELED": "magenta",
}
_ENDED = ("SUCCEEDED", "FAILED", "CANCELED")
_BAR_CHARS = 40


def line(title: str, summary: dict[str, Any]) -> str:
    """Return the state of a rollout as one line of plain text."""
    counts = "  ".join(f"{status} {count:,}" for status, count in summary["counts"].items() if count)
    return f"{title}: {_ended(summary):,} of {_total(summary):,}  {counts}  {_pace(summary)}"


def panel(title: str, summary: dict[str, Any], notes: Sequence[str] = ()) -> RenderableType:
    """Return the state of a rollout as a drawing of a few lines, ``notes`` below it."""
    counts = Table.grid(padding=(0, 3))
    cells = [Text.assemble((f"{count:,}", "bold"), f" {status}", style=_STYLES.get(status, ""))
             for status, count in summary["counts"].items()]  # fmt: skip
    counts.add_row(*cells)
    ended, total = _ended(summary), _total(summary)
    bar = Table.grid(padding=(0, 2))
    bar.add_row(ProgressBar(max(total, 1), ended, width=_BAR_CHARS), f"{ended:,} of {total:,}", _pace(summary))
    failures = [f"{kind} {count:,}" for kind, count in summary.get("failures", {}).items() if kind and count]
    why = [Text("failed: " + ", ".join(failures), style="red")] if failures else []
    return Group(Text(title, style="bold"), bar, counts, *why, *(Text(note, style="yellow") for note in notes))


class RolloutDisplay:
    """Shows a rollout on a terminal in place, elsewhere as a line each time that it changed."""

    def __init__(self, title: str, console: Console | None = None) -> None:
        self._title = title
        self._console = console or Console(highlight=False)
        self._live = Live(console=self._console, refresh_per_second=4) if self._console.is_terminal else None
        self._last = ""

    def __enter__(self) -> Self:
        """Take the place on the terminal."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last state standing."""
        if self._live is not None:
            self._live.stop()

    def show(self, summary: dict[str, Any], notes: Sequence[str] = ()) -> None:
        """Show the newest state, and what else there is to know about it."""
        if self._live is not None:
            self._live.update(panel(self._title, summary, notes))
            return
        now = "  ".join([line(self._title, summary), *(f"[{note}]" for note in notes)])
        if now != self._last:
            self._console.print(Text(now), soft_wrap=True)
            self._last = now


def _ended(summary: dict[str, Any]) -> int:
    return sum(summary["counts"].get(status, 0) for status in _ENDED)


def _total(summary: dict[str, Any]) -> int:
    return sum(summary["counts"].values())


def _pace(summary: dict[str, Any]) -> str:
    rate = summary["rate_per_minute"]
    limit = "" if rate is None else f" of {rate:,}"
    pace = f"{summary['offers_last_minute']:,}{limit} offered in the last minute"
    left = summary["time_left_s"]
    if left is None or _ended(summary) == _total(summary):
        return pace
    minutes, seconds = divmod(int(left), 60)
    return f"{pace}, about {minutes}:{seconds:02} left"
