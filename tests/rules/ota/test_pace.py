"""The rate: never more than one too many in any 60 seconds, and hardly ever too few."""

from itertools import accumulate

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from linkops.ota import pace

NOW = 1_800_000_000_000
RATES = st.integers(10, 10_000)
GAPS_MS = st.lists(st.integers(1, 590), min_size=50, max_size=400)


def offers_at(rate: int, times: list[int], most: int, due_us: int = 0) -> list[int]:
    """Return the time of each offer when somebody asks at ``times``, with a chunk of at most ``most``."""
    made: list[int] = []
    for now in times:
        offers = min(most, pace.allowance(rate, due_us, now))
        if offers:
            due_us = pace.charge(rate, due_us, now, offers)
            made += [now] * offers
    return made


def busiest_minute(times: list[int]) -> int:
    """Return the most offers in any 60 seconds."""
    first, busiest = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - pace.MINUTE_MS:
            first += 1
        busiest = max(busiest, last - first + 1)
    return busiest


@given(rate=RATES, gaps=GAPS_MS, most=st.integers(1, 500), idle_ms=st.integers(0, 10**7))
def test_no_minute_has_more_than_one_too_many(rate: int, gaps: list[int], most: int, idle_ms: int) -> None:
    times = [NOW + gap for gap in accumulate(gaps)]
    made = offers_at(rate, times, most, due_us=(NOW - idle_ms) * 1_000)
    assert busiest_minute(made) <= rate + 1


@settings(max_examples=30, deadline=None)
@given(rate=RATES, gaps=st.lists(st.integers(200, 590), min_size=1, max_size=20), start=st.integers(0, 60_000))
def test_every_full_minute_is_used(rate: int, gaps: list[int], start: int) -> None:
    times = [NOW]
    while times[-1] < NOW + 5 * pace.MINUTE_MS:
        times.append(times[-1] + gaps[len(times) % len(gaps)])
    made = offers_at(rate, times, 500)
    for minute in range(4):
        begin = NOW + start + minute * pace.MINUTE_MS
        if begin + pace.MINUTE_MS <= times[-1]:
            in_minute = sum(begin <= at < begin + pace.MINUTE_MS for at in made)
            assert in_minute >= 0.95 * rate - 1


@given(rate=RATES, pulls=st.integers(1, 100_000), gaps=GAPS_MS)
def test_a_rush_of_pulls_holds_pushes_back_for_about_a_minute(rate: int, pulls: int, gaps: list[int]) -> None:
    due_us = pace.charge(rate, 0, NOW, pulls)
    end = NOW + pace.MINUTE_MS + pace.TOLERANCE_MS + pace.interval_us(rate) // 1_000 + 1
    assert pace.allowance(rate, due_us, end) >= 1
    times = [NOW + gap for gap in accumulate(gaps)]
    made = offers_at(rate, times, 500, due_us)
    if made and pulls <= rate:
        assert busiest_minute([*[NOW] * pulls, *made]) <= rate + 1
    if made and pulls > rate:
        assert made[0] > NOW + 59_000


@given(rate=RATES, back_ms=st.integers(60_000, 10**8))
def test_a_clock_set_back_stops_pushes_for_about_a_minute_at_most(rate: int, back_ms: int) -> None:
    due_us = pace.charge(rate, 0, NOW, 1)
    later = NOW - back_ms
    again = later + pace.MINUTE_MS + pace.TOLERANCE_MS + pace.interval_us(rate) // 1_000
    due_us = pace.charge(rate, due_us, later, 0)
    assert pace.allowance(rate, due_us, again) >= 1


@pytest.mark.parametrize(("at", "end"), [(0, 60_000), (59_999, 60_000), (60_000, 120_000), (-1, 0)])
def test_slots_are_minutes_from_the_start_of_the_job(at: int, end: int) -> None:
    assert pace.slot_end(NOW, NOW + at) == NOW + end


def test_offers_are_counted_a_minute_back_from_each_second() -> None:
    offers = [(100, 5), (130, 2), (159, 1), (160, 4)]
    assert pace.offers_a_minute(offers, [99, 100, 130, 159, 160, 190, 300]) == [0, 5, 7, 8, 7, 5, 0]
