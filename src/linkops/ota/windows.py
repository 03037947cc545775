"""Maintenance windows: the time of the week at which devices may be told of updates."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from linkops.ota.strategy import Window

_DAYS_AHEAD = 16
"""Two weeks and a day: a window that comes once a week may be swallowed by a change of time."""


class Span(NamedTuple):
    """Nothing is pushed before ``opens_at``, and from ``closes_at`` on (None: there is no end)."""

    opens_at: int
    closes_at: int | None


ALWAYS = Span(0, None)


def span(windows: Sequence[Window], now: int) -> Span:
    """Return the window that is open at ``now`` (ms), or else the next one; `ALWAYS` without windows.

    Wall-clock times follow the zone through changes of daylight saving time: a time that does not exist is moved
    by the change, one that exists twice means the first, and a window of which the change leaves nothing is left
    out. Windows that touch or overlap are one.
    """
    if not windows:
        return ALWAYS
    open_at, close_at = None, now
    for opens, closes in sorted(_around(windows, now)):
        if closes <= now:
            continue
        if open_at is None:
            open_at, close_at = opens, closes
        elif opens <= close_at:
            close_at = max(close_at, closes)
    assert open_at is not None, "a window comes every week"  # noqa: S101 - checked when the job was made
    return Span(open_at, close_at)


def _around(windows: Sequence[Window], now: int) -> Iterator[tuple[int, int]]:
    """Yield when each window opens and closes, from the day before yesterday to two weeks ahead."""
    for window in windows:
        zone = ZoneInfo(window.zone)
        today = datetime.fromtimestamp(now / 1_000, zone).date()
        for ahead in range(-2, _DAYS_AHEAD):
            day = today + timedelta(days=ahead)
            opens, closes = _span_of(window, day, zone)
            if day.isoweekday() in window.days and opens < closes:
                yield opens, closes


def _span_of(window: Window, day: date, zone: ZoneInfo) -> tuple[int, int]:
    start, end = time.fromisoformat(window.start), time.fromisoformat(window.end)
    last = day if end > start else day + timedelta(days=1)
    return _ms(datetime.combine(day, start, zone)), _ms(datetime.combine(last, end, zone))


def _ms(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp() * 1_000)
