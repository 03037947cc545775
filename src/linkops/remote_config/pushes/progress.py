"""What happens to one device's result of a push (docs/protocol/remote-config.md#results): the state machine is `NEXT`.

Every function takes the result as it is and returns it as it is afterwards: the very same object when the event changes
nothing, as with a repeated or late message. What a device says counts more than what it fetched, and that more than
what it was sent, since C SDKs answer no push.
"""

from enum import Enum

import msgspec

from linkops.alink.messages import OK
from linkops.remote_config.pushes.model import FailureKind, ResultStatus

PENDING, OFFLINE, SENT = ResultStatus.PENDING, ResultStatus.OFFLINE, ResultStatus.SENT
DOWNLOADED, ACKNOWLEDGED, FAILED = ResultStatus.DOWNLOADED, ResultStatus.ACKNOWLEDGED, ResultStatus.FAILED

SLOT_MS = 60_000
"""A push that nobody recorded as published, since the server was killed meanwhile, is made again after so long."""
RETRY_MS = 1_000
"""A device that is online but was not reached is tried again after so long, longer each time."""
ONLINE_GRACE_MS = 1_000
"""A device that came online has this long to set itself up before it is pushed to."""
MAX_ATTEMPTS = 10
"""A device that comes and goes is not told for ever."""


class Event(Enum):
    """What can happen to a result, in the words of the diagram."""

    DELIVERED = "push written to a live connection, or pull answered"
    AWAY = "device is offline"
    BACK = "device came online"
    FETCHED = "last byte of the content sent"
    ACCEPTED = "answered with code 200"
    REFUSED = "answered with another code"
    NOT_FETCHED = "link ran out"
    NOTHING_APPLIES = "no document applies to the device"


NEXT: dict[ResultStatus, dict[Event, ResultStatus]] = {
    PENDING: {
        Event.DELIVERED: SENT,
        Event.AWAY: OFFLINE,
        Event.FETCHED: DOWNLOADED,
        Event.ACCEPTED: ACKNOWLEDGED,
        Event.REFUSED: FAILED,
        Event.NOTHING_APPLIES: FAILED,
    },
    OFFLINE: {
        Event.DELIVERED: SENT,
        Event.BACK: PENDING,
        Event.FETCHED: DOWNLOADED,
        Event.ACCEPTED: ACKNOWLEDGED,
        Event.REFUSED: FAILED,
    },
    SENT: {
        Event.DELIVERED: SENT,
        Event.BACK: SENT,
        Event.FETCHED: DOWNLOADED,
        Event.ACCEPTED: ACKNOWLEDGED,
        Event.REFUSED: FAILED,
        Event.NOT_FETCHED: FAILED,
    },
    DOWNLOADED: {Event.ACCEPTED: ACKNOWLEDGED, Event.REFUSED: FAILED},
    ACKNOWLEDGED: {},
    FAILED: {},
}
"""The status after each event; an event that is missing changes nothing."""

NEXT_AFTER_SILENCE: dict[Event, ResultStatus] = {
    Event.DELIVERED: SENT,
    Event.BACK: FAILED,
    Event.FETCHED: DOWNLOADED,
    Event.ACCEPTED: ACKNOWLEDGED,
    Event.REFUSED: FAILED,
}
"""The same for a FAILED result whose device had only not fetched the content: it may not have heard of it."""


class ResultState(msgspec.Struct, frozen=True, gc=False):
    """What the rules need to know of a result.

    Attributes:
        version: number of the product's document that its push is about.
        content_id: of what was sent last; 0: nothing yet.
        attempt: sendings so far. It is counted before a push is published, so that a PENDING result may have one.
        due_at: it is to be pushed then; None: it waits for the device, or for nothing.
        fetch_by: when the link runs out; None: nothing is waited for.
    """

    push_id: int
    device_id: int
    product_id: int
    version: int
    content_id: int
    config_id: str
    status: ResultStatus
    failure_kind: FailureKind
    attempt: int
    claimed_at: int | None = None
    due_at: int | None = None
    fetch_by: int | None = None
    code: int | None = None
    message: str = ""
    sent_at: int | None = None
    downloaded_at: int | None = None
    answered_at: int | None = None


def delivered(result: ResultState, fetch_by: int, at: int, *, missed: bool = False) -> ResultState:
    """Return the result after the device was told, by a push or by the answer to a pull.

    ``missed``: it logged in again since the push was claimed, so that the push may have gone into its old connection.
    """
    after = _next(result, Event.DELIVERED)
    if after is None:
        return result
    due_at = result.due_at if missed and result.attempt < MAX_ATTEMPTS else None
    return msgspec.structs.replace(
        result, status=after, failure_kind=FailureKind.NONE, due_at=due_at, fetch_by=fetch_by, sent_at=at
    )


def pulled(result: ResultState, content_id: int, config_id: str, fetch_by: int, at: int) -> ResultState:
    """Return the result after its device asked by itself and was given this content."""
    asked = msgspec.structs.replace(
        result, content_id=content_id, config_id=config_id, attempt=result.attempt + 1, claimed_at=at
    )
    after = delivered(asked, fetch_by, at)
    return result if after is asked else after


def not_delivered(result: ResultState, at: int, *, online: bool) -> ResultState:
    """Return the result after its push reached no live connection: it waits for the device.

    One that is ``online`` is between two connections, or takes nothing for the moment: it is tried again soon.
    """
    if online and result.attempt < MAX_ATTEMPTS:
        return msgspec.structs.replace(result, due_at=at + RETRY_MS * max(1, result.attempt), claimed_at=None)
    after = NEXT[result.status].get(Event.AWAY, result.status)
    return msgspec.structs.replace(result, status=after, due_at=None, claimed_at=None)


def back(result: ResultState, at: int) -> ResultState:
    """Return the result after its device came online: what it may have missed is pushed once more."""
    after = _next(result, Event.BACK)
    if after is None or result.attempt >= MAX_ATTEMPTS:
        return result
    due_at = at + ONLINE_GRACE_MS
    if result.claimed_at is not None:
        due_at = max(due_at, result.claimed_at + SLOT_MS)
    return msgspec.structs.replace(result, status=after, due_at=due_at)


def fetched(result: ResultState, at: int) -> ResultState:
    """Return the result after its device was sent the last byte of the content."""
    after = _next(result, Event.FETCHED)
    if after is None:
        return result
    return msgspec.structs.replace(
        result, status=after, failure_kind=FailureKind.NONE, due_at=None, fetch_by=None, downloaded_at=at
    )


def answered(result: ResultState, code: int, message: str, at: int) -> ResultState:
    """Return the result after the device answered the push; its first answer counts."""
    after = _next(result, Event.ACCEPTED if code == OK else Event.REFUSED)
    if after is None or not result.attempt:
        return result
    return msgspec.structs.replace(
        result,
        status=after,
        failure_kind=FailureKind.NONE if code == OK else FailureKind.REFUSED,
        due_at=None,
        fetch_by=None,
        code=code,
        message=message,
        answered_at=at,
    )


def silent(result: ResultState, at: int) -> ResultState:
    """Return the result once the link has run out: FAILED if nothing was heard of the device."""
    after = _next(result, Event.NOT_FETCHED)
    if after is None or result.fetch_by is None or at < result.fetch_by:
        return result
    return msgspec.structs.replace(
        result, status=after, failure_kind=FailureKind.NOT_FETCHED, due_at=None, fetch_by=None
    )


def nothing_applies(result: ResultState) -> ResultState:
    """Return the result of a device that no document applies to any more."""
    after = _next(result, Event.NOTHING_APPLIES)
    if after is None:
        return result
    return msgspec.structs.replace(result, status=after, failure_kind=FailureKind.NO_DOCUMENT, due_at=None)


def _next(result: ResultState, event: Event) -> ResultStatus | None:
    if result.failure_kind is FailureKind.NOT_FETCHED:
        return NEXT_AFTER_SILENCE.get(event)
    return NEXT[result.status].get(event)
