"""Stages: how many devices are reached by the end of each, whether the next one begins, and when a push stops."""

from collections.abc import Mapping, Sequence
from enum import Enum
from math import ceil
from typing import NamedTuple

from linkops.remote_config.pushes.model import SUCCEEDED, FailureLimit, ResultStatus, Stage


class Tally(NamedTuple):
    """Devices of a push by how it stands: ``waiting`` were reached, and nothing was heard yet."""

    succeeded: int
    failed: int
    waiting: int


class Verdict(Enum):
    """What becomes of a push whose stage has reached its devices."""

    WAIT = "wait"
    GO_ON = "go on"
    HOLD_FOR_SOMEBODY = "hold for somebody"
    HOLD_AT_GATE = "hold at gate"


def tally(counts: Mapping[ResultStatus, int]) -> Tally:
    """Return what counts by status come to."""
    succeeded = sum(counts.get(status, 0) for status in SUCCEEDED)
    return Tally(succeeded, counts.get(ResultStatus.FAILED, 0), counts.get(ResultStatus.SENT, 0))


def devices_until_end_of(stages: Sequence[Stage], number: int, total: int) -> int:
    """Return how many of ``total`` devices are reached by the end of stage ``number`` (from 0); at least one.

    Everybody once the stages are over.
    """
    if number >= len(stages):
        return total
    # Rounded first: 33.3 percent of 1,000 is 333, whatever binary fractions say.
    return min(total, max(1, ceil(round(total * stages[number].percent / 100, 6))))


def after_stage(stage: Stage, found: Tally, reached_at: int, now: int) -> Verdict:
    """Return what follows a stage whose last device was reached at ``reached_at``.

    It goes on as soon as enough devices succeeded: the others cannot change that any more.
    """
    if now < reached_at + stage.wait_s * 1_000:
        return Verdict.WAIT
    if stage.success_percent is None:
        return Verdict.WAIT if found.waiting else Verdict.HOLD_FOR_SOMEBODY
    reached = found.succeeded + found.failed + found.waiting
    if found.succeeded * 100 >= stage.success_percent * reached and reached:
        return Verdict.GO_ON
    return Verdict.WAIT if found.waiting else Verdict.HOLD_AT_GATE


def too_many_failures(limit: FailureLimit | None, found: Tally) -> bool:
    """Return whether a push stops because of its failures."""
    if limit is None or not found.failed:
        return False
    results = found.succeeded + found.failed
    return results >= limit.least and found.failed * 100 >= limit.percent * results
