"""The short words of the command line: each is read as it was written, and a wrong one is refused with a lesson."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linkops.cli import notation
from linkops.cli.failures import CommandFailed

NOW = datetime(2026, 12, 24, 18, 0, tzinfo=ZoneInfo("Europe/Berlin"))
PERCENTAGES = st.integers(1, 100_000).map(lambda thousandths: thousandths / 1_000)
CLOCKS = st.times().map(lambda at: at.strftime("%H:%M"))

stages = st.fixed_dictionaries({"percent": PERCENTAGES, "success_percent": st.none() | PERCENTAGES})
windows = st.fixed_dictionaries(
    {
        "days": st.sets(st.integers(1, 7), min_size=1).map(sorted),
        "start": CLOCKS,
        "end": CLOCKS,
        "zone": st.sampled_from(["UTC", "Europe/Berlin", "Asia/Shanghai", "America/Argentina/Buenos_Aires"]),
    }
)


@st.composite
def limits(draw: st.DrawFn) -> notation.Part:
    bound = draw(st.tuples(PERCENTAGES, st.none()) | st.tuples(st.none(), st.integers(1, 10**9 - 1)))
    kind = draw(st.sampled_from(["any", "reported", "timeout", "wrong_version"]))
    return {"kind": kind, "percent": bound[0], "failures": bound[1], "after": draw(st.integers(1, 10**9 - 1))}


@given(stages)
def test_a_stage_is_read_as_it_was_written(stage: notation.Part) -> None:
    assert notation.read_stage(notation.write_stage(stage)) == stage


@given(limits())
def test_a_limit_is_read_as_it_was_written(limit: notation.Part) -> None:
    assert notation.read_abort(notation.write_abort(limit)) == limit


@given(windows)
@example({"days": [1, 7], "start": "22:00", "end": "04:00", "zone": "UTC"})
def test_a_window_is_read_as_it_was_written(window: notation.Part) -> None:
    assert notation.read_window(notation.write_window(window)) == window


@given(
    st.integers(0, 7_000_000_000),
    st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours))),
)
def test_a_time_is_read_as_it_was_written(seconds: int, zone: timezone) -> None:
    at = seconds * 1_000
    assert notation.read_time(notation.write_time(at, zone), NOW) == at


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("10:95", {"percent": 10.0, "success_percent": 95.0}),
        ("10%:95%", {"percent": 10.0, "success_percent": 95.0}),
        (" 0.5 ", {"percent": 0.5, "success_percent": None}),
    ],
)
def test_stages(text: str, stage: notation.Part) -> None:
    assert notation.read_stage(text) == stage


@pytest.mark.parametrize(
    ("text", "kind", "percent", "failures", "after"),
    [
        ("20%/100", "any", 20.0, None, 100),
        ("50", "any", None, 50, 1),
        ("timeout:5", "timeout", None, 5, 1),
        ("wrong-version:2.5%/10", "wrong_version", 2.5, None, 10),
    ],
)
def test_limits(text: str, kind: str, percent: float | None, failures: int | None, after: int) -> None:
    assert notation.read_abort(text) == {"kind": kind, "percent": percent, "failures": failures, "after": after}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri 22:00-04:00 UTC", [1, 2, 3, 4, 5]),
        ("Fri-Mon 22:00 - 04:00 UTC", [1, 5, 6, 7]),
        ("sat,sun 22:00-04:00 UTC", [6, 7]),
        ("daily 22:00-4:00 UTC", [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_windows(text: str, days: list[int]) -> None:
    assert notation.read_window(text) == {"days": days, "start": "22:00", "end": "04:00", "zone": "UTC"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-24T20:00", "2026-12-24T20:00+01:00"),
        ("2026-12-24T20:00Z", "2026-12-24T20:00+00:00"),
        ("2026-12-24 20:00:30+08:00", "2026-12-24T20:00:30+08:00"),
        ("+2h", "2026-12-24T20:00+01:00"),
        ("+1d2h30m", "2026-12-25T20:30+01:00"),
    ],
)
def test_times(text: str, expected: str) -> None:
    assert notation.read_time(text, NOW) == int(datetime.fromisoformat(expected).timestamp() * 1_000)


def test_a_time_ahead_may_count_from_another_one() -> None:
    start = datetime(2026, 12, 25, 12, 0, tzinfo=UTC)
    assert notation.read_time("+8h", NOW, start) == int((start + timedelta(hours=8)).timestamp() * 1_000)


WRONG = [
    (notation.read_stage, "ten", "10:95"),
    (notation.read_stage, "10:95:3", "10:95"),
    (notation.read_abort, "20%/", "20%/100"),
    (notation.read_abort, "late:5", "wrong-version"),
    (notation.read_abort, "9" * 5_000, "20%/100"),
    (notation.read_window, "mon-fri 22:00-04:00", "Europe/Berlin"),
    (notation.read_window, "noon 22:00-04:00 UTC", "daily"),
    (notation.read_region, "/Munich", "PROVINCE/CITY"),
]


@pytest.mark.parametrize(("read", "text", "lesson"), WRONG)
def test_what_is_written_otherwise_is_refused_with_a_lesson(read: Callable[[str], Any], text: str, lesson: str) -> None:
    with pytest.raises(CommandFailed) as refused:
        read(text)
    assert lesson in refused.value.message
    assert len(refused.value.message) < 500


@pytest.mark.parametrize(
    "text", ["tomorrow", "+", "+2", "2026-13-01", "+99999999999999999999d", "+" + "9" * 5_000 + "h"]
)
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CommandFailed, match="is no time"):
        notation.read_time(text, NOW)


@given(st.text(max_size=40))
@example("٣:95")
def test_no_text_is_a_fault(text: str) -> None:
    readers: list[Callable[[str], Any]] = [
        notation.read_stage,
        notation.read_abort,
        notation.read_window,
        notation.read_region,
        lambda text: notation.read_time(text, NOW),
        lambda text: notation.read_tags([text]),
    ]
    for read in readers:
        with suppress(CommandFailed):
            read(text)


def test_tags() -> None:
    assert notation.read_tags(["ring=early", "note=a=b"]) == {"ring": "early", "note": "a=b"}
    for wrong in (["ring"], ["=x"], ["a=1", "a=2"]):
        with pytest.raises(CommandFailed, match="KEY=VALUE"):
            notation.read_tags(wrong)


def test_regions() -> None:
    assert notation.read_region("Bavaria/Munich") == {"province": "Bavaria", "city": "Munich"}
    assert notation.read_region("Bavaria") == {"province": "Bavaria", "city": ""}
