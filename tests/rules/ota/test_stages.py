"""How many devices each stage takes, and what comes after it."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from linkops.ota.model import Hold
from linkops.ota.stages import after_stage, offers_until_end_of
from linkops.ota.strategy import Stage

STAGES = (Stage(percent=1), Stage(percent=33.3), Stage(percent=100))


@pytest.mark.parametrize(("number", "devices"), [(0, 10), (1, 333), (2, 1_000), (3, 1_000), (9, 1_000)])
def test_each_stage_reaches_so_many_of_a_thousand(number: int, devices: int) -> None:
    assert offers_until_end_of(STAGES, number, 1_000) == devices


def test_a_stage_is_at_least_one_device_and_never_more_than_there_are() -> None:
    assert offers_until_end_of(STAGES, 0, 7) == 1
    assert offers_until_end_of(STAGES, 0, 0) == 0
    assert offers_until_end_of(STAGES, 1, 10) == 4  # rounded up, so that a stage is never a device short


@given(
    st.lists(st.floats(0.001, 100), min_size=1, max_size=20, unique=True).map(sorted),
    st.integers(0, 1_000_000),
)
def test_stages_only_grow_and_then_everybody_is_in(percents: list[float], total: int) -> None:
    stages = [Stage(percent=percent) for percent in percents]
    sizes = [offers_until_end_of(stages, number, total) for number in range(len(stages) + 1)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == total
    assert all(min(1, total) <= size <= total for size in sizes)


def test_a_stage_without_a_gate_waits_for_somebody() -> None:
    assert after_stage(Stage(percent=10), 10, 10) is Hold.STAGE
    assert after_stage(Stage(percent=10), 0, 0) is Hold.STAGE


@pytest.mark.parametrize(
    ("succeeded", "ended", "hold"),
    [(95, 100, Hold.NONE), (94, 100, Hold.GATE), (19, 20, Hold.NONE), (1, 1, Hold.NONE), (0, 1, Hold.GATE)],
)
def test_a_gate_opens_at_its_share_of_successes(succeeded: int, ended: int, hold: Hold) -> None:
    assert after_stage(Stage(percent=10, success_percent=95), succeeded, ended) is hold


def test_a_stage_of_which_nobody_is_left_to_judge_does_not_pass_its_gate() -> None:
    assert after_stage(Stage(percent=10, success_percent=50), 0, 0) is Hold.GATE
