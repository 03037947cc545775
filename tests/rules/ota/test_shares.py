"""The arithmetic of charts."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from linkops.ota.distributions import counting
from linkops.ota.distributions.model import FailureShare, Others, Share
from linkops.ota.distributions.shares import TOP, fraction, others, percent, rate
from linkops.ota.distributions.store import SourceTasks, Tasks
from linkops.ota.model import FailureKind, TaskStatus

S, K = TaskStatus, FailureKind


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(1, 11, "9.09%"), (1, 10, "10.00%"), (1, 3, "33.33%"), (2, 3, "66.67%"), (0, 0, "0.00%"), (7, 7, "100.00%")],
)
def test_shares_are_shown_with_two_decimals(part: int, whole: int, shown: str) -> None:
    assert percent(fraction(part, whole)) == shown


def test_without_an_end_there_is_no_rate() -> None:
    assert rate(0, 0) is None
    assert percent(rate(0, 0)) == ""
    assert (rate(1, 0), rate(0, 1)) == (1.0, 0.0)


@given(st.lists(st.integers(1, 10**6), max_size=12))
def test_the_top_and_the_others_come_to_all(counts: list[int]) -> None:
    devices = sum(counts)
    ordered = sorted(counts, reverse=True)
    top = [Share(str(number), count, fraction(count, devices)) for number, count in enumerate(ordered[:TOP])]
    rest = others(top, devices, len(counts))
    assert (rest is None) == (len(counts) <= TOP)
    left = rest or Others(0, 0, 0.0)
    assert sum(share.devices for share in top) + left.devices == devices
    assert len(top) + left.versions == len(counts)
    assert sum(share.share for share in top) + left.share == pytest.approx(1.0 if counts else 0.0)


def test_canceled_tasks_count_for_neither_rate() -> None:
    tasks = [
        Tasks(S.SUCCEEDED, K.NONE, 6),
        Tasks(S.FAILED, K.TIMEOUT, 1),
        Tasks(S.FAILED, K.DOWNLOAD, 1),
        Tasks(S.CANCELED, K.NONE, 90),
        Tasks(S.NOTIFIED, K.NONE, 2),
    ]
    ended = counting.ended(tasks)
    assert (ended.total, ended.canceled, ended.unfinished) == (100, 90, 2)
    assert (ended.success_rate, ended.failure_rate) == (0.75, 0.25)
    source = counting.of_source(SourceTasks("1.0", 50, 0, 0, 49), ended.total)
    assert (source.share, source.unfinished, source.success_rate) == (0.5, 1, None)


def test_reasons_stand_by_frequency_then_by_name() -> None:
    tasks = [Tasks(S.FAILED, K.VERIFY, 1), Tasks(S.FAILED, K.FLASH, 1), Tasks(S.FAILED, K.TIMEOUT, 2)]
    assert counting.failures(tasks) == [
        FailureShare(K.TIMEOUT, 2, 0.5),
        FailureShare(K.FLASH, 1, 0.25),
        FailureShare(K.VERIFY, 1, 0.25),
    ]
    assert counting.failures([]) == []
