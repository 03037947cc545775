"""One device's result of a push: what counts more stays, and what comes twice changes nothing."""

from collections.abc import Callable

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from linkops.remote_config.pushes import progress
from linkops.remote_config.pushes.model import FailureKind, ResultStatus
from linkops.remote_config.pushes.progress import MAX_ATTEMPTS, NEXT, SLOT_MS, ResultState

NOW, FETCH_BY = 1_000_000, 2_000_000
RANK = {
    "PENDING": 0,
    "OFFLINE": 0,
    "SENT": 1,
    "FAILED not_fetched": 2,
    "DOWNLOADED": 3,
    "ACKNOWLEDGED": 4,
    "FAILED refused": 4,
}
"""A result never falls back to less evidence; only a link that ran out may be given anew."""

EVENTS: dict[str, Callable[[ResultState], ResultState]] = {
    "delivered": lambda result: progress.delivered(result, FETCH_BY, NOW),
    "away": lambda result: progress.not_delivered(result, NOW, online=False),
    "busy": lambda result: progress.not_delivered(result, NOW, online=True),
    "back": lambda result: progress.back(result, NOW),
    "pulled": lambda result: progress.pulled(result, 7, "7", FETCH_BY, NOW),
    "fetched": lambda result: progress.fetched(result, NOW),
    "accepted": lambda result: progress.answered(result, 200, "", NOW),
    "refused": lambda result: progress.answered(result, 400, "no", NOW),
    "silent": lambda result: progress.silent(result, FETCH_BY),
}


def result(status: ResultStatus = ResultStatus.PENDING, attempt: int = 1, **changes: object) -> ResultState:
    plain = ResultState(1, 2, 3, 1, 7, "7", status, FailureKind.NONE, attempt, claimed_at=NOW, due_at=NOW + SLOT_MS)
    return msgspec.structs.replace(plain, **changes)


def word(state: ResultState) -> str:
    return f"{state.status} {state.failure_kind}".rstrip()


@given(st.lists(st.sampled_from(sorted(EVENTS)), max_size=30))
def test_evidence_only_grows(names: list[str]) -> None:
    state = result(ResultStatus.OFFLINE, 0, claimed_at=None, due_at=None)
    for name in names:
        after = EVENTS[name](state)
        fell = RANK[word(after)] < RANK[word(state)]
        assert not fell or (word(state), word(after)) == ("FAILED not_fetched", "SENT")
        assert (after.fetch_by is None) or after.status is ResultStatus.SENT
        assert after.status is not ResultStatus.FAILED or after.failure_kind is not FailureKind.NONE
        state = after


@given(
    st.lists(st.sampled_from(sorted(EVENTS)), max_size=12),
    st.sampled_from(["fetched", "accepted", "refused", "silent"]),
)
def test_the_same_again_is_the_very_same_object(names: list[str], name: str) -> None:
    state = result()
    for each in names:
        state = EVENTS[each](state)
    once = EVENTS[name](state)
    assert EVENTS[name](once) is once


@pytest.mark.parametrize("status", [ResultStatus.ACKNOWLEDGED, ResultStatus.FAILED])
def test_what_a_device_said_is_the_end(status: ResultStatus) -> None:
    assert NEXT[status] == {}


def test_the_first_answer_counts() -> None:
    refused = progress.answered(result(ResultStatus.SENT), 400, "no", NOW)
    assert progress.answered(refused, 200, "", NOW) is refused
    taken = progress.answered(result(ResultStatus.DOWNLOADED), 200, "", NOW)
    assert progress.answered(taken, 500, "", NOW) is taken


def test_who_was_sent_nothing_cannot_answer() -> None:
    state = result(ResultStatus.OFFLINE, 0)
    assert progress.answered(state, 200, "", NOW) is state


def test_an_answer_may_overtake_the_note_that_the_push_was_published() -> None:
    taken = progress.answered(result(ResultStatus.PENDING), 200, "", NOW)
    assert taken.status is ResultStatus.ACKNOWLEDGED
    assert progress.delivered(taken, FETCH_BY, NOW) is taken


def test_a_device_that_is_back_is_told_again_a_minute_after_the_last_time() -> None:
    state = result(ResultStatus.SENT, due_at=None, fetch_by=FETCH_BY)
    assert progress.back(state, NOW).due_at == NOW + SLOT_MS
    assert progress.back(state, NOW + 5 * SLOT_MS).due_at == NOW + 5 * SLOT_MS + progress.ONLINE_GRACE_MS
    assert progress.back(msgspec.structs.replace(state, attempt=MAX_ATTEMPTS), NOW).due_at is None


def test_a_device_that_takes_nothing_is_tried_again_ever_later_and_then_waited_for() -> None:
    waits = []
    for attempt in range(1, MAX_ATTEMPTS):
        due_at = progress.not_delivered(result(attempt=attempt), NOW, online=True).due_at
        assert due_at is not None
        waits.append(due_at - NOW)
    assert waits == sorted(set(waits))
    last = progress.not_delivered(result(attempt=MAX_ATTEMPTS), NOW, online=True)
    assert (last.status, last.due_at) == (ResultStatus.OFFLINE, None)


def test_a_device_that_logged_in_during_the_push_stays_due() -> None:
    missed = progress.delivered(result(), FETCH_BY, NOW, missed=True)
    assert (missed.status, missed.due_at) == (ResultStatus.SENT, NOW + SLOT_MS)


def test_a_link_has_its_whole_time() -> None:
    state = result(ResultStatus.SENT, fetch_by=FETCH_BY)
    assert progress.silent(state, FETCH_BY - 1) is state
    assert word(progress.silent(state, FETCH_BY)) == "FAILED not_fetched"
