"""Stages: how many devices may have been offered the update by the end of each, and whether the next one begins."""

from collections.abc import Sequence
from math import ceil

from linkops.ota.model import Hold
from linkops.ota.strategy import Stage


def offers_until_end_of(stages: Sequence[Stage], number: int, total: int) -> int:
    """Return how many of ``total`` devices are offered the update by the end of stage ``number`` (from 0).

    At least one; everybody once the stages are over.
    """
    if number >= len(stages):
        return total
    # Rounded first: 33.3 percent of 1,000 is 333, whatever binary fractions say.
    return min(total, max(1, ceil(round(total * stages[number].percent / 100, 6))))


def after_stage(stage: Stage, succeeded: int, ended: int) -> Hold:
    """Return what holds a job after the devices of a stage are done: nothing when it goes on by itself."""
    if stage.success_percent is None:
        return Hold.STAGE
    passed = ended > 0 and succeeded * 100 >= stage.success_percent * ended
    return Hold.NONE if passed else Hold.GATE
