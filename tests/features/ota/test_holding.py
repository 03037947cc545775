"""Pausing, stages and limits: what keeps a job from offering an update to anybody new."""

import pytest

from linkops.db import Tx
from linkops.errors import Conflict, Forbidden, NotFound
from linkops.events.actor import SYSTEM, Role
from linkops.ota.dispatch.claims import claim_due, record_pushes
from linkops.ota.model import FailureKind, Hold, Job, JobStatus, TaskStatus
from linkops.ota.pace import MINUTE_MS
from tests.support.devices import actor
from tests.support.ota import ALL_LIVE, Fleet, exact

S = TaskStatus


def audited(tx: Tx) -> list[str]:
    return [action for (action,) in tx.all("SELECT action FROM audit ORDER BY id")]


async def looked_at(fleet: Fleet, job: Job) -> Job:
    return await fleet.ota.jobs.get(SYSTEM, job.id)


# --- pause and resume -------------------------------------------------------------------------------------------------


async def test_after_pause_has_returned_nobody_new_is_told_and_who_is_updating_goes_on(fleet: Fleet) -> None:
    devices = await fleet.start(4)
    await fleet.connect(*devices[:3])
    job = await fleet.job(rate_per_minute=10, timeout_s=600)
    await fleet.ota.dispatcher.push_due()
    [told] = [device for device in devices if (await fleet.task(device, job)).status is S.NOTIFIED]
    await fleet.progress(told, 10)
    assert (await fleet.ota.steering.pause(SYSTEM, job.id)).hold is Hold.PAUSED
    fleet.take_pushes()
    await fleet.connect(devices[3])
    fleet.clock.advance(5 * MINUTE_MS)
    await fleet.tick()
    assert fleet.take_pushes() == []
    assert [await fleet.pull(device) for device in devices if device is not told] == [None] * 3
    assert await fleet.pull(told) is not None
    assert await fleet.progress(told, 20)
    fleet.clock.advance(5 * MINUTE_MS)
    await fleet.tick()
    task = await fleet.task(told, job)
    assert (task.status, task.failure_kind) == (S.FAILED, FailureKind.TIMEOUT)


async def test_a_paused_job_survives_a_restart_and_goes_on_when_it_is_resumed(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    await fleet.connect(*devices)
    fleet.clock.advance(1)
    job = await fleet.job()
    await fleet.ota.steering.pause(SYSTEM, job.id)
    fleet.restart()
    await fleet.tick()
    assert fleet.take_pushes() == []
    assert (await fleet.ota.steering.resume(SYSTEM, job.id)).hold is Hold.NONE
    await fleet.tick()
    assert len(fleet.take_pushes()) == 3
    assert await fleet.counts(job) == {S.NOTIFIED: 3}


async def test_pausing_twice_is_pausing_once_and_only_what_is_held_is_resumed(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job()
    with pytest.raises(Conflict) as refused:
        await fleet.ota.steering.resume(SYSTEM, job.id)
    assert refused.value.code == "job.not_held"
    for _ in range(2):
        await fleet.ota.steering.pause(SYSTEM, job.id)
    await fleet.ota.steering.resume(SYSTEM, job.id)
    actions = await fleet.db.read(audited)
    assert [action for action in actions if action.endswith(("pause", "resume"))] == ["job.pause", "job.resume"]
    await fleet.version(device, "2.0")
    await fleet.tick()
    for steer in (fleet.ota.steering.pause, fleet.ota.steering.resume):
        with pytest.raises(Conflict) as over:
            await steer(SYSTEM, job.id)
        assert over.value.code == "job.ended"


async def test_a_paused_job_can_be_canceled_and_its_devices_may_end_it(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    job = await fleet.job()
    await fleet.pull(devices[0])
    await fleet.ota.steering.pause(SYSTEM, job.id)
    await fleet.ota.jobs.cancel(SYSTEM, job.id, [S.QUEUED])
    await fleet.version(devices[0], "2.0")
    await fleet.tick()
    ended = await looked_at(fleet, job)
    assert (ended.status, ended.hold, ended.ended_at) == (JobStatus.CANCELED, Hold.NONE, fleet.clock.now())


async def test_who_may_steer(fleet: Fleet) -> None:
    await fleet.start()
    job = await fleet.job()
    other = await fleet.services.product("Valves")
    for refused, who in ((Forbidden, actor(Role.VIEWER, fleet.product)), (NotFound, actor(Role.ADMIN, other))):
        for steer in (fleet.ota.steering.pause, fleet.ota.steering.resume, fleet.ota.steering.approve):
            with pytest.raises(refused):
                await steer(who, job.id)
    assert (await looked_at(fleet, job)).hold is Hold.NONE


# --- stages -----------------------------------------------------------------------------------------------------------


async def test_each_stage_ends_before_the_next_begins_and_a_good_one_goes_on_by_itself(fleet: Fleet) -> None:
    devices = await fleet.start(10)
    await fleet.connect(*devices)
    fleet.clock.advance(1)
    job = await fleet.job(
        stages=[{"percent": 10, "success_percent": 100}, {"percent": 50, "success_percent": 75}],
    )
    sizes = []
    for _ in range(3):
        await fleet.tick()
        told = [device for device in devices if (await fleet.task(device, job)).status is S.NOTIFIED]
        sizes.append(len(told))
        await fleet.tick()
        assert (await fleet.counts(job))[S.NOTIFIED] == len(told)
        for number, device in enumerate(told):
            if number == 3:  # one of the second stage fails: 4 of 5 is enough
                await fleet.progress(device, -1)
            else:
                await fleet.version(device, "2.0")
    assert sizes == [1, 4, 5]
    await fleet.tick()
    assert (await looked_at(fleet, job)).status is JobStatus.COMPLETED
    assert await fleet.counts(job) == {S.SUCCEEDED: 8, S.FAILED: 2}
    await exact(fleet, job)


async def test_a_stage_that_went_badly_holds_the_job_until_somebody_says_so(fleet: Fleet) -> None:
    devices = await fleet.start(10)
    await fleet.connect(*devices)
    fleet.clock.advance(1)
    job = await fleet.job(stages=[{"percent": 20, "success_percent": 80}])
    await fleet.tick()
    first = [device for device in devices if (await fleet.task(device, job)).status is S.NOTIFIED]
    await fleet.version(first[0], "2.0")
    await fleet.progress(first[1], -1)
    fleet.take_pushes()
    await fleet.tick()
    held = await looked_at(fleet, job)
    assert (held.hold, held.stage) == (Hold.GATE, 0)
    waiting = next(device for device in devices if device not in first)
    assert await fleet.pull(waiting) is None
    assert fleet.take_pushes() == []
    with pytest.raises(Conflict) as refused:
        await fleet.ota.steering.pause(SYSTEM, job.id)
    assert refused.value.code == "job.held"
    fleet.restart()
    await fleet.ota.steering.resume(SYSTEM, job.id)
    await fleet.tick()
    assert await fleet.counts(job) == {S.SUCCEEDED: 1, S.FAILED: 1, S.NOTIFIED: 8}


async def test_a_stage_without_a_gate_waits_for_somebody_to_look(fleet: Fleet) -> None:
    devices = await fleet.start(4)
    job = await fleet.job(stages=[{"percent": 25}, {"percent": 75}])
    assert await fleet.pull(devices[2]) is None  # nothing before it is known how many there are
    await fleet.tick()
    assert await fleet.pull(devices[2]) is not None
    assert await fleet.pull(devices[1]) is None
    assert await fleet.pull(devices[2]) is not None  # who was told before always gets an answer
    await fleet.version(devices[2], "2.0")
    await fleet.tick()
    assert (await looked_at(fleet, job)).hold is Hold.STAGE
    assert await fleet.pull(devices[1]) is None
    await fleet.ota.steering.resume(SYSTEM, job.id)
    answers = [await fleet.pull(device) for device in (devices[0], devices[1], devices[3])]
    assert sum(answer is not None for answer in answers) == 2


async def test_a_stage_is_not_over_while_a_push_of_it_is_on_its_way(fleet: Fleet) -> None:
    devices = await fleet.start(10)
    await fleet.connect(*devices)
    fleet.clock.advance(1)
    job = await fleet.job(stages=[{"percent": 10, "success_percent": 100}])
    await fleet.ota.course.advance_stages()
    now = fleet.clock.now()
    claimed = await fleet.db.write(claim_due, now)
    await fleet.ota.course.advance_stages()  # between the claim and the note that it was delivered
    assert (await looked_at(fleet, job)).hold is Hold.NONE
    await fleet.db.write(record_pushes, [(claim, True) for claim in claimed.claims], now)
    await fleet.ota.course.advance_stages()
    assert (await looked_at(fleet, job)).hold is Hold.NONE
    assert await fleet.counts(job) == {S.NOTIFIED: 1, S.QUEUED: 9}


async def test_a_stage_waits_for_a_device_whose_push_was_lost(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    await fleet.connect(*devices)
    fleet.clock.advance(1)
    job = await fleet.job(stages=[{"percent": 50}])
    await fleet.ota.course.advance_stages()
    fleet.hub.lost = True
    with pytest.raises(ConnectionError):
        await fleet.ota.dispatcher.push_due()
    fleet.hub.lost = False
    fleet.restart()
    await fleet.tick()
    assert (await looked_at(fleet, job)).hold is Hold.NONE
    fleet.clock.advance(MINUTE_MS)
    await fleet.tick()
    assert len(fleet.take_pushes()) == 1
    assert await fleet.counts(job) == {S.NOTIFIED: 1, S.QUEUED: 1}


async def test_a_device_that_is_retried_keeps_its_stage_open(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    await fleet.connect(*devices)
    fleet.clock.advance(1)
    job = await fleet.job(stages=[{"percent": 50, "success_percent": 100}], retry={"interval_s": 600, "count": 1})
    await fleet.tick()
    [told] = [device for device in devices if (await fleet.task(device, job)).status is S.NOTIFIED]
    await fleet.progress(told, -2)
    await fleet.tick()
    assert (await looked_at(fleet, job)).hold is Hold.NONE
    fleet.clock.advance(11 * MINUTE_MS)
    fleet.take_pushes()
    await fleet.tick()
    assert [push["device_id"] for push in fleet.take_pushes()] == [told.id]
    await fleet.version(told, "2.0")
    await fleet.tick()
    assert len(fleet.take_pushes()) == 1


async def test_many_jobs_that_wait_for_their_devices_do_not_hold_up_another_one(fleet: Fleet) -> None:
    devices = await fleet.start(104)
    jobs = []
    package = await fleet.package()
    for number in range(52):
        names = [f"pump-{2 * number}", f"pump-{2 * number + 1}"]
        asked = {"targets": "SPECIFIC", "device_names": names}
        jobs.append(await fleet.job(package, stages=[{"percent": 50, "success_percent": 1}], **asked))
    for _ in range(2):
        await fleet.tick()
    for number in range(52):
        await fleet.pull(devices[2 * number])
    await fleet.version(devices[102], "2.0")
    await fleet.tick()
    assert [(await looked_at(fleet, job)).stage for job in (jobs[0], jobs[51])] == [0, 1]


async def test_pausing_within_a_stage_keeps_its_place(fleet: Fleet) -> None:
    devices = await fleet.start(4)
    job = await fleet.job(stages=[{"percent": 50}])
    await fleet.tick()
    await fleet.pull(devices[0])
    await fleet.ota.steering.pause(SYSTEM, job.id)
    assert await fleet.pull(devices[1]) is None
    await fleet.ota.steering.resume(SYSTEM, job.id)
    assert await fleet.pull(devices[1]) is not None
    assert await fleet.pull(devices[2]) is None


# --- limits -----------------------------------------------------------------------------------------------------------


async def test_failures_stop_what_was_not_notified_yet_and_the_reason_is_kept(fleet: Fleet) -> None:
    devices = await fleet.start(20)
    job = await fleet.job(abort=[{"kind": "reported", "percent": 40, "after": 5}])
    for device in devices[:8]:
        await fleet.pull(device)
    await fleet.progress(devices[7], 30)
    for device in devices[:3]:
        await fleet.version(device, "2.0")
    await fleet.progress(devices[3], -2)
    assert (await looked_at(fleet, job)).status is JobStatus.IN_PROGRESS
    await fleet.progress(devices[4], -3)
    aborted = await looked_at(fleet, job)
    assert (aborted.status, aborted.ended_at) == (JobStatus.CANCELED, None)
    assert aborted.stop_reason == "aborted: 2 of 5 devices failed (reported), the limit is 40 %"
    assert await fleet.pull(devices[15]) is None  # from the very commit on, before anything was canceled
    assert await fleet.pull(devices[6]) is not None
    await fleet.tick()
    assert await fleet.counts(job) == {S.SUCCEEDED: 3, S.FAILED: 2, S.NOTIFIED: 2, S.IN_PROGRESS: 1, S.CANCELED: 12}
    assert (await fleet.task(devices[15], job)).description == aborted.stop_reason
    for device in devices[5:8]:
        await fleet.version(device, "2.0")
    await fleet.tick()
    ended = await looked_at(fleet, job)
    assert (ended.status, ended.stop_reason) == (JobStatus.CANCELED, aborted.stop_reason)
    assert ended.ended_at == fleet.clock.now()
    assert (await fleet.db.read(audited)).count("job.abort") == 1
    await exact(fleet, job)


async def test_an_abort_cancels_what_waits_for_confirmation_too(fleet: Fleet) -> None:
    devices = await fleet.start(4)
    job = await fleet.job(abort=[{"failures": 1}], need_confirm=True)
    task = await fleet.task(devices[0], job)
    await fleet.ota.task_changes.confirm(SYSTEM, [task.id])
    await fleet.pull(devices[0])
    await fleet.progress(devices[0], -1)
    await fleet.tick()
    assert await fleet.counts(job) == {S.FAILED: 1, S.CANCELED: 3}


async def test_time_outs_and_wrong_versions_stop_a_job_where_that_is_the_limit(fleet: Fleet) -> None:
    devices = await fleet.start(6)
    job = await fleet.job(timeout_s=60, abort=[{"kind": "timeout", "failures": 2}])
    for device in devices[:4]:
        await fleet.pull(device)
        await fleet.progress(device, 1)
    await fleet.version(devices[0], "1.7")
    await fleet.progress(devices[1], -1)
    assert (await looked_at(fleet, job)).status is JobStatus.IN_PROGRESS
    fleet.clock.advance(MINUTE_MS)
    await fleet.tick()
    aborted = await looked_at(fleet, job)
    assert aborted.stop_reason == "aborted: 2 of 4 devices failed (timeout), the limit is 2"
    await fleet.tick()
    assert await fleet.counts(job) == {S.FAILED: 4, S.CANCELED: 2}


async def test_conflicts_never_stop_a_job(fleet: Fleet) -> None:
    await fleet.start(6)
    await fleet.job(targets="SPECIFIC", device_names=[f"pump-{number}" for number in range(5)])
    job = await fleet.job(await fleet.package("3.0"), abort=[{"failures": 1}, {"percent": 1}])
    await fleet.tick()
    assert await fleet.counts(job) == {S.FAILED: 5, S.QUEUED: 1}
    assert (await looked_at(fleet, job)).status is JobStatus.IN_PROGRESS


async def test_a_failure_that_is_retried_does_not_count_yet(fleet: Fleet) -> None:
    [device, _] = await fleet.start(2)
    job = await fleet.job(abort=[{"failures": 1}], retry={"interval_s": 0, "count": 1})
    await fleet.pull(device)
    await fleet.progress(device, -1)
    assert (await looked_at(fleet, job)).status is JobStatus.IN_PROGRESS
    await fleet.pull(device)
    await fleet.progress(device, -1)
    assert (await looked_at(fleet, job)).status is JobStatus.CANCELED


async def test_an_aborted_job_cannot_be_resumed(fleet: Fleet) -> None:
    [device, _] = await fleet.start(2)
    job = await fleet.job(abort=[{"failures": 1}])
    await fleet.pull(device)
    await fleet.progress(device, -1)
    for steer in (fleet.ota.steering.pause, fleet.ota.steering.resume):
        with pytest.raises(Conflict) as refused:
            await steer(SYSTEM, job.id)
        assert refused.value.code == "job.ended"
    await fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE)


# --- a rate that grows ------------------------------------------------------------------------------------------------


async def test_a_growing_rate_speeds_pushes_up_and_survives_a_restart(fleet: Fleet) -> None:
    devices = await fleet.start(120)
    await fleet.connect(*devices)
    fleet.clock.advance(1)
    job = await fleet.job(growth={"base_per_minute": 10, "factor": 2.0, "notified": 20, "most_per_minute": 40})
    per_minute = []
    for minute in range(6):
        if minute == 2:
            fleet.restart()
        for _ in range(240):
            await fleet.ota.dispatcher.push_due()
            fleet.clock.advance(250)
        per_minute.append(len(fleet.take_pushes()))
    assert 9 <= per_minute[0] <= 11
    assert 9 <= per_minute[1] <= 13  # the twentieth device doubles it
    assert 19 <= per_minute[2] <= 25
    assert 36 <= per_minute[4] <= 41  # and the ceiling holds
    assert sum(per_minute) == 120
    assert (await looked_at(fleet, job)).rate_per_minute == 40


async def test_growth_on_success_stays_slow_while_nobody_succeeds(fleet: Fleet) -> None:
    devices = await fleet.start(60)
    await fleet.connect(*devices)
    fleet.clock.advance(1)
    job = await fleet.job(growth={"base_per_minute": 10, "factor": 5.0, "succeeded": 10})
    for _ in range(2 * 240):
        await fleet.ota.dispatcher.push_due()
        fleet.clock.advance(250)
    told = {push["device_id"] for push in fleet.take_pushes()}
    assert 18 <= len(told) <= 21
    for device in devices:
        if device.id in told:
            await fleet.version(device, "2.0")
    for _ in range(240):
        await fleet.ota.dispatcher.push_due()
        fleet.clock.advance(250)
    assert len(fleet.take_pushes()) == 60 - len(told)
    assert await fleet.counts(job) == {S.SUCCEEDED: len(told), S.NOTIFIED: 60 - len(told)}
