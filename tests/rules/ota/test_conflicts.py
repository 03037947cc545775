"""One update of a device at a time: every pair of an older task and a newer one."""

import msgspec
import pytest

from linkops.ota.conflicts import FREE, judge, lane
from linkops.ota.model import LIVE, TaskStatus
from linkops.ota.rollout import NO_STEP, TaskState
from linkops.ota.strategy import Strategy

S = TaskStatus
PLAIN, OVERWRITE, MULTI = Strategy(), Strategy(overwrite=True), Strategy(multi_module=True)
NOT_UPDATING = (S.CONFIRM, S.QUEUED, S.NOTIFIED)


def older(status: TaskStatus, module: str = "default", strategy: Strategy = PLAIN) -> TaskState:
    return TaskState(
        id=1,
        job_id=2,
        product_id=3,
        device_id=4,
        module=module,
        source_version="1.0",
        version="2.0",
        diff=False,
        strategy=strategy,
        timeout_s=None,
        status=status,
        attempt=0,
        step=NO_STEP,
        description="",
    )


@pytest.mark.parametrize("strategy", [PLAIN, OVERWRITE, MULTI])
def test_a_device_without_tasks_is_free(strategy: Strategy) -> None:
    assert judge(strategy, "default", []) == FREE


@pytest.mark.parametrize("status", LIVE)
@pytest.mark.parametrize("module", ["default", "MCU"])
def test_without_overwriting_the_older_task_stays(status: TaskStatus, module: str) -> None:
    verdict = judge(PLAIN, "default", [older(status, module)])
    assert (verdict.conflicted, verdict.overwritten) == (True, ())


@pytest.mark.parametrize("status", NOT_UPDATING)
def test_overwriting_cancels_what_is_not_updating(status: TaskStatus) -> None:
    task = older(status, "MCU")
    verdict = judge(OVERWRITE, "default", [task])
    assert (verdict.conflicted, list(verdict.overwritten)) == (False, [task])


@pytest.mark.parametrize("strategy", [OVERWRITE, MULTI])
def test_a_device_that_is_updating_is_never_interrupted(strategy: Strategy) -> None:
    assert judge(strategy, "default", [older(S.IN_PROGRESS, strategy=MULTI)]).conflicted


@pytest.mark.parametrize("status", LIVE)
def test_modules_update_side_by_side_if_both_jobs_allow_it(status: TaskStatus) -> None:
    assert judge(MULTI, "default", [older(status, "MCU", MULTI)]) == FREE
    assert judge(MULTI, "default", [older(status, "MCU", PLAIN)]).conflicted
    assert judge(PLAIN, "default", [older(status, "MCU", MULTI)]).conflicted


@pytest.mark.parametrize("status", NOT_UPDATING)
def test_a_newer_update_of_the_same_module_replaces_the_older_one(status: TaskStatus) -> None:
    task = older(status, "MCU", MULTI)
    assert list(judge(MULTI, "MCU", [task, older(S.IN_PROGRESS, "default", MULTI)]).overwritten) == [task]


def test_it_overwrites_all_or_nothing() -> None:
    waiting, updating = older(S.QUEUED, "a", MULTI), older(S.IN_PROGRESS, "b", MULTI)
    verdict = judge(OVERWRITE, "c", [waiting, updating])
    assert (verdict.conflicted, verdict.overwritten) == (True, ())
    both = [waiting, msgspec.structs.replace(updating, status=S.NOTIFIED)]
    assert list(judge(OVERWRITE, "c", both).overwritten) == both


def test_a_device_has_a_task_of_each_module_or_one_in_all() -> None:
    assert (lane(MULTI, "MCU"), lane(MULTI, "default")) == ("MCU", "default")
    assert lane(PLAIN, "MCU") == lane(OVERWRITE, "default") == ""
