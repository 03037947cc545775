"""What a strategy may say."""

from collections.abc import Sequence
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from linkops.errors import Invalid
from linkops.ota.strategy import Abort, Growth, Retry, Stage, Strategy, Window

RATES = range(10, 10_001)
TIMEOUTS_S = range(60, 86_401)
NOTIFY_TIMEOUTS_S = range(60, 30 * 86_400 + 1)
RETRY_INTERVALS_S = range(86_400 + 1)
RETRY_COUNTS = range(1, 11)
_FACTORS = (1.1, 5.0)
_BACKOFFS = (1.0, 10.0)
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
EARLIEST_START_MS, LATEST_START_MS = 5 * MINUTE_MS, 7 * DAY_MS
SHORTEST_RUN_MS, LONGEST_RUN_MS = HOUR_MS, 30 * DAY_MS
MOST_OF_A_KIND = 20


def check_strategy(strategy: Strategy, now: int) -> None:
    """Do nothing if a job that is made at ``now`` may have this strategy.

    Raises:
        Invalid: when it may not; names the field.
    """
    check_pace(strategy.rate_per_minute, strategy.growth)
    check_timeout(strategy.timeout_s)
    _check_range("job.notify_timeout_invalid", "notify_timeout_s", strategy.notify_timeout_s, NOTIFY_TIMEOUTS_S)
    _check_retry(strategy.retry, strategy.timeout_s)
    _check_schedule(strategy.start_at, strategy.finish_at, now)
    if strategy.overwrite and strategy.multi_module:
        raise Invalid("job.overwrite_and_multi_module", field="overwrite")
    check_abort(strategy.abort)
    _check_stages(strategy.stages)
    check_windows(strategy.windows)


def check_pace(rate_per_minute: int | None, growth: Growth | None) -> None:
    """Do nothing if offers may be made at this rate.

    Raises:
        Invalid: when they may not.
    """
    _check_range("job.rate_invalid", "rate_per_minute", rate_per_minute, RATES)
    if growth is None:
        return
    if rate_per_minute is not None:
        raise Invalid("job.rate_and_growth", field="growth")
    _check_range("job.rate_invalid", "growth.most_per_minute", growth.most_per_minute, RATES)
    base = range(RATES[0], growth.most_per_minute + 1)
    _check_range("job.rate_invalid", "growth.base_per_minute", growth.base_per_minute, base)
    if not _FACTORS[0] <= growth.factor <= _FACTORS[1]:
        raise Invalid("job.growth_factor", field="growth.factor", least=_FACTORS[0], most=_FACTORS[1])
    thresholds = [count for count in (growth.notified, growth.succeeded) if count is not None]
    if not thresholds or min(thresholds) < 1:
        raise Invalid("job.growth_thresholds", field="growth")


def check_timeout(timeout_s: int | None) -> None:
    """Do nothing if a device may have this long.

    Raises:
        Invalid: when it may not.
    """
    _check_range("job.timeout_invalid", "timeout_s", timeout_s, TIMEOUTS_S)


def _check_range(code: str, field: str, value: int | None, allowed: range) -> None:
    if value is not None and value not in allowed:
        raise Invalid(code, field=field, least=allowed[0], most=allowed[-1] if allowed else allowed.start)


def _check_retry(retry: Retry | None, timeout_s: int | None) -> None:
    if retry is None:
        return
    _check_range("job.retry_interval_invalid", "retry.interval_s", retry.interval_s, RETRY_INTERVALS_S)
    _check_range("job.retry_count_invalid", "retry.count", retry.count, RETRY_COUNTS)
    if not _BACKOFFS[0] <= retry.backoff <= _BACKOFFS[1]:
        raise Invalid("job.retry_backoff_invalid", field="retry.backoff", least=_BACKOFFS[0], most=_BACKOFFS[1])
    # Retries after a reported failure happen inside the time-out, so a longer interval would never be over.
    if timeout_s is not None and not retry.timeouts and retry.interval_s >= timeout_s:
        raise Invalid("job.retry_after_timeout", field="retry.interval_s", timeout_s=timeout_s)


def _check_schedule(start_at: int | None, finish_at: int | None, now: int) -> None:
    if start_at is not None and not now + EARLIEST_START_MS <= start_at <= now + LATEST_START_MS:
        raise Invalid("job.start_invalid", field="start_at")
    if finish_at is None:
        return
    if start_at is None:
        raise Invalid("job.finish_without_start", field="finish_at")
    if not start_at + SHORTEST_RUN_MS <= finish_at <= start_at + LONGEST_RUN_MS:
        raise Invalid("job.finish_invalid", field="finish_at")


def check_abort(limits: Sequence[Abort]) -> None:
    """Do nothing if a job may be stopped by these limits.

    Raises:
        Invalid: when it may not.
    """
    for number, limit in enumerate(limits):
        field = f"abort.{number}"
        if (limit.percent is None) == (limit.failures is None) or limit.after < 1:
            raise Invalid("job.abort_invalid", field=field)
        if limit.percent is not None and not 0 < limit.percent <= 100:
            raise Invalid("job.percent_invalid", field=f"{field}.percent")
        if limit.failures is not None and limit.failures < 1:
            raise Invalid("job.abort_invalid", field=f"{field}.failures")
    _check_count("abort", limits)


def _check_stages(stages: Sequence[Stage]) -> None:
    before = 0.0
    for number, stage in enumerate(stages):
        if not before < stage.percent <= 100:
            raise Invalid("job.stages_invalid", field=f"stages.{number}.percent")
        if stage.success_percent is not None and not 0 < stage.success_percent <= 100:
            raise Invalid("job.percent_invalid", field=f"stages.{number}.success_percent")
        before = stage.percent
    _check_count("stages", stages)


def check_windows(windows: Sequence[Window]) -> None:
    """Do nothing if these are times of the week.

    Raises:
        Invalid: when one is not.
    """
    for number, window in enumerate(windows):
        field = f"windows.{number}"
        if not window.days or not set(window.days) <= set(range(1, 8)):
            raise Invalid("job.window_days", field=f"{field}.days")
        _check_clock(window.start, f"{field}.start")
        _check_clock(window.end, f"{field}.end")
        _check_zone(window.zone, f"{field}.zone")
    _check_count("windows", windows)


def _check_clock(text: str, field: str) -> None:
    try:
        valid = time.fromisoformat(text).strftime("%H:%M") == text
    except ValueError:
        valid = False
    if not valid:
        raise Invalid("job.window_time", field=field)


def _check_zone(name: str, field: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("job.window_zone", field=field, zone=name) from None


def _check_count(field: str, things: Sequence[object]) -> None:
    if len(things) > MOST_OF_A_KIND:
        raise Invalid("job.too_many_of_a_kind", field=field, most=MOST_OF_A_KIND)
