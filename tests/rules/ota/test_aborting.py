"""When failures stop a job."""

from collections.abc import Mapping

import hypothesis.strategies as st
import pytest
from hypothesis import given

from linkops.ota.aborting import abort_reason
from linkops.ota.model import FailureKind, TaskStatus
from linkops.ota.strategy import Abort, AbortKind

K = FailureKind
FIFTH = Abort(percent=20, after=100)


def counts(succeeded: int, **failures: int) -> Mapping[tuple[TaskStatus, FailureKind], int]:
    failed = {(TaskStatus.FAILED, FailureKind(kind)): tasks for kind, tasks in failures.items()}
    return {(TaskStatus.SUCCEEDED, K.NONE): succeeded, (TaskStatus.IN_PROGRESS, K.NONE): 1_000, **failed}


def test_a_fifth_of_a_hundred_stops_it_and_says_why() -> None:
    reason = abort_reason([FIFTH], counts(80, update=15, timeout=5))
    assert reason == "aborted: 20 of 100 devices failed, the limit is 20 %"
    assert abort_reason([FIFTH], counts(81, update=19)) is None


def test_it_never_fires_below_the_minimum() -> None:
    assert abort_reason([FIFTH], counts(0, update=99)) is None
    assert abort_reason([FIFTH], counts(0, update=100)) is not None
    assert abort_reason([Abort(failures=3, after=10)], counts(0, update=9)) is None


def test_a_number_of_failures_stops_it_too() -> None:
    reason = abort_reason([Abort(failures=3)], counts(1_000, flash=3))
    assert reason == "aborted: 3 of 1003 devices failed, the limit is 3"
    assert abort_reason([Abort(failures=3)], counts(1_000, flash=2)) is None


@pytest.mark.parametrize(
    ("kind", "failures", "counted"),
    [
        (AbortKind.ANY, {"update": 1, "download": 1, "verify": 1, "flash": 1, "timeout": 1, "wrong_version": 1}, 6),
        (AbortKind.REPORTED, {"update": 1, "download": 1, "verify": 1, "flash": 1}, 4),
        (AbortKind.TIMEOUT, {"timeout": 5}, 5),
        (AbortKind.WRONG_VERSION, {"wrong_version": 5}, 5),
    ],
)
def test_each_kind_counts_its_own_failures(kind: AbortKind, failures: dict[str, int], counted: int) -> None:
    assert abort_reason([Abort(kind=kind, failures=counted)], counts(0, **failures)) is not None
    assert abort_reason([Abort(kind=kind, failures=counted + 1)], counts(0, **failures)) is None


@pytest.mark.parametrize(
    ("kind", "others"),
    [
        (AbortKind.REPORTED, {"timeout": 500, "wrong_version": 500}),
        (AbortKind.TIMEOUT, {"update": 500, "wrong_version": 500}),
        (AbortKind.WRONG_VERSION, {"update": 500, "timeout": 500}),
    ],
)
def test_and_no_other_kind(kind: AbortKind, others: dict[str, int]) -> None:
    assert abort_reason([Abort(kind=kind, failures=1), Abort(kind=kind, percent=1)], counts(0, **others)) is None


def test_the_share_of_a_kind_is_of_all_devices_that_are_done() -> None:
    limit = Abort(kind=AbortKind.TIMEOUT, percent=10, after=100)
    assert abort_reason([limit], counts(50, update=40, timeout=10)) == (
        "aborted: 10 of 100 devices failed (timeout), the limit is 10 %"
    )
    assert abort_reason([limit], counts(50, update=41, timeout=9)) is None


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 200))
def test_conflicts_never_count(conflicts: int, succeeded: int, failed: int) -> None:
    limits = [FIFTH, Abort(failures=150), Abort(percent=0.5, after=7)]
    with_conflicts = counts(succeeded, update=failed, conflict=conflicts)
    assert abort_reason(limits, with_conflicts) == abort_reason(limits, counts(succeeded, update=failed))


def test_any_of_several_limits_is_enough() -> None:
    limits = [Abort(kind=AbortKind.TIMEOUT, failures=5), Abort(kind=AbortKind.WRONG_VERSION, failures=2)]
    reason = abort_reason(limits, counts(10, timeout=4, wrong_version=2))
    assert reason == "aborted: 2 of 16 devices failed (wrong_version), the limit is 2"


def test_without_limits_or_failures_it_goes_on() -> None:
    assert abort_reason([], counts(0, update=1_000)) is None
    assert abort_reason([Abort(percent=0.001)], counts(1_000)) is None
