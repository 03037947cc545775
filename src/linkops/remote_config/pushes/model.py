"""What a push is. Times are Unix milliseconds."""

from enum import StrEnum

import msgspec

MAX_DEVICES = 200
"""Devices that a push may name one by one."""


class Target(StrEnum):
    """Whom a push is for."""

    PRODUCT = "PRODUCT"
    GROUP = "GROUP"
    DEVICES = "DEVICES"


class PushStatus(StrEnum):
    """How far a push is."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


class Hold(StrEnum):
    """What keeps a push that is in progress from reaching further devices; `NONE`: nothing."""

    NONE = ""
    STAGE = "stage"
    GATE = "gate"


class StopReason(StrEnum):
    """Why a push was canceled, or its devices that were away are not waited for any more."""

    NONE = ""
    OPERATOR = "canceled"
    SWITCHED_OFF = "switched_off"
    NEWER_DOCUMENT = "newer_document"
    NEWER_PUSH = "newer_push"
    FAILURES = "failures"


class ResultStatus(StrEnum):
    """What became of a push for one device."""

    PENDING = "PENDING"
    OFFLINE = "OFFLINE"
    SENT = "SENT"
    DOWNLOADED = "DOWNLOADED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    FAILED = "FAILED"


class FailureKind(StrEnum):
    """Why a result is FAILED; `NONE`: it is not."""

    NONE = ""
    REFUSED = "refused"
    NOT_FETCHED = "not_fetched"
    NO_DOCUMENT = "no_document"


SUCCEEDED = frozenset({ResultStatus.DOWNLOADED, ResultStatus.ACKNOWLEDGED})


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a push that comes before the rest.

    Attributes:
        percent: of all devices of the push, that are reached by its end.
        success_percent: the next stage begins by itself when so many of those reached succeeded; None: when somebody
            says so.
        wait_s: the next stage begins by itself no sooner after the last device of this one was reached.
    """

    percent: float
    success_percent: float | None = None
    wait_s: int = 0


class FailureLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a push stops by itself: ``percent`` of the devices with a result failed, and at least ``least`` have one."""

    percent: float
    least: int = 1


class Strategy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a push goes about it; without stages all devices are reached at once."""

    stages: tuple[Stage, ...] = ()
    stop_at: FailureLimit | None = None


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """A push.

    Attributes:
        version: number of the product's document that is pushed.
        revision: id of the newest version of all documents of the product when it began.
        group_id: of a push to a group; its name is kept as it was.
        total: devices; grows until ``filled_at``.
        offered: devices that were reached at least once.
        stage: that is being reached, from 0; as many as there are stages once the rest is; None before, and without.
        closed_at: since when devices that were away are not waited for any more.
    """

    id: int
    product_id: int
    product_key: str
    version: int
    revision: int
    target: Target
    group_id: int | None
    group_name: str
    strategy: Strategy
    status: PushStatus
    hold: Hold
    stop_reason: StopReason
    stage: int | None
    total: int
    offered: int
    created_by: str
    created_at: int
    updated_at: int
    filled_at: int | None
    ended_at: int | None
    closed_at: int | None
    counts: dict[ResultStatus, int]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a push for one device.

    Attributes:
        device_name: '' of a device that is deleted.
        config_id: of what was sent last; '' if nothing was yet. A push may find newer documents of single devices.
        attempt: how often it was sent.
        code: of the device's answer; None: it gave none.
        message: what the device said beside it.
    """

    push_id: int
    device_id: int
    device_name: str
    status: ResultStatus
    failure_kind: FailureKind
    config_id: str
    attempt: int
    code: int | None
    message: str
    created_at: int
    updated_at: int
    sent_at: int | None
    downloaded_at: int | None
    answered_at: int | None
