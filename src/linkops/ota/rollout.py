"""What happens to one device's task: the whole state machine is `NEXT` (docs/ota-task-states.md is drawn from it).

Every function takes the task as it is and returns the task as it is afterwards: the very same object when the event
changes nothing, as with a repeated or late report. Only a version report ends an update well: 100 percent does not.
"""

from enum import Enum

import msgspec

from linkops.ota import retrying
from linkops.ota.model import FailureKind, TaskStatus
from linkops.ota.strategy import Strategy

CONFIRM, QUEUED = TaskStatus.CONFIRM, TaskStatus.QUEUED
NOTIFIED, IN_PROGRESS = TaskStatus.NOTIFIED, TaskStatus.IN_PROGRESS
SUCCEEDED, FAILED, CANCELED = TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELED

NO_STEP = -1
"""Stored while no progress came since the last offer."""

ONLINE_GRACE_MS = 2_000
"""A device that came online has this long to report its version, which may end the task, before it is pushed again."""


class Event(Enum):
    """What can happen to a task, in the words of the diagram."""

    SELECTED = "device selected"
    SELECTED_UNCONFIRMED = "device selected, confirmation needed"
    CONFLICTED = "another update of the device is not finished"
    CONFIRMED = "confirmed"
    OFFERED = "push delivered, or pull answered"
    PROGRESSED = "progress 0 to 100"
    STEP_FAILED = "progress -1 to -4"
    REACHED_TARGET = "reported the target version"
    STRAYED = "reported neither source nor target version"
    LEFT_SOURCE = "no longer on the source version of a differential package"
    SILENT = "no progress within the time after the first offer"
    TIMED_OUT = "time-out since the first progress"
    RETRIED = "failed, and a retry is left"
    CANCELED = "canceled, or overwritten by a newer job"
    REOPENED = "updated again by an operator"
    REOPENED_UNCONFIRMED = "updated again, confirmation needed"


NEXT: dict[TaskStatus | None, dict[Event, TaskStatus]] = {
    None: {Event.SELECTED: QUEUED, Event.SELECTED_UNCONFIRMED: CONFIRM, Event.CONFLICTED: FAILED},
    CONFIRM: {
        Event.CONFIRMED: QUEUED,
        Event.REACHED_TARGET: SUCCEEDED,
        Event.LEFT_SOURCE: FAILED,
        Event.CANCELED: CANCELED,
    },
    QUEUED: {
        Event.OFFERED: NOTIFIED,
        Event.PROGRESSED: IN_PROGRESS,
        Event.REACHED_TARGET: SUCCEEDED,
        Event.LEFT_SOURCE: FAILED,
        Event.CANCELED: CANCELED,
    },
    NOTIFIED: {
        Event.OFFERED: NOTIFIED,
        Event.PROGRESSED: IN_PROGRESS,
        Event.STEP_FAILED: FAILED,
        Event.REACHED_TARGET: SUCCEEDED,
        Event.LEFT_SOURCE: FAILED,
        Event.SILENT: FAILED,
        Event.RETRIED: NOTIFIED,
        Event.CANCELED: CANCELED,
    },
    IN_PROGRESS: {
        Event.OFFERED: IN_PROGRESS,
        Event.PROGRESSED: IN_PROGRESS,
        Event.STEP_FAILED: FAILED,
        Event.REACHED_TARGET: SUCCEEDED,
        Event.STRAYED: FAILED,
        Event.TIMED_OUT: FAILED,
        Event.RETRIED: IN_PROGRESS,
        Event.CANCELED: CANCELED,
    },
    SUCCEEDED: {},
    FAILED: {Event.REOPENED: QUEUED, Event.REOPENED_UNCONFIRMED: CONFIRM},
    CANCELED: {Event.REOPENED: QUEUED, Event.REOPENED_UNCONFIRMED: CONFIRM},
}
"""The status after each event; an event that is missing changes nothing."""

_STEP_FAILURES = {
    -1: FailureKind.UPDATE,
    -2: FailureKind.DOWNLOAD,
    -3: FailureKind.VERIFY,
    -4: FailureKind.FLASH,
}
_SUCCESS_TEXT = "success"
_STRAYED_TEXT = "report version is not conform"
_LEFT_SOURCE_TEXT = "the device no longer runs the source version"
_TIMEOUT_TEXT = "timeout"
_SILENT_TEXT = "timeout: no progress was reported"
CONFLICT_TEXT = "another update of this device is not finished"


class TaskState(msgspec.Struct, frozen=True, gc=False):
    """What the rules need to know of a task.

    Attributes:
        version: the target.
        diff: whether only the source version can be updated.
        strategy: of its job.
        timeout_s: of its job when the task was made; None: never.
        attempt: offers so far. It is counted before a push is published, so that a QUEUED task may have one.
        step: last progress since the last offer, or `NO_STEP`.
        retries: automatic ones so far.
        retry_at: the attempt failed and the next is due then; until it is offered, the device is not listened to.
        progress_at: of the first progress; the time-out counts from here.
        timeout_at: when the task ends unless something comes.
        push_at: set by a rule after which the task is to be pushed: when. Not how it is stored.
    """

    id: int
    job_id: int
    product_id: int
    device_id: int
    module: str
    source_version: str
    version: str
    diff: bool
    strategy: Strategy
    timeout_s: int | None
    status: TaskStatus
    attempt: int
    step: int
    description: str
    failure_kind: FailureKind = FailureKind.NONE
    retries: int = 0
    retry_at: int | None = None
    notified_at: int | None = None
    progress_at: int | None = None
    timeout_at: int | None = None
    ended_at: int | None = None
    push_at: int | None = None


def first_status(*, need_confirm: bool, conflicted: bool) -> TaskStatus:
    """Return the status of a task that is made now."""
    if conflicted:
        return NEXT[None][Event.CONFLICTED]
    return NEXT[None][Event.SELECTED_UNCONFIRMED if need_confirm else Event.SELECTED]


def confirmed(task: TaskState, at: int) -> TaskState:
    """Return the task after somebody confirmed it."""
    after = NEXT[task.status].get(Event.CONFIRMED)
    return task if after is None else msgspec.structs.replace(task, status=after, push_at=_push_at(task, at))


def progressed(task: TaskState, step: int, text: str, at: int) -> TaskState:
    """Return the task after a progress report; a step lower than the last one since the last offer is old news."""
    if task.retry_at is not None:
        return task
    if step < 0:
        return _step_failed(task, step, text, at)
    after = NEXT[task.status].get(Event.PROGRESSED)
    if after is None or step < task.step or (step == task.step and text == task.description):
        return task
    started_at = at if task.progress_at is None else task.progress_at
    return msgspec.structs.replace(
        task,
        status=after,
        step=step,
        description=text,
        notified_at=at if task.notified_at is None else task.notified_at,
        progress_at=started_at,
        timeout_at=None if task.timeout_s is None else started_at + task.timeout_s * 1_000,
    )


def _step_failed(task: TaskState, step: int, text: str, at: int) -> TaskState:
    if task.status is QUEUED and task.attempt:
        # The answer has overtaken the note that its push was delivered.
        task = offered(task, at)
    kind = _STEP_FAILURES[step]
    return _failed(task, Event.STEP_FAILED, text or f"{kind} failed", at, kind)


def version_reported(task: TaskState, version: str, at: int) -> TaskState:
    """Return the task after its device said which version of the module it runs."""
    if version == task.version:
        return _ended(task, Event.REACHED_TARGET, _SUCCESS_TEXT, at)
    if version == task.source_version:
        return task
    if task.status is IN_PROGRESS:
        if task.retry_at is not None:
            return task
        return _failed(task, Event.STRAYED, _STRAYED_TEXT, at, FailureKind.WRONG_VERSION)
    return _ended(task, Event.LEFT_SOURCE, _LEFT_SOURCE_TEXT, at, FailureKind.WRONG_VERSION) if task.diff else task


def offered(task: TaskState, at: int) -> TaskState:
    """Return the task after a push reached a live connection, or a pull was answered."""
    after = NEXT[task.status].get(Event.OFFERED)
    if after is None:
        return task
    timeout_at = task.timeout_at if task.timeout_at is not None else _silent_at(task, at)
    notified_at = at if task.notified_at is None else task.notified_at
    if (after, timeout_at, notified_at) == (task.status, task.timeout_at, task.notified_at):
        return task
    return msgspec.structs.replace(task, status=after, notified_at=notified_at, timeout_at=timeout_at)


def _silent_at(task: TaskState, at: int) -> int | None:
    """Return when the silence after an offer ends the task; later offers do not put it off."""
    if task.progress_at is not None:
        return None
    limit_s = task.strategy.notify_timeout_s
    if limit_s is None and task.status is IN_PROGRESS:
        limit_s = task.timeout_s  # it is being retried after a time-out, and must not wait for ever
    return None if limit_s is None else at + limit_s * 1_000


def timed_out(task: TaskState, at: int) -> TaskState:
    """Return the task after the time in ``timeout_at``."""
    event, text = (Event.SILENT, _SILENT_TEXT) if task.status is NOTIFIED else (Event.TIMED_OUT, _TIMEOUT_TEXT)
    return _failed(task, event, text, at, FailureKind.TIMEOUT)


def canceled(task: TaskState, reason: str, at: int) -> TaskState:
    """Return the task after it was canceled."""
    return _ended(task, Event.CANCELED, reason, at)


def reopened(task: TaskState, at: int) -> TaskState:
    """Return the task after an operator asked for the update once more: as if it were new."""
    event = Event.REOPENED_UNCONFIRMED if task.strategy.need_confirm else Event.REOPENED
    after = NEXT[task.status].get(event)
    if after is None:
        return task
    return msgspec.structs.replace(
        task,
        status=after,
        step=NO_STEP,
        description="",
        failure_kind=FailureKind.NONE,
        retries=0,
        # What the device still says about the last attempt is not about this one.
        retry_at=at if task.attempt else None,
        notified_at=None,
        progress_at=None,
        timeout_at=None,
        ended_at=None,
        push_at=_push_at(task, at) if after is QUEUED else None,
    )


def _push_at(task: TaskState, at: int) -> int | None:
    return at if task.strategy.need_push else None


def _failed(task: TaskState, event: Event, text: str, at: int, kind: FailureKind) -> TaskState:
    if event not in NEXT[task.status]:
        return task
    due_at = retrying.retry_at(task.strategy.retry, kind, task.retries, task.id, at)
    if due_at is None:
        return _ended(task, event, text, at, kind)
    # Retries happen inside the time that a device has, unless that time itself is what is retried.
    clock_stops = kind is FailureKind.TIMEOUT or task.progress_at is None
    return msgspec.structs.replace(
        task,
        status=NEXT[task.status][Event.RETRIED],
        step=NO_STEP,
        description=text,
        retries=task.retries + 1,
        retry_at=due_at,
        push_at=_push_at(task, due_at),
        progress_at=None if clock_stops else task.progress_at,
        timeout_at=None if clock_stops else task.timeout_at,
    )


def _ended(task: TaskState, event: Event, text: str, at: int, kind: FailureKind = FailureKind.NONE) -> TaskState:
    after = NEXT[task.status].get(event)
    if after is None:
        return task
    return msgspec.structs.replace(
        task, status=after, description=text, failure_kind=kind, retry_at=None, timeout_at=None, ended_at=at
    )
