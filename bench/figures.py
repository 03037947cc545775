"""What a measurement says: one row of the table, and the arithmetic behind it."""

import os
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One line of the table; ``met`` is None where there is no bar."""

    what: str
    measured: str
    bar: str
    met: bool | None = None


@dataclass(frozen=True)
class Run:
    """How this run was asked for.

    Attributes:
        quick: small sizes and one repetition: proves that the scripts work, not the figures.
        say: tells the person who waits what is going on.
    """

    quick: bool
    say: Callable[[str], None]

    def size(self, full: int, quick: int) -> int:
        """Return the size for this run."""
        return quick if self.quick else full

    def repeat(self, times: int, what: str) -> Iterator[int]:
        """Count repetitions, and tell which one runs."""
        times = 1 if self.quick else times
        for number in range(times):
            self.say(f"{what} {number + 1}/{times}" if times > 1 else what)
            yield number


def percentile(sorted_values: Sequence[float], percent: float) -> float:
    """Return the value that ``percent`` of the sorted values do not exceed (nearest rank)."""
    return sorted_values[max(0, -(-len(sorted_values) * percent // 100).__int__() - 1)]


def milliseconds(seconds: Iterable[float], percent: float) -> float:
    """Return a percentile of durations, in milliseconds."""
    return percentile(sorted(seconds), percent) * 1000


def median(values: Iterable[float]) -> float:
    """Return the middle value: the machine is shared, and a mean would carry every disturbance."""
    return statistics.median(values)


def load_average() -> float:
    """Return how many tasks wanted to run during the last minute."""
    return os.getloadavg()[0]


def table(rows: Iterable[Row]) -> Table:
    """Return the rows as people read them."""
    drawn = Table(title="LinkOps, measured on this machine", title_justify="left")
    for heading in ("what", "measured", "bar", "met?"):
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(row.what, row.measured, row.bar, _MET[row.met])
    return drawn


_MET = {True: "[green]yes[/]", False: "[red]no[/]", None: ""}
