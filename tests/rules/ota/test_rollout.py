"""What happens to a task: single rules, then random histories against a naive reading of the reference's table."""

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from linkops.ota import rollout
from linkops.ota.model import FailureKind, TaskStatus
from linkops.ota.rollout import NEXT, NO_STEP, TaskState
from linkops.ota.rollout import Event as RolloutEvent
from linkops.ota.strategy import Retry, Strategy

S = TaskStatus
NOW = 1_800_000_000_000
PLAIN = Strategy()


def task(
    status: TaskStatus = S.NOTIFIED,
    *,
    attempt: int = 1,
    timeout_s: int | None = 60,
    strategy: Strategy = PLAIN,
    diff: bool = False,
) -> TaskState:
    return TaskState(
        id=1,
        job_id=2,
        product_id=3,
        device_id=4,
        module="default",
        source_version="1.0",
        version="2.0",
        diff=diff,
        strategy=strategy,
        timeout_s=timeout_s,
        status=status,
        attempt=attempt,
        step=NO_STEP,
        description="",
    )


def test_the_table_has_a_line_for_every_status_and_ends_are_ends() -> None:
    assert set(NEXT) == {None, *TaskStatus}
    assert {status for status in TaskStatus if not NEXT[status]} == {S.SUCCEEDED}
    again = {RolloutEvent.REOPENED, RolloutEvent.REOPENED_UNCONFIRMED}
    assert set(NEXT[S.FAILED]) == set(NEXT[S.CANCELED]) == again


@pytest.mark.parametrize("status", [S.QUEUED, S.NOTIFIED, S.IN_PROGRESS])
def test_the_target_version_succeeds_without_any_progress(status: TaskStatus) -> None:
    after = rollout.version_reported(task(status), "2.0", NOW)
    assert (after.status, after.ended_at, after.timeout_at, after.description) == (S.SUCCEEDED, NOW, None, "success")


def test_a_hundred_percent_is_not_success() -> None:
    after = rollout.progressed(task(), 100, "done", NOW)
    assert (after.status, after.step, after.ended_at) == (S.IN_PROGRESS, 100, None)


@pytest.mark.parametrize(
    ("step", "kind"),
    [(-1, FailureKind.UPDATE), (-2, FailureKind.DOWNLOAD), (-3, FailureKind.VERIFY), (-4, FailureKind.FLASH)],
)
def test_a_failed_step_says_which_and_keeps_the_devices_words(step: int, kind: FailureKind) -> None:
    after = rollout.progressed(task(), step, "disk full", NOW)
    assert (after.status, after.failure_kind, after.description) == (S.FAILED, kind, "disk full")
    assert rollout.progressed(task(), step, "", NOW).description == f"{kind} failed"


def test_another_version_fails_an_update_in_progress_and_no_other() -> None:
    waiting = task(S.NOTIFIED)
    assert rollout.version_reported(waiting, "1.7", NOW) is waiting
    failed = rollout.version_reported(task(S.IN_PROGRESS), "1.7", NOW)
    assert (failed.failure_kind, failed.description) == (FailureKind.WRONG_VERSION, "report version is not conform")


def test_the_source_version_only_says_that_the_device_restarted() -> None:
    running = task(S.IN_PROGRESS)
    assert rollout.version_reported(running, "1.0", NOW) is running


def test_the_clock_of_the_time_out_starts_once() -> None:
    running = rollout.progressed(task(), 0, "", NOW)
    assert (running.progress_at, running.timeout_at) == (NOW, NOW + 60_000)
    later = rollout.progressed(running, 40, "", NOW + 30_000)
    assert (later.progress_at, later.timeout_at) == (NOW, NOW + 60_000)
    assert rollout.progressed(task(timeout_s=None), 0, "", NOW).timeout_at is None


def test_lower_and_repeated_progress_is_old_news() -> None:
    running = rollout.progressed(task(), 50, "half", NOW)
    assert rollout.progressed(running, 49, "late", NOW) is running
    assert rollout.progressed(running, 50, "half", NOW) is running
    assert rollout.progressed(running, 50, "still half", NOW).description == "still half"


def test_a_failure_that_overtakes_the_note_of_its_push_counts() -> None:
    claimed = task(S.QUEUED, attempt=1)
    assert rollout.progressed(claimed, -2, "", NOW).status is S.FAILED
    never_offered = task(S.QUEUED, attempt=0)
    assert rollout.progressed(never_offered, -2, "", NOW) is never_offered


def test_a_device_times_out_when_it_is_updating_or_silent_and_not_before_it_was_told() -> None:
    late = rollout.timed_out(task(S.IN_PROGRESS), NOW)
    assert (late.failure_kind, late.description) == (FailureKind.TIMEOUT, "timeout")
    silent = rollout.timed_out(task(S.NOTIFIED), NOW)
    assert (silent.failure_kind, silent.description) == (FailureKind.TIMEOUT, "timeout: no progress was reported")
    waiting = task(S.QUEUED)
    assert rollout.timed_out(waiting, NOW) is waiting


def test_silence_counts_from_the_first_offer_and_ends_with_the_first_progress() -> None:
    told = rollout.offered(task(S.QUEUED, strategy=Strategy(notify_timeout_s=600)), NOW)
    assert told.timeout_at == NOW + 600_000
    assert rollout.offered(told, NOW + 1_000) is told
    assert rollout.progressed(told, 1, "", NOW + 2_000).timeout_at == NOW + 62_000


def test_a_task_that_waits_for_confirmation_is_told_to_nobody() -> None:
    waiting = task(S.CONFIRM, attempt=0)
    assert rollout.offered(waiting, NOW) is waiting
    assert rollout.progressed(waiting, 5, "", NOW) is waiting
    confirmed = rollout.confirmed(waiting, NOW)
    assert (confirmed.status, confirmed.push_at) == (S.QUEUED, NOW)
    assert rollout.confirmed(confirmed, NOW) is confirmed
    assert rollout.version_reported(waiting, "2.0", NOW).status is S.SUCCEEDED


def test_a_device_that_left_the_source_version_of_a_diff_fails_before_it_begins() -> None:
    for status in (S.CONFIRM, S.QUEUED, S.NOTIFIED):
        after = rollout.version_reported(task(status, diff=True), "1.7", NOW)
        assert (after.status, after.failure_kind) == (S.FAILED, FailureKind.WRONG_VERSION)


RETRY = Strategy(retry=Retry(interval_s=600, count=2))


def test_a_failure_is_retried_after_the_interval_and_the_same_report_again_changes_nothing() -> None:
    failed = rollout.progressed(task(S.IN_PROGRESS, strategy=RETRY), -2, "no route", NOW)
    assert (failed.status, failed.retries, failed.description, failed.ended_at) == (S.IN_PROGRESS, 1, "no route", None)
    assert failed.retry_at is not None
    assert NOW + 600_000 <= failed.retry_at <= NOW + 660_000
    assert failed.push_at == failed.retry_at
    for step in (-2, -1, 50):
        assert rollout.progressed(failed, step, "", NOW) is failed


def test_retries_end_and_a_success_ends_them() -> None:
    last = msgspec.structs.replace(task(S.NOTIFIED, strategy=RETRY), retries=2)
    assert rollout.progressed(last, -1, "", NOW).status is S.FAILED
    failed = rollout.progressed(task(S.NOTIFIED, strategy=RETRY), -1, "", NOW)
    assert failed.status is S.NOTIFIED
    done = rollout.version_reported(failed, "2.0", NOW)
    assert (done.status, done.retry_at) == (S.SUCCEEDED, None)


def test_a_time_out_is_retried_only_where_that_was_asked_for() -> None:
    updating = msgspec.structs.replace(task(S.IN_PROGRESS, strategy=RETRY), progress_at=NOW - 60_000, timeout_at=NOW)
    assert rollout.timed_out(updating, NOW).status is S.FAILED
    patient = Strategy(retry=Retry(interval_s=60, count=1, timeouts=True))
    again = rollout.timed_out(msgspec.structs.replace(updating, strategy=patient), NOW)
    assert (again.status, again.retries, again.progress_at, again.timeout_at) == (S.IN_PROGRESS, 1, None, None)
    offered = rollout.offered(msgspec.structs.replace(again, retry_at=None), NOW + 60_000)
    assert offered.timeout_at == NOW + 120_000


def test_a_wrong_version_is_retried_and_a_cancel_is_not() -> None:
    updating = task(S.IN_PROGRESS, strategy=RETRY)
    strayed = rollout.version_reported(updating, "1.7", NOW)
    assert strayed.retries == 1
    assert rollout.version_reported(strayed, "1.7", NOW) is strayed
    assert rollout.canceled(updating, "", NOW).status is S.CANCELED


@pytest.mark.parametrize("status", [S.FAILED, S.CANCELED])
def test_an_update_is_begun_again_as_if_it_was_new(status: TaskStatus) -> None:
    ended = msgspec.structs.replace(
        task(status), retries=2, ended_at=NOW, progress_at=NOW, notified_at=NOW, failure_kind=FailureKind.DOWNLOAD
    )
    again = rollout.reopened(ended, NOW + 5)
    assert (again.status, again.push_at, again.retries, again.step) == (S.QUEUED, NOW + 5, 0, NO_STEP)
    assert (again.ended_at, again.progress_at, again.failure_kind) == (None, None, FailureKind.NONE)
    unconfirmed = msgspec.structs.replace(ended, strategy=Strategy(need_confirm=True))
    assert (rollout.reopened(unconfirmed, NOW).status, rollout.reopened(unconfirmed, NOW).push_at) == (S.CONFIRM, None)
    done = task(S.SUCCEEDED)
    assert rollout.reopened(done, NOW) is done


VERSIONS = st.sampled_from(["1.0", "1.7", "2.0"])
TEXTS = st.sampled_from(["", "a", "b"])
MOST_RETRIES = 2


class OneTask(RuleBasedStateMachine):
    """One task and a naive model: a status, the last step, offers and retries, and two clocks."""

    @initialize(retries=st.booleans(), silent=st.booleans(), confirm=st.booleans())
    def begin(self, retries: bool, silent: bool, confirm: bool) -> None:  # noqa: FBT001 - drawn
        strategy = Strategy(
            retry=Retry(interval_s=60, count=MOST_RETRIES) if retries else None,
            notify_timeout_s=600 if silent else None,
            need_confirm=confirm,
        )
        self.retries_left, self.silent_ms = (MOST_RETRIES if retries else 0), (600_000 if silent else None)
        self.most_retries, self.confirm = self.retries_left, confirm
        self.task = task(S.CONFIRM if confirm else S.QUEUED, attempt=0, strategy=strategy)
        self.status, self.step, self.offers = str(self.task.status), -1, 0
        self.waits = False  # for the next offer, after a failure
        self.first_progress_at: int | None = None
        self.told_at: int | None = None
        self.now = NOW

    def became(self, after: TaskState) -> None:
        self.now += 1_000
        if self.over:
            assert after is self.task
        self.task = after

    @property
    def over(self) -> bool:
        return self.status in ("SUCCEEDED", "FAILED", "CANCELED")

    @property
    def told(self) -> bool:
        return self.status in ("NOTIFIED", "IN_PROGRESS")

    def failed(self) -> None:
        if self.retries_left:
            self.retries_left, self.waits, self.step = self.retries_left - 1, True, -1
            self.told_at = None
        else:
            self.status = "FAILED"

    @rule()
    def claim_a_push(self) -> None:
        if not self.over and self.status != "CONFIRM":
            self.offers, self.step, self.waits = self.offers + 1, -1, False
            self.became(msgspec.structs.replace(self.task, attempt=self.offers, step=NO_STEP, retry_at=None))

    @rule()
    def note_its_delivery(self) -> None:
        at = self.now
        self.became(rollout.offered(self.task, at))
        if self.status == "QUEUED":
            self.status = "NOTIFIED"
        if self.told and self.told_at is None:
            self.told_at = at

    @rule()
    def confirm_it(self) -> None:
        self.became(rollout.confirmed(self.task, self.now))
        if self.status == "CONFIRM":
            self.status = "QUEUED"

    @rule(step=st.integers(0, 100), text=TEXTS)
    def progress(self, step: int, text: str) -> None:
        at = self.now
        self.became(rollout.progressed(self.task, step, text, at))
        if (self.told or self.status == "QUEUED") and step >= self.step and not self.waits:
            if self.first_progress_at is None:
                self.first_progress_at = at
            self.status, self.step = "IN_PROGRESS", step

    @rule(step=st.integers(-4, -1), times=st.integers(1, 3))
    def fail(self, step: int, times: int) -> None:
        heard = not self.waits and (self.told or (self.status == "QUEUED" and self.offers))
        for _ in range(times):
            self.became(rollout.progressed(self.task, step, "", self.now))
            if heard and self.status == "QUEUED":
                self.status = "NOTIFIED"
            if heard:
                self.failed()
            heard = False

    @rule(version=VERSIONS)
    def report_version(self, version: str) -> None:
        self.became(rollout.version_reported(self.task, version, self.now))
        if not self.over and version == "2.0":
            self.status = "SUCCEEDED"
        elif self.status == "IN_PROGRESS" and version != "1.0" and not self.waits:
            self.failed()

    @precondition(lambda self: self.task.timeout_at is not None)
    @rule()
    def time_out(self) -> None:
        self.became(rollout.timed_out(self.task, self.now))
        self.status = "FAILED"

    @rule()
    def cancel(self) -> None:
        self.became(rollout.canceled(self.task, "no more", self.now))
        if not self.over:
            self.status = "CANCELED"

    @precondition(lambda self: self.status in ("FAILED", "CANCELED"))
    @rule()
    def update_again(self) -> None:
        self.task = rollout.reopened(self.task, self.now)
        self.status = "CONFIRM" if self.confirm else "QUEUED"
        self.step, self.retries_left, self.waits = -1, self.most_retries, self.offers > 0
        self.first_progress_at = self.told_at = None

    @invariant()
    def agrees(self) -> None:
        assert self.task.status == self.status
        assert (self.task.ended_at is not None) == self.over
        assert (self.task.failure_kind is not FailureKind.NONE) == (self.status == "FAILED")
        if not self.over:
            assert (self.task.step, self.task.retry_at is not None) == (self.step, self.waits)
            assert self.task.retries == self.most_retries - self.retries_left

    @invariant()
    def clocks_agree(self) -> None:
        if self.over:
            assert self.task.timeout_at is None
        elif self.first_progress_at is not None:
            assert self.task.timeout_at == self.first_progress_at + 60_000
        elif self.told_at is not None and self.silent_ms is not None:
            assert self.task.timeout_at == self.told_at + self.silent_ms


TestOneTask = OneTask.TestCase
