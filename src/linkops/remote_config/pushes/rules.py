"""When a push may begin: once an hour, and each document once (docs/protocol/remote-config.md#push).

A push that was canceled counts for neither, since it was no success: whoever stopped a bad one may push the better one.
"""

from collections.abc import Sequence
from typing import NamedTuple

from linkops.errors import Conflict, TooMany
from linkops.remote_config.pushes.model import PushStatus, Stage, Strategy

MAX_STAGES = 20
MAX_WAIT_S = 7 * 86_400


class Earlier(NamedTuple):
    """A push to the same target."""

    id: int
    revision: int
    status: PushStatus
    created_at: int


class Limits(NamedTuple):
    """What is asked of pushes: ``interval_s`` between two of them, and ``once``: each document is pushed once."""

    interval_s: int
    once: bool


def check_begin(earlier: Sequence[Earlier], revision: int, limits: Limits, now: int) -> None:
    """Do nothing if documents of ``revision`` may be pushed now.

    Raises:
        Conflict: these documents were pushed before.
        TooMany: the last push was a short while ago; ``at`` says when the next may begin, in Unix milliseconds.
    """
    counted = [push for push in earlier if push.status is not PushStatus.CANCELED]
    if not counted:
        return
    same = [push for push in counted if push.revision == revision]
    if limits.once and same:
        raise Conflict("config_push.once", push_id=same[-1].id)
    last = max(push.created_at for push in counted)
    possible_at = last + limits.interval_s * 1_000
    if now < possible_at:
        wait_s = -(-(possible_at - now) // 1_000)
        raise TooMany("config_push.too_soon", retry_after_s=wait_s, at=possible_at, interval_s=limits.interval_s)


def fault_of(strategy: Strategy) -> tuple[str, str] | None:
    """Return (field, code) of the first thing that is wrong with a strategy; None: nothing is."""
    if len(strategy.stages) > MAX_STAGES:
        return "stages", "config_push.stages_too_many"
    before = 0.0
    for number, stage in enumerate(strategy.stages):
        if not before < stage.percent < 100:
            return f"stages.{number}.percent", "config_push.stage_percent"
        before = stage.percent
        fault = _fault_of_stage(stage)
        if fault is not None:
            return f"stages.{number}.{fault}", f"config_push.stage_{fault}"
    limit = strategy.stop_at
    if limit is not None and not 0 < limit.percent <= 100:
        return "stop_at.percent", "config_push.stop_percent"
    if limit is not None and not 1 <= limit.least <= 1_000_000:
        return "stop_at.least", "config_push.stop_least"
    return None


def _fault_of_stage(stage: Stage) -> str | None:
    if stage.success_percent is not None and not 0 <= stage.success_percent <= 100:
        return "success_percent"
    return None if 0 <= stage.wait_s <= MAX_WAIT_S else "wait_s"
