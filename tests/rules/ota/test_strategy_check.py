"""What a strategy may say: every refusal has its code and names the field."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from linkops.errors import Invalid
from linkops.ota.strategy import Abort, Growth, Retry, Stage, Strategy, Window, read_strategy, write_strategy
from linkops.ota.strategy_check import DAY_MS, HOUR_MS, MINUTE_MS, check_strategy

NOW = 1_800_000_000_000
NIGHT = Window(days=(1,), start="22:00", end="04:00", zone="Europe/Berlin")
NAN = float("nan")


def grown(**changed: object) -> Growth:
    return Growth(**{"base_per_minute": 50, "factor": 2.0, "notified": 1_000, **changed})  # type: ignore[arg-type]


def night(**changed: object) -> Window:
    return Window(**{"days": (1,), "start": "22:00", "end": "04:00", "zone": "UTC", **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "strategy",
    [
        Strategy(),
        Strategy(rate_per_minute=10),
        Strategy(rate_per_minute=10_000),
        Strategy(growth=grown()),
        Strategy(growth=grown(factor=1.1, notified=None, succeeded=1, base_per_minute=10, most_per_minute=10)),
        Strategy(growth=grown(factor=5.0, base_per_minute=10_000, succeeded=5)),
        Strategy(timeout_s=60),
        Strategy(timeout_s=86_400, notify_timeout_s=30 * 86_400),
        Strategy(retry=Retry(interval_s=0, count=1)),
        Strategy(retry=Retry(interval_s=86_400, count=10, backoff=10.0)),
        Strategy(timeout_s=3_600, retry=Retry(interval_s=3_599, count=2)),
        Strategy(timeout_s=60, retry=Retry(interval_s=600, count=2, timeouts=True)),
        Strategy(start_at=NOW + 5 * MINUTE_MS),
        Strategy(start_at=NOW + 7 * DAY_MS, finish_at=NOW + 7 * DAY_MS + HOUR_MS),
        Strategy(start_at=NOW + 5 * MINUTE_MS, finish_at=NOW + 5 * MINUTE_MS + 30 * DAY_MS),
        Strategy(overwrite=True),
        Strategy(multi_module=True),
        Strategy(abort=(Abort(percent=0.1), Abort(failures=1, after=10_000))),
        Strategy(stages=(Stage(percent=1), Stage(percent=1.5, success_percent=100), Stage(percent=100))),
        Strategy(windows=(NIGHT, night(start="00:00", end="00:00", days=(1, 2, 3, 4, 5, 6, 7)))),
        Strategy(abort=(Abort(failures=1),) * 20),
    ],
)
def test_strategies(strategy: Strategy) -> None:
    check_strategy(strategy, NOW)
    assert read_strategy(write_strategy(strategy)) == strategy


@pytest.mark.parametrize(
    ("strategy", "code", "field"),
    [
        (Strategy(rate_per_minute=9), "job.rate_invalid", "rate_per_minute"),
        (Strategy(rate_per_minute=10_001), "job.rate_invalid", "rate_per_minute"),
        (Strategy(rate_per_minute=-1), "job.rate_invalid", "rate_per_minute"),
        (Strategy(rate_per_minute=50, growth=grown()), "job.rate_and_growth", "growth"),
        (Strategy(growth=grown(most_per_minute=10_001)), "job.rate_invalid", "growth.most_per_minute"),
        (Strategy(growth=grown(most_per_minute=9)), "job.rate_invalid", "growth.most_per_minute"),
        (Strategy(growth=grown(base_per_minute=9)), "job.rate_invalid", "growth.base_per_minute"),
        (Strategy(growth=grown(base_per_minute=51, most_per_minute=50)), "job.rate_invalid", "growth.base_per_minute"),
        (Strategy(growth=grown(factor=1.09)), "job.growth_factor", "growth.factor"),
        (Strategy(growth=grown(factor=5.1)), "job.growth_factor", "growth.factor"),
        (Strategy(growth=grown(factor=NAN)), "job.growth_factor", "growth.factor"),
        (Strategy(growth=grown(notified=None)), "job.growth_thresholds", "growth"),
        (Strategy(growth=grown(notified=0)), "job.growth_thresholds", "growth"),
        (Strategy(growth=grown(succeeded=-1)), "job.growth_thresholds", "growth"),
        (Strategy(timeout_s=59), "job.timeout_invalid", "timeout_s"),
        (Strategy(timeout_s=86_401), "job.timeout_invalid", "timeout_s"),
        (Strategy(notify_timeout_s=59), "job.notify_timeout_invalid", "notify_timeout_s"),
        (Strategy(notify_timeout_s=30 * 86_400 + 1), "job.notify_timeout_invalid", "notify_timeout_s"),
        (Strategy(retry=Retry(interval_s=-1, count=1)), "job.retry_interval_invalid", "retry.interval_s"),
        (Strategy(retry=Retry(interval_s=86_401, count=1)), "job.retry_interval_invalid", "retry.interval_s"),
        (Strategy(retry=Retry(interval_s=0, count=0)), "job.retry_count_invalid", "retry.count"),
        (Strategy(retry=Retry(interval_s=0, count=11)), "job.retry_count_invalid", "retry.count"),
        (Strategy(retry=Retry(interval_s=0, count=1, backoff=0.9)), "job.retry_backoff_invalid", "retry.backoff"),
        (Strategy(retry=Retry(interval_s=0, count=1, backoff=NAN)), "job.retry_backoff_invalid", "retry.backoff"),
        (Strategy(timeout_s=600, retry=Retry(interval_s=600, count=1)), "job.retry_after_timeout", "retry.interval_s"),
        (Strategy(start_at=NOW), "job.start_invalid", "start_at"),
        (Strategy(start_at=NOW + 5 * MINUTE_MS - 1), "job.start_invalid", "start_at"),
        (Strategy(start_at=NOW + 7 * DAY_MS + 1), "job.start_invalid", "start_at"),
        (Strategy(finish_at=NOW + 2 * HOUR_MS), "job.finish_without_start", "finish_at"),
        (Strategy(start_at=NOW + HOUR_MS, finish_at=NOW + 2 * HOUR_MS - 1), "job.finish_invalid", "finish_at"),
        (
            Strategy(start_at=NOW + HOUR_MS, finish_at=NOW + HOUR_MS + 30 * DAY_MS + 1),
            "job.finish_invalid",
            "finish_at",
        ),
        (Strategy(overwrite=True, multi_module=True), "job.overwrite_and_multi_module", "overwrite"),
        (Strategy(abort=(Abort(),)), "job.abort_invalid", "abort.0"),
        (Strategy(abort=(Abort(failures=1), Abort(percent=1, failures=1))), "job.abort_invalid", "abort.1"),
        (Strategy(abort=(Abort(percent=1, after=0),)), "job.abort_invalid", "abort.0"),
        (Strategy(abort=(Abort(failures=0),)), "job.abort_invalid", "abort.0.failures"),
        (Strategy(abort=(Abort(percent=0),)), "job.percent_invalid", "abort.0.percent"),
        (Strategy(abort=(Abort(percent=100.1),)), "job.percent_invalid", "abort.0.percent"),
        (Strategy(abort=(Abort(percent=NAN),)), "job.percent_invalid", "abort.0.percent"),
        (Strategy(abort=(Abort(failures=1),) * 21), "job.too_many_of_a_kind", "abort"),
        (Strategy(stages=(Stage(percent=0),)), "job.stages_invalid", "stages.0.percent"),
        (Strategy(stages=(Stage(percent=5), Stage(percent=5))), "job.stages_invalid", "stages.1.percent"),
        (Strategy(stages=(Stage(percent=5), Stage(percent=4))), "job.stages_invalid", "stages.1.percent"),
        (Strategy(stages=(Stage(percent=100.1),)), "job.stages_invalid", "stages.0.percent"),
        (Strategy(stages=(Stage(percent=NAN),)), "job.stages_invalid", "stages.0.percent"),
        (Strategy(stages=(Stage(percent=5, success_percent=0),)), "job.percent_invalid", "stages.0.success_percent"),
        (Strategy(stages=(Stage(percent=5, success_percent=101),)), "job.percent_invalid", "stages.0.success_percent"),
        (
            Strategy(stages=tuple(Stage(percent=number) for number in range(1, 22))),
            "job.too_many_of_a_kind",
            "stages",
        ),
        (Strategy(windows=(night(days=()),)), "job.window_days", "windows.0.days"),
        (Strategy(windows=(NIGHT, night(days=(0,)))), "job.window_days", "windows.1.days"),
        (Strategy(windows=(night(days=(8,)),)), "job.window_days", "windows.0.days"),
        (Strategy(windows=(night(start="24:00"),)), "job.window_time", "windows.0.start"),
        (Strategy(windows=(night(start="9:00"),)), "job.window_time", "windows.0.start"),
        (Strategy(windows=(night(end="0900"),)), "job.window_time", "windows.0.end"),
        (Strategy(windows=(night(end="09:00:00"),)), "job.window_time", "windows.0.end"),
        (Strategy(windows=(night(end=""),)), "job.window_time", "windows.0.end"),
        (Strategy(windows=(night(zone="Europe/Bonn"),)), "job.window_zone", "windows.0.zone"),
        (Strategy(windows=(night(zone=""),)), "job.window_zone", "windows.0.zone"),
        (Strategy(windows=(night(zone="Europe"),)), "job.window_zone", "windows.0.zone"),
        (Strategy(windows=(night(zone="../../etc/passwd"),)), "job.window_zone", "windows.0.zone"),
        (Strategy(windows=(night(zone="/etc/localtime"),)), "job.window_zone", "windows.0.zone"),
        (Strategy(windows=(night(zone="a\0b"),)), "job.window_zone", "windows.0.zone"),
        (Strategy(windows=(NIGHT,) * 21), "job.too_many_of_a_kind", "windows"),
    ],
)
def test_no_strategies(strategy: Strategy, code: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_strategy(strategy, NOW)
    assert (refused.value.code, refused.value.params["field"]) == (code, field)


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=40))
def test_no_text_breaks_the_check_of_a_window(start: str, end: str, zone: str) -> None:
    with pytest.raises(Invalid):
        check_strategy(Strategy(windows=(night(start=f"x{start}", end=end, zone=zone),)), NOW)
    with pytest.raises(Invalid):
        check_strategy(Strategy(windows=(night(zone=f"No/{zone}"),)), NOW)


@given(st.integers(0, 23), st.integers(0, 59))
def test_every_minute_of_a_day_is_a_time(hour: int, minute: int) -> None:
    check_strategy(Strategy(windows=(night(start=f"{hour:02}:{minute:02}"),)), NOW)
