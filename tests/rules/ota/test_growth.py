"""A rate that grows while a job goes well."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from linkops.ota.growth import minutes_to_notify, rate_per_minute
from linkops.ota.strategy import Growth

DOUBLING = Growth(base_per_minute=50, factor=2.0, notified=1_000, most_per_minute=1_000)


@pytest.mark.parametrize(
    ("notified", "rate"),
    [(0, 50), (999, 50), (1_000, 100), (1_999, 100), (2_000, 200), (3_000, 400), (4_000, 800), (5_000, 1_000)],
)
def test_it_doubles_after_each_thousand_devices(notified: int, rate: int) -> None:
    assert rate_per_minute(DOUBLING, notified, 0) == rate


def test_it_never_grows_past_its_ceiling_however_many_there_were() -> None:
    assert rate_per_minute(DOUBLING, 10**9, 10**9) == 1_000
    assert rate_per_minute(Growth(base_per_minute=10, factor=5.0, notified=1), 10**9, 0) == 10_000


def test_growth_on_success_does_not_look_at_who_was_only_told() -> None:
    careful = Growth(base_per_minute=50, factor=1.5, succeeded=100)
    assert rate_per_minute(careful, 10_000, 99) == 50
    assert rate_per_minute(careful, 10_000, 100) == 75
    assert rate_per_minute(careful, 10_000, 200) == 112


def test_with_both_thresholds_whichever_is_further_counts() -> None:
    both = Growth(base_per_minute=10, factor=2.0, notified=1_000, succeeded=100)
    assert rate_per_minute(both, 500, 300) == 80
    assert rate_per_minute(both, 2_000, 100) == 40


def test_how_long_a_growing_job_takes() -> None:
    assert minutes_to_notify(DOUBLING, 0) == 0
    assert minutes_to_notify(DOUBLING, 50) == 1
    # 20 minutes of 50, 10 of 100, 5 of 200, 2.5 of 400 and so the third of these still at 400, then 800.
    assert minutes_to_notify(DOUBLING, 4_200) == 20 + 10 + 5 + 3
    assert minutes_to_notify(DOUBLING, 4_201) == 20 + 10 + 5 + 4


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**5), st.integers(10, 500))
def test_more_devices_never_slow_it_down(notified: int, succeeded: int, more: int, base: int) -> None:
    growth = Growth(base_per_minute=base, factor=1.1, notified=1_000, succeeded=300, most_per_minute=5_000)
    rate = rate_per_minute(growth, notified, succeeded)
    assert base <= rate <= 5_000
    assert rate <= rate_per_minute(growth, notified + more, succeeded) <= 5_000
    assert rate <= rate_per_minute(growth, notified, succeeded + more) <= 5_000
