"""What is asked of a device while somebody waits, and what came of it."""

from enum import StrEnum

import msgspec

from linkops.bus.downlinks import Downlink


class Outcome(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    TIMEOUT = "timeout"
    OFFLINE = "offline"
    NOT_SUBSCRIBED = "not_subscribed"
    NO_ROOM = "no_room"
    TOO_MANY = "too_many"


class Question(msgspec.Struct, frozen=True):
    """A message that the device answers.

    Attributes:
        name: by which the answer is known among those of the device; never used twice.
        custom: whether only devices that understand calls on custom topics can be asked.
        timeout_s: how long the answer is waited for.
    """

    downlink: Downlink
    name: str
    custom: bool
    timeout_s: float


class Answered(msgspec.Struct, frozen=True):
    """The end of a question; ``payload`` is b"" unless there is an answer."""

    outcome: Outcome
    payload: bytes = b""
