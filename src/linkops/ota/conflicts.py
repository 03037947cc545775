"""One update of a device at a time, or of each module: what happens to a new task, and to the ones before it."""

from collections.abc import Sequence
from typing import NamedTuple

from linkops.ota.model import TaskStatus
from linkops.ota.rollout import TaskState
from linkops.ota.strategy import Strategy


class Verdict(NamedTuple):
    """Whether a new task fails at once, and which unfinished tasks give way to it."""

    conflicted: bool
    overwritten: Sequence[TaskState]


FREE = Verdict(conflicted=False, overwritten=())
_CONFLICT = Verdict(conflicted=True, overwritten=())


def judge(strategy: Strategy, module: str, unfinished: Sequence[TaskState]) -> Verdict:
    """Return what a new task of ``module`` means for a device with these ``unfinished`` tasks.

    With several modules at once, tasks of other modules do not matter, if their jobs allow it too, and a newer update
    of the same module replaces an older one. A device that is updating is never interrupted.
    """
    in_the_way = [task for task in unfinished if not _side_by_side(strategy, module, task)]
    if not in_the_way:
        return FREE
    if all(_gives_way(strategy, module, task) for task in in_the_way):
        return Verdict(conflicted=False, overwritten=in_the_way)
    return _CONFLICT


def _side_by_side(strategy: Strategy, module: str, task: TaskState) -> bool:
    return strategy.multi_module and task.strategy.multi_module and task.module != module


def _gives_way(strategy: Strategy, module: str, task: TaskState) -> bool:
    if task.status is TaskStatus.IN_PROGRESS:
        return False
    return strategy.overwrite or (strategy.multi_module and task.module == module)


def lane(strategy: Strategy, module: str) -> str:
    """Return what a device has one unfinished task of: a module, or '' for the device as a whole."""
    return module if strategy.multi_module else ""
