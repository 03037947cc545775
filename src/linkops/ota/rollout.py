"""What happens to one device's task: the whole state machine is `NEXT` (docs/ota-task-states.md is drawn from it).

Every function takes the task as it is and returns the task as it is afterwards: the very same object when the event
changes nothing, as with a repeated or late report. Only a version report ends an update well: 100 percent does not.
"""

from enum import Enum

import msgspec

from linkops.ota.model import FailureKind, TaskStatus

QUEUED, NOTIFIED, IN_PROGRESS = TaskStatus.QUEUED, TaskStatus.NOTIFIED, TaskStatus.IN_PROGRESS
SUCCEEDED, FAILED, CANCELED = TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELED

NO_STEP = -1
"""Stored while no progress came since the last offer."""

ONLINE_GRACE_MS = 2_000
"""A device that came online has this long to report its version, which may end the task, before it is pushed again."""


class Event(Enum):
    """What can happen to a task, in the words of the diagram."""

    SELECTED = "device selected"
    CONFLICTED = "another update of the device is not finished"
    OFFERED = "push delivered, or pull answered"
    PROGRESSED = "progress 0 to 100"
    STEP_FAILED = "progress -1 to -4"
    REACHED_TARGET = "reported the target version"
    STRAYED = "reported neither source nor target version"
    TIMED_OUT = "time-out since the first progress"
    CANCELED = "canceled by an operator"


NEXT: dict[TaskStatus | None, dict[Event, TaskStatus]] = {
    None: {Event.SELECTED: QUEUED, Event.CONFLICTED: FAILED},
    QUEUED: {
        Event.OFFERED: NOTIFIED,
        Event.PROGRESSED: IN_PROGRESS,
        Event.REACHED_TARGET: SUCCEEDED,
        Event.CANCELED: CANCELED,
    },
    NOTIFIED: {
        Event.OFFERED: NOTIFIED,
        Event.PROGRESSED: IN_PROGRESS,
        Event.STEP_FAILED: FAILED,
        Event.REACHED_TARGET: SUCCEEDED,
        Event.CANCELED: CANCELED,
    },
    IN_PROGRESS: {
        Event.OFFERED: IN_PROGRESS,
        Event.PROGRESSED: IN_PROGRESS,
        Event.STEP_FAILED: FAILED,
        Event.REACHED_TARGET: SUCCEEDED,
        Event.STRAYED: FAILED,
        Event.TIMED_OUT: FAILED,
        Event.CANCELED: CANCELED,
    },
    SUCCEEDED: {},
    FAILED: {},
    CANCELED: {},
}
"""The status after each event; an event that is missing changes nothing."""

SELECTED = NEXT[None][Event.SELECTED]
CONFLICTED = NEXT[None][Event.CONFLICTED]
"""The first status of a task: it is made inside the database, a thousand devices at a time."""

_STEP_FAILURES = {
    -1: FailureKind.UPDATE,
    -2: FailureKind.DOWNLOAD,
    -3: FailureKind.VERIFY,
    -4: FailureKind.FLASH,
}
_SUCCESS_TEXT = "success"
_STRAYED_TEXT = "report version is not conform"
_TIMEOUT_TEXT = "timeout"
CONFLICT_TEXT = "another update of this device is not finished"


class TaskState(msgspec.Struct, frozen=True, gc=False):
    """What the rules need to know of a task.

    Attributes:
        version: the target.
        timeout_s: None: never.
        attempt: offers so far. It is counted before a push is published, so that a QUEUED task may have one.
        step: last progress since the last offer, or `NO_STEP`.
        progress_at: of the first progress ever; the time-out counts from here.
    """

    id: int
    job_id: int
    product_id: int
    device_id: int
    module: str
    source_version: str
    version: str
    timeout_s: int | None
    status: TaskStatus
    attempt: int
    step: int
    description: str
    failure_kind: FailureKind = FailureKind.NONE
    notified_at: int | None = None
    progress_at: int | None = None
    timeout_at: int | None = None
    ended_at: int | None = None


def progressed(task: TaskState, step: int, text: str, at: int) -> TaskState:
    """Return the task after a progress report; a step lower than the last one since the last offer is old news."""
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
    return _ended(task, Event.STEP_FAILED, text or f"{kind} failed", at, kind)


def version_reported(task: TaskState, version: str, at: int) -> TaskState:
    """Return the task after its device said which version of the module it runs."""
    if version == task.version:
        return _ended(task, Event.REACHED_TARGET, _SUCCESS_TEXT, at)
    if version == task.source_version:
        return task
    return _ended(task, Event.STRAYED, _STRAYED_TEXT, at, FailureKind.WRONG_VERSION)


def offered(task: TaskState, at: int) -> TaskState:
    """Return the task after a push reached a live connection, or a pull was answered."""
    after = NEXT[task.status].get(Event.OFFERED, task.status)
    return task if after is task.status else msgspec.structs.replace(task, status=after, notified_at=at)


def timed_out(task: TaskState, at: int) -> TaskState:
    """Return the task after its time-out."""
    return _ended(task, Event.TIMED_OUT, _TIMEOUT_TEXT, at, FailureKind.TIMEOUT)


def canceled(task: TaskState, reason: str, at: int) -> TaskState:
    """Return the task after it was canceled."""
    return _ended(task, Event.CANCELED, reason, at)


def _ended(task: TaskState, event: Event, text: str, at: int, kind: FailureKind = FailureKind.NONE) -> TaskState:
    after = NEXT[task.status].get(event)
    if after is None:
        return task
    return msgspec.structs.replace(
        task, status=after, description=text, failure_kind=kind, timeout_at=None, ended_at=at
    )
