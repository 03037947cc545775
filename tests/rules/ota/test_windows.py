"""Maintenance windows: which one is open, or comes next, through both changes of daylight saving time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from linkops.ota.strategy import Window
from linkops.ota.windows import ALWAYS, Span, span

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
ZONES = [BERLIN, NEW_YORK, "UTC", "Asia/Shanghai", "Asia/Kathmandu", "Pacific/Kiritimati", "Australia/Lord_Howe"]
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def at(text: str, zone: str = BERLIN) -> int:
    """Return a wall-clock time as Unix milliseconds; of two, the first, unless it ends in "*"."""
    moment = datetime.fromisoformat(text.rstrip("*")).replace(tzinfo=ZoneInfo(zone), fold=int(text.endswith("*")))
    return int(moment.timestamp() * 1_000)


def daily(start: str, end: str, zone: str = BERLIN, days: tuple[int, ...] = EVERY_DAY) -> Window:
    return Window(days=days, start=start, end=end, zone=zone)


def open_at(windows: Sequence[Window], now: int) -> bool:
    opens_at, closes_at = span(windows, now)
    return opens_at <= now and (closes_at is None or now < closes_at)


def test_without_windows_it_is_always_time() -> None:
    assert span((), at("2027-01-15 12:00")) == ALWAYS
    assert open_at((), 0)


def test_the_one_that_is_open_or_the_next_one() -> None:
    night = [daily("22:00", "23:30")]
    tonight = Span(at("2027-01-15 22:00"), at("2027-01-15 23:30"))
    for now in ("2027-01-14 23:30", "2027-01-15 12:00", "2027-01-15 22:00", "2027-01-15 23:29:59"):
        assert span(night, at(now)) == tonight
    assert span(night, at("2027-01-15 23:30")).opens_at == at("2027-01-16 22:00")


def test_over_midnight_it_belongs_to_the_day_it_begins_on() -> None:
    friday_night = [daily("22:00", "04:00", days=(5,))]
    wanted = Span(at("2027-01-15 22:00"), at("2027-01-16 04:00"))  # a Friday
    assert span(friday_night, at("2027-01-16 03:59")) == wanted
    assert not open_at(friday_night, at("2027-01-15 03:00"))
    assert span(friday_night, at("2027-01-16 04:00")) == Span(at("2027-01-22 22:00"), at("2027-01-23 04:00"))


def test_once_a_week_is_found_from_any_day() -> None:
    sunday = [daily("03:00", "05:00", days=(7,))]
    for day in range(7):
        assert span(sunday, at("2027-01-17 05:00") + day * DAY_MS).opens_at == at("2027-01-24 03:00")


def test_overlapping_and_touching_windows_are_one() -> None:
    windows = [daily("20:00", "22:00"), daily("21:00", "23:00"), daily("23:00", "01:00"), daily("02:00", "03:00")]
    assert span(windows, at("2027-01-15 21:30")) == Span(at("2027-01-15 20:00"), at("2027-01-16 01:00"))
    assert span(windows, at("2027-01-16 01:00")) == Span(at("2027-01-16 02:00"), at("2027-01-16 03:00"))


def test_windows_of_several_zones_are_one_where_they_overlap() -> None:
    windows = [daily("02:00", "04:00", BERLIN), daily("21:00", "23:00", NEW_YORK)]  # six hours apart in winter
    assert span(windows, at("2027-01-15 02:30")) == Span(at("2027-01-15 02:00"), at("2027-01-15 05:00"))


def test_day_and_night_every_day_never_closes_for_long() -> None:
    always = [daily("00:00", "00:00")]
    now = at("2027-03-28 01:59")
    assert open_at(always, now)
    closes_at = span(always, now).closes_at
    assert closes_at is not None
    assert closes_at > now + 7 * DAY_MS
    assert open_at(always, closes_at)


@pytest.mark.parametrize(
    ("zone", "night", "start", "end", "hours"),
    [
        (BERLIN, "2027-03-28", "01:00", "05:00", 3),  # 02:00 to 03:00 does not exist
        (BERLIN, "2027-10-31", "01:00", "05:00", 5),  # 02:00 to 03:00 comes twice
        (NEW_YORK, "2027-03-14", "01:00", "05:00", 3),
        (NEW_YORK, "2027-11-07", "00:00", "05:00", 6),
        (BERLIN, "2027-06-15", "01:00", "05:00", 4),
    ],
)
def test_wall_clock_times_follow_daylight_saving_time(zone: str, night: str, start: str, end: str, hours: int) -> None:
    found = span([daily(start, end, zone)], at(f"{night} 00:30", zone))
    assert found == Span(at(f"{night} {start}", zone), at(f"{night} {end}", zone))
    assert found.closes_at == found.opens_at + hours * HOUR_MS


def test_a_time_that_does_not_exist_is_moved_by_the_change() -> None:
    windows = [daily("02:30", "05:00")]
    assert span(windows, at("2027-03-28 00:00")).opens_at == at("2027-03-28 03:30")


def test_a_time_that_exists_twice_means_the_first() -> None:
    windows = [daily("02:30", "05:00")]
    found = span(windows, at("2027-10-31 00:00"))
    assert found.opens_at == at("2027-10-31 02:30")
    assert found.opens_at == at("2027-10-31 02:30*") - HOUR_MS


@pytest.mark.parametrize(("zone", "night"), [(BERLIN, "2027-03-28"), (NEW_YORK, "2027-03-14")])
def test_a_window_that_the_change_swallows_is_left_out(zone: str, night: str) -> None:
    windows = [daily("02:30", "03:15", zone), daily("03:20", "04:00", zone)]
    now = at(f"{night} 01:00", zone)
    assert span(windows, now) == Span(at(f"{night} 03:20", zone), at(f"{night} 04:00", zone))
    alone = span(windows[:1], now)
    assert alone.opens_at == at(f"{night} 02:30", zone) + 23 * HOUR_MS


CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
WINDOWS = st.builds(
    daily,
    CLOCKS,
    CLOCKS,
    st.sampled_from(ZONES),
    st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
)
# Two years, so that each change of time is in them, and often the days around one.
CHANGES = [at("2027-03-28 03:00"), at("2027-10-31 03:00"), at("2027-03-14 03:00", NEW_YORK), at("2027-11-07 03:00")]
MOMENTS = st.one_of(
    st.integers(at("2027-01-01 00:00"), at("2029-01-01 00:00")),
    st.builds(lambda change, off: change + off, st.sampled_from(CHANGES), st.integers(-2 * DAY_MS, 2 * DAY_MS)),
)


def inside(window: Window, now: int) -> bool:
    """Return whether the wall clock of the window's zone says that it is open: told by looking at the clock alone."""
    local = datetime.fromtimestamp(now / 1_000, ZoneInfo(window.zone))
    clock = f"{local:%H:%M}"
    if window.start < window.end:
        return local.isoweekday() in window.days and window.start <= clock < window.end
    yesterday = (local - timedelta(days=1)).isoweekday()
    return (local.isoweekday() in window.days and clock >= window.start) or (
        yesterday in window.days and clock < window.end
    )


def near_a_change(zone: str, now: int) -> bool:
    offsets = {
        datetime.fromtimestamp(now / 1_000 + hours * 3_600, ZoneInfo(zone)).utcoffset() for hours in (-26, -1, 0, 1, 26)
    }
    return len(offsets) > 1


@given(st.lists(WINDOWS, min_size=1, max_size=4), MOMENTS)
@example([daily("02:30", "03:15")], at("2027-03-28 01:00"))
@example([daily("02:30", "03:15", days=(7,))], at("2027-03-21 03:15"))
def test_a_span_is_open_now_or_comes_within_two_weeks(windows: list[Window], now: int) -> None:
    opens_at, closes_at = span(windows, now)
    assert closes_at is not None
    assert opens_at < closes_at
    assert now < closes_at
    assert opens_at < now + 15 * DAY_MS
    # What is open stays so until it closes: a restart in between changes nothing.
    for moment in (max(now, opens_at), closes_at - 1):
        assert open_at(windows, moment)
        assert (span(windows, moment).closes_at or 0) >= closes_at


@given(st.lists(WINDOWS, min_size=1, max_size=4), MOMENTS)
def test_it_is_open_exactly_when_the_wall_clock_says_so(windows: list[Window], now: int) -> None:
    if not any(near_a_change(window.zone, now) for window in windows):
        assert open_at(windows, now) == any(inside(window, now) for window in windows)


@given(st.lists(WINDOWS, min_size=1, max_size=3), MOMENTS)
def test_nothing_is_missed_between_now_and_the_next_one(windows: list[Window], now: int) -> None:
    opens_at, _ = span(windows, now)
    step = max(60_000, (opens_at - now) // 50)
    for moment in range(now, opens_at, step):
        if not any(near_a_change(window.zone, moment) for window in windows):
            assert not any(inside(window, moment) for window in windows)
