"""What happens to a task: single rules, then random histories against a naive reading of the reference's table."""

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from linkops.ota import rollout
from linkops.ota.model import FailureKind, TaskStatus
from linkops.ota.rollout import NEXT, NO_STEP, TaskState
from linkops.ota.rollout import Event as RolloutEvent

S = TaskStatus
NOW = 1_800_000_000_000


def task(status: TaskStatus = S.NOTIFIED, *, attempt: int = 1, timeout_s: int | None = 60) -> TaskState:
    return TaskState(
        id=1,
        job_id=2,
        product_id=3,
        device_id=4,
        module="default",
        source_version="1.0",
        version="2.0",
        timeout_s=timeout_s,
        status=status,
        attempt=attempt,
        step=NO_STEP,
        description="",
    )


def test_the_table_has_a_line_for_every_status_and_ends_are_ends() -> None:
    assert set(NEXT) == {None, *TaskStatus}
    assert {status for status in TaskStatus if not NEXT[status]} == {S.SUCCEEDED, S.FAILED, S.CANCELED}


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


def test_only_an_update_in_progress_times_out() -> None:
    assert rollout.timed_out(task(S.IN_PROGRESS), NOW).failure_kind is FailureKind.TIMEOUT
    waiting = task(S.NOTIFIED)
    assert rollout.timed_out(waiting, NOW) is waiting


VERSIONS = st.sampled_from(["1.0", "1.7", "2.0"])
TEXTS = st.sampled_from(["", "a", "b"])


class OneTask(RuleBasedStateMachine):
    """One task and a naive model: a status, the last step, and whether it was ever offered."""

    def __init__(self) -> None:
        super().__init__()
        self.task = task(S.QUEUED, attempt=0)
        self.status, self.step, self.offers = "QUEUED", -1, 0
        self.first_progress_at: int | None = None
        self.now = NOW
        self.ended_as: TaskState | None = None

    def became(self, after: TaskState) -> None:
        self.now += 1_000
        if self.ended_as is not None:
            assert after is self.ended_as
        self.task = after
        if after.ended_at is not None:
            self.ended_as = after

    @property
    def over(self) -> bool:
        return self.status in ("SUCCEEDED", "FAILED", "CANCELED")

    @rule()
    def claim_a_push(self) -> None:
        if not self.over:
            self.offers, self.step = self.offers + 1, -1
            fields = {**{f: getattr(self.task, f) for f in self.task.__struct_fields__}, "attempt": self.offers}
            self.became(TaskState(**{**fields, "step": NO_STEP}))

    @rule()
    def note_its_delivery(self) -> None:
        self.became(rollout.offered(self.task, self.now))
        if self.status == "QUEUED":
            self.status = "NOTIFIED"

    @rule(step=st.integers(0, 100), text=TEXTS)
    def progress(self, step: int, text: str) -> None:
        at = self.now
        self.became(rollout.progressed(self.task, step, text, at))
        if not self.over and step >= self.step:
            if self.first_progress_at is None:
                self.first_progress_at = at
            self.status, self.step = "IN_PROGRESS", step

    @rule(step=st.integers(-4, -1))
    def fail(self, step: int) -> None:
        self.became(rollout.progressed(self.task, step, "", self.now))
        if self.status in ("NOTIFIED", "IN_PROGRESS") or (self.status == "QUEUED" and self.offers):
            self.status = "FAILED"

    @rule(version=VERSIONS)
    def report_version(self, version: str) -> None:
        self.became(rollout.version_reported(self.task, version, self.now))
        if not self.over and version == "2.0":
            self.status = "SUCCEEDED"
        elif self.status == "IN_PROGRESS" and version != "1.0":
            self.status = "FAILED"

    @rule()
    def time_out(self) -> None:
        self.became(rollout.timed_out(self.task, self.now))
        if self.status == "IN_PROGRESS":
            self.status = "FAILED"

    @rule()
    def cancel(self) -> None:
        self.became(rollout.canceled(self.task, "no more", self.now))
        if not self.over:
            self.status = "CANCELED"

    @invariant()
    def agrees(self) -> None:
        assert self.task.status == self.status
        assert (self.task.ended_at is not None) == self.over
        assert (self.task.failure_kind is not FailureKind.NONE) == (self.status == "FAILED")
        if not self.over:
            assert self.task.step == self.step
            due = None if self.first_progress_at is None else self.first_progress_at + 60_000
            assert self.task.timeout_at == due


TestOneTask = OneTask.TestCase


def test_every_event_of_the_table_is_reachable() -> None:
    used = {event for events in NEXT.values() for event in events}
    assert used == set(RolloutEvent)
