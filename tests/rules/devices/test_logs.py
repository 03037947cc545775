"""The time that a device means, and how much it may log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.devices.logs.rate import EntryRate
from linkops.devices.logs.times import read_time

NOON = 1_795_521_130_000
MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026/11/24 11:52:10", NOON),
        ("2026-11-24 11:52:10", NOON),
        ("2026-11-24T11:52:10", NOON),
        ("2026-11-24T11:52:10Z", NOON),
        (" 2026-11-24T11:52:10.25Z ", NOON + 250),
        ("2026/11/24 11:52:10.123456", NOON + 123),
        ("2026-11-24T19:52:10.100+0800", NOON + 100),
        ("2026-11-24 06:22:10 -05:30", NOON),
        ("1795521130", NOON),
        ("1795521130000", NOON),
        ("2026/1/2 3:4:5", 1_767_323_045_000),
    ],
)
def test_times_that_devices_write(written: str, at: int) -> None:
    assert read_time(written) == at


@pytest.mark.parametrize(
    "written",
    [
        "",
        "now",
        "3566640",
        "2026-13-01 00:00:00",
        "2026-02-30 00:00:00",
        "0000-01-01 00:00:00",
        "2026-11-24",
        "2026-11-24 25:00:00",
        "٢٠٢٦-11-24 00:00:00",
    ],
)
def test_times_that_cannot_be_read(written: str) -> None:
    assert read_time(written) is None


@given(st.text())
def test_any_text_is_a_time_or_none(written: str) -> None:
    at = read_time(written)
    assert at is None or isinstance(at, int)


def test_a_minutes_worth_at_once_and_then_as_fast_as_that() -> None:
    rate = EntryRate(60)
    assert rate.take(1, 60, 0)
    assert not rate.take(1, 1, 0)
    assert rate.take(2, 60, 0)
    assert not rate.take(1, 2, 1_000)
    assert rate.take(1, 1, 1_000)
    assert not rate.take(1, 60, MINUTE_MS)
    assert rate.take(1, 59, MINUTE_MS)


def test_a_refused_message_costs_nothing_and_one_message_is_always_taken() -> None:
    rate = EntryRate(10)
    assert rate.take(1, 200, 0)
    assert not rate.take(1, 1, 19 * MINUTE_MS)
    assert rate.take(1, 200, 20 * MINUTE_MS)


def test_a_clock_that_is_set_back_locks_nobody_out_for_longer() -> None:
    rate = EntryRate(60)
    assert rate.take(1, 60, 10 * MINUTE_MS)
    rate.forget_rested(12 * MINUTE_MS)
    assert rate.take(1, 60, 0)
