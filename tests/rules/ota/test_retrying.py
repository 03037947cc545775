"""When a failed device is offered the update again."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from linkops.ota.model import FailureKind
from linkops.ota.retrying import retry_at
from linkops.ota.strategy import Retry

K = FailureKind
NOW = 1_800_000_000_000
REPORTED = [K.UPDATE, K.DOWNLOAD, K.VERIFY, K.FLASH]
MINUTE_MS = 60_000


@pytest.mark.parametrize("kind", [*REPORTED, K.WRONG_VERSION])
def test_what_a_device_reports_is_retried(kind: FailureKind) -> None:
    assert retry_at(Retry(interval_s=0, count=1), kind, 0, 1, NOW) == NOW


@pytest.mark.parametrize("kind", [K.NONE, K.CONFLICT, K.TIMEOUT])
def test_conflicts_and_time_outs_are_not(kind: FailureKind) -> None:
    assert retry_at(Retry(interval_s=0, count=1), kind, 0, 1, NOW) is None
    patient = Retry(interval_s=0, count=1, timeouts=True)
    assert retry_at(patient, kind, 0, 1, NOW) == (NOW if kind is K.TIMEOUT else None)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("minutes", [0, 10, 30, 60, 1_440])
def test_so_often_and_then_no_more(minutes: int, count: int) -> None:
    retry = Retry(interval_s=minutes * 60, count=count)
    for retries in range(count):
        due_at = retry_at(retry, K.DOWNLOAD, retries, 1, NOW)
        assert due_at is not None
        assert minutes * MINUTE_MS <= due_at - NOW <= 1.1 * minutes * MINUTE_MS
    assert retry_at(retry, K.DOWNLOAD, count, 1, NOW) is None
    assert retry_at(None, K.DOWNLOAD, 0, 1, NOW) is None


@given(
    interval_s=st.integers(0, 86_400),
    backoff=st.floats(1, 10),
    retries=st.integers(0, 4),
    task_id=st.integers(1, 2**62),
)
def test_never_early_and_at_most_a_tenth_late(interval_s: int, backoff: float, retries: int, task_id: int) -> None:
    retry = Retry(interval_s=interval_s, count=5, backoff=backoff)
    due_at = retry_at(retry, K.UPDATE, retries, task_id, NOW)
    assert due_at is not None
    exact_ms = interval_s * 1_000 * backoff**retries
    assert int(exact_ms) <= due_at - NOW <= exact_ms * 1.1
    assert due_at == retry_at(retry, K.UPDATE, retries, task_id, NOW)


def test_each_retry_waits_longer_with_a_back_off() -> None:
    retry = Retry(interval_s=60, count=3, backoff=2.0)
    waits = [(retry_at(retry, K.FLASH, retries, 1, NOW) or 0) - NOW for retries in range(3)]
    for wait, minutes in zip(waits, (1, 2, 4), strict=True):
        assert minutes * MINUTE_MS <= wait <= minutes * 1.1 * MINUTE_MS


def test_devices_that_fail_together_do_not_come_back_together() -> None:
    retry = Retry(interval_s=600, count=2)
    for retries in range(2):
        times = {retry_at(retry, K.DOWNLOAD, retries, task_id, NOW) for task_id in range(1, 1_001)}
        assert len(times) > 900
        assert len({((time or 0) - NOW - 600_000) // 6_000 for time in times}) >= 10  # in each tenth of the jitter
