"""When a push may begin, what its stages wait for, and when it stops."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.errors import Conflict, TooMany
from linkops.remote_config.pushes.model import FailureLimit, PushStatus, ResultStatus, Stage, Strategy
from linkops.remote_config.pushes.rules import MAX_STAGES, Earlier, Limits, check_begin, fault_of
from linkops.remote_config.pushes.stages import (
    Tally,
    Verdict,
    after_stage,
    devices_until_end_of,
    tally,
    too_many_failures,
)
from linkops.texts.config_pushes import CONFIG_PUSH_TEXTS

HOUR = Limits(3_600, once=True)
NOW = 1_800_000_000_000
DONE, CANCELED = PushStatus.COMPLETED, PushStatus.CANCELED
statuses = st.sampled_from(PushStatus)
earlier = st.lists(
    st.builds(Earlier, st.integers(1, 99), st.integers(1, 3), statuses, st.integers(NOW - 8_000_000, NOW)), max_size=5
)


limits_given = st.builds(Limits, st.sampled_from([0, 60, 3_600]), st.booleans())


@given(earlier, st.integers(1, 3), limits_given)
def test_a_push_may_begin_or_it_is_said_when(before: list[Earlier], revision: int, limits: Limits) -> None:
    counted = [push for push in before if push.status is not CANCELED]
    possible_at = max((push.created_at + limits.interval_s * 1_000 for push in counted), default=NOW)
    if limits.once and any(push.revision == revision for push in counted):
        with pytest.raises(Conflict):
            check_begin(before, revision, limits, NOW)
    elif possible_at > NOW:
        with pytest.raises(TooMany) as refused:
            check_begin(before, revision, limits, NOW)
        assert refused.value.params["at"] == possible_at
        check_begin(before, revision, limits, possible_at)
    else:
        check_begin(before, revision, limits, NOW)


def test_to_the_millisecond() -> None:
    before = [Earlier(1, 1, DONE, NOW - 3_600_000)]
    check_begin(before, 2, HOUR, NOW)
    with pytest.raises(TooMany) as refused:
        check_begin(before, 2, HOUR, NOW - 1)
    assert refused.value.params["retry_after_s"] == 1


@pytest.mark.parametrize(
    ("total", "percents", "until"),
    [
        (1_000, [33.3, 66.6], [333, 666, 1_000]),
        (10, [0.001, 50], [1, 5, 10]),
        (0, [10], [0, 0]),
        (3, [1, 2, 99.9], [1, 1, 3, 3]),
    ],
)
def test_how_many_devices_a_stage_reaches(total: int, percents: list[float], until: list[int]) -> None:
    stages = [Stage(percent) for percent in percents]
    assert [devices_until_end_of(stages, number, total) for number in range(len(stages) + 1)] == until


@pytest.mark.parametrize(
    ("stage", "found", "later_ms", "verdict"),
    [
        (Stage(10, 90), Tally(9, 0, 1), 0, Verdict.GO_ON),
        (Stage(10, 90), Tally(8, 0, 2), 0, Verdict.WAIT),
        (Stage(10, 90), Tally(8, 2, 0), 0, Verdict.HOLD_AT_GATE),
        (Stage(10, 90, wait_s=60), Tally(10, 0, 0), 59_999, Verdict.WAIT),
        (Stage(10, 90, wait_s=60), Tally(10, 0, 0), 60_000, Verdict.GO_ON),
        (Stage(10), Tally(10, 0, 0), 0, Verdict.HOLD_FOR_SOMEBODY),
        (Stage(10), Tally(9, 0, 1), 0, Verdict.WAIT),
        (Stage(10, 0), Tally(0, 1, 0), 0, Verdict.GO_ON),
        (Stage(10, 90), Tally(0, 0, 0), 0, Verdict.HOLD_AT_GATE),
    ],
)
def test_what_follows_a_stage(stage: Stage, found: Tally, later_ms: int, verdict: Verdict) -> None:
    assert after_stage(stage, found, NOW, NOW + later_ms) is verdict


@pytest.mark.parametrize(
    ("limit", "found", "stops"),
    [
        (None, Tally(0, 100, 0), False),
        (FailureLimit(20, 10), Tally(8, 2, 5), True),
        (FailureLimit(20, 10), Tally(9, 1, 5), False),
        (FailureLimit(20, 10), Tally(0, 9, 0), False),
        (FailureLimit(0.1), Tally(5, 0, 0), False),
    ],
)
def test_when_failures_stop_a_push(limit: FailureLimit | None, found: Tally, *, stops: bool) -> None:
    assert too_many_failures(limit, found) is stops


def test_what_was_fetched_or_acknowledged_is_a_success() -> None:
    counts = dict(zip(ResultStatus, (1, 2, 4, 8, 16, 32), strict=True))
    assert tally(counts) == Tally(succeeded=24, failed=32, waiting=4)


@pytest.mark.parametrize(
    ("strategy", "field"),
    [
        (Strategy(), None),
        (Strategy((Stage(1), Stage(10, 95, 600)), FailureLimit(20, 50)), None),
        (Strategy((Stage(10), Stage(10))), "stages.1.percent"),
        (Strategy((Stage(100),)), "stages.0.percent"),
        (Strategy((Stage(0),)), "stages.0.percent"),
        (Strategy((Stage(float("nan")),)), "stages.0.percent"),
        (Strategy((Stage(1, 101),)), "stages.0.success_percent"),
        (Strategy((Stage(1, None, -1),)), "stages.0.wait_s"),
        (Strategy(tuple(Stage(n + 1) for n in range(MAX_STAGES + 1))), "stages"),
        (Strategy((), FailureLimit(0)), "stop_at.percent"),
        (Strategy((), FailureLimit(1, 0)), "stop_at.least"),
    ],
)
def test_faults_of_strategies_are_named(strategy: Strategy, field: str | None) -> None:
    fault = fault_of(strategy)
    assert (None if fault is None else fault[0]) == field
    assert fault is None or fault[1] in CONFIG_PUSH_TEXTS
