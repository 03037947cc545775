"""What may change while a job runs, copies of jobs, and jobs that verify a package."""

from typing import Any

import pytest

from linkops.db import Tx
from linkops.errors import Conflict, Forbidden, Invalid, NotFound
from linkops.events.actor import SYSTEM, Role
from linkops.ota.model import Job, JobStatus, TaskStatus
from linkops.ota.pace import MINUTE_MS
from linkops.ota.steering.service import JobChange
from linkops.ota.strategy import Abort, Growth, Window
from tests.support.devices import actor
from tests.support.ota import ALL_LIVE, Fleet, new_job

S = TaskStatus
HOUR_MS = 3_600_000
GROWTH = Growth(base_per_minute=10, factor=2.0, notified=100)
NOON = Window(days=(1, 2, 3, 4, 5, 6, 7), start="12:00", end="13:00", zone="UTC")


async def edit(fleet: Fleet, job: Job, **change: Any) -> Job:
    return await fleet.ota.steering.edit(SYSTEM, job.id, JobChange(**change))


async def pushes_of(fleet: Fleet, ms: int) -> int:
    """Return how many pushes there are in so long."""
    fleet.take_pushes()
    for _ in range(ms // 250):
        await fleet.ota.dispatcher.push_due()
        fleet.clock.advance(250)
    return len(fleet.take_pushes())


async def test_the_rate_changes_midway_and_holds_from_then_on(fleet: Fleet) -> None:
    devices = await fleet.start(150)
    await fleet.connect(*devices)
    fleet.clock.advance(1)
    job = await fleet.job(rate_per_minute=10)
    assert 9 <= await pushes_of(fleet, MINUTE_MS) <= 11
    assert (await edit(fleet, job, rate_per_minute=60)).rate_per_minute == 60
    fleet.restart()
    assert 56 <= await pushes_of(fleet, MINUTE_MS) <= 61
    await edit(fleet, job, rate_per_minute=10)
    assert 9 <= await pushes_of(fleet, MINUTE_MS) <= 11
    await edit(fleet, job, rate_per_minute=None)
    assert await pushes_of(fleet, 1_000) >= 60


async def test_a_growing_rate_gets_another_curve(fleet: Fleet) -> None:
    devices = await fleet.start(60)
    await fleet.connect(*devices)
    fleet.clock.advance(1)
    job = await fleet.job(growth={"base_per_minute": 10, "factor": 2.0, "notified": 100})
    assert 9 <= await pushes_of(fleet, MINUTE_MS) <= 11
    await edit(fleet, job, growth=Growth(base_per_minute=20, factor=2.0, notified=5, most_per_minute=30))
    assert 28 <= await pushes_of(fleet, MINUTE_MS) <= 31


@pytest.mark.parametrize(
    ("asked", "change", "code", "field"),
    [
        ({"rate_per_minute": 10}, {"growth": GROWTH}, "job.rate_type", "growth"),
        ({}, {"growth": GROWTH}, "job.rate_type", "growth"),
        (
            {"growth": {"base_per_minute": 10, "factor": 2.0, "notified": 1}},
            {"rate_per_minute": 10},
            "job.rate_type",
            "",
        ),
        ({}, {"rate_per_minute": 9}, "job.rate_invalid", "rate_per_minute"),
        ({}, {"timeout_s": 60}, "job.dynamic_only", "timeout_s"),
        ({}, {"source_versions": ("1.0",)}, "job.dynamic_only", "source_versions"),
        ({"source_versions": ["1.0"]}, {"source_versions": ("1.1",)}, "job.dynamic_only", "source_versions"),
        ({}, {"tags": {"a-b": "x"}}, "job.tag_invalid", "tags.a-b"),
        ({}, {"windows": (Window(days=(), start="1", end="2", zone="UTC"),)}, "job.window_days", "windows.0.days"),
        ({}, {"abort": (Abort(),)}, "job.abort_invalid", "abort.0"),
        ({"dynamic": True}, {"source_versions": ()}, "job.dynamic_needs_versions", "source_versions"),
        ({"dynamic": True}, {"source_versions": ("2.0",)}, "job.source_is_target", "source_versions"),
        ({"dynamic": True}, {"timeout_s": 59}, "job.timeout_invalid", "timeout_s"),
    ],
)
async def test_what_may_not_change(
    fleet: Fleet, asked: dict[str, object], change: dict[str, object], code: str, field: str
) -> None:
    [device] = await fleet.start()
    await fleet.version(device, "1.0")
    if asked.pop("dynamic", False):
        asked = {"selection": "DYNAMIC", "source_versions": ["1.0"]}
    job = await fleet.job(None, **asked)
    before = await fleet.ota.jobs.get(SYSTEM, job.id)
    with pytest.raises(Invalid) as refused:
        await edit(fleet, job, **change)
    assert refused.value.code == code
    assert refused.value.params["field"] == (field or "rate_per_minute")
    assert await fleet.ota.jobs.get(SYSTEM, job.id) == before


async def test_the_time_out_of_a_dynamic_job_changes_for_devices_that_come_later(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    job = await fleet.job(selection="DYNAMIC", source_versions=["1.0"], timeout_s=600)
    await fleet.version(devices[0], "1.0")
    edited = await edit(fleet, job, timeout_s=60, source_versions=("1.1",))
    assert (edited.strategy.timeout_s, edited.source_versions) == (60, ["1.1"])
    await fleet.version(devices[1], "1.1")
    for device in devices:
        await fleet.pull(device)
        await fleet.progress(device, 1)
    fleet.clock.advance(MINUTE_MS)
    await fleet.tick()
    assert [(await fleet.task(device, job)).status for device in devices] == [S.IN_PROGRESS, S.FAILED]


async def test_tags_windows_and_limits_change_and_a_null_is_not_left_out(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    await fleet.connect(*devices)
    job = await fleet.job(tags={"a": "1"}, timeout_s=60, abort=[{"failures": 5}])
    edited = await edit(fleet, job, tags={"b": "2"}, windows=(NOON,), abort=(Abort(failures=1),))
    assert (edited.tags, edited.strategy.windows, edited.strategy.timeout_s) == ({"b": "2"}, (NOON,), 60)
    await fleet.tick()
    assert fleet.take_pushes() == []
    await edit(fleet, job, windows=())
    await fleet.tick()
    assert len(fleet.take_pushes()) == 2
    await fleet.progress(devices[0], -1)
    assert (await fleet.ota.jobs.get(SYSTEM, job.id)).status is JobStatus.CANCELED


async def test_a_job_that_has_ended_is_not_edited_and_not_by_viewers(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job()
    change = JobChange(rate_per_minute=10)
    with pytest.raises(Forbidden):
        await fleet.ota.steering.edit(actor(Role.VIEWER, fleet.product), job.id, change)
    with pytest.raises(NotFound):
        await fleet.ota.steering.edit(actor(Role.ADMIN, await fleet.services.product("Valves")), job.id, change)
    await fleet.version(device, "2.0")
    await fleet.tick()
    with pytest.raises(Conflict) as refused:
        await edit(fleet, job, rate_per_minute=10)
    assert refused.value.code == "job.ended"


# --- copies -----------------------------------------------------------------------------------------------------------


async def test_a_copy_is_for_the_same_devices_by_the_same_rules_and_begins_at_once(fleet: Fleet) -> None:
    devices = await fleet.start(4)
    now = fleet.clock.now()
    job = await fleet.job(
        targets="SPECIFIC",
        device_names=["pump-0", "pump-2"],
        start_at=now + HOUR_MS,
        finish_at=now + 3 * HOUR_MS,
        rate_per_minute=10,
        tags={"a": "1"},
    )
    await fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE)
    fleet.clock.advance(5 * HOUR_MS)
    while await fleet.ota.device_lists.sweep():
        pass
    await fleet.version(devices[0], "2.0")
    copy = await fleet.ota.maker.clone(SYSTEM, job.id)
    await fleet.tick()
    assert (copy.status, copy.strategy.start_at, copy.rate_per_minute) == (JobStatus.IN_PROGRESS, None, 10)
    assert (copy.tags, await fleet.counts(copy)) == ({"a": "1"}, {S.QUEUED: 1})
    newer = await fleet.ota.maker.clone(SYSTEM, job.id, (await fleet.package("3.0")).id)
    await fleet.tick()
    assert (newer.version, await fleet.counts(newer)) == ("3.0", {S.QUEUED: 1, S.FAILED: 1})


async def test_copies_that_are_refused(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job()
    await fleet.version(device, "2.0")
    with pytest.raises(Conflict) as nobody:
        await fleet.ota.maker.clone(SYSTEM, job.id)
    assert nobody.value.code == "ota.no_device_can_upgrade"
    with pytest.raises(Forbidden):
        await fleet.ota.maker.clone(actor(Role.VIEWER, fleet.product), job.id)
    with pytest.raises(NotFound):
        await fleet.ota.maker.clone(SYSTEM, job.id + 1)


# --- verification -----------------------------------------------------------------------------------------------------


def unverified(tx: Tx, package_id: int) -> None:
    """As a package that was uploaded with the wish to be verified."""
    tx.run("UPDATE ota_package SET status = 'unverified' WHERE id = :id", id=package_id)


def package_status(tx: Tx, package_id: int) -> str:
    return str(tx.scalar("SELECT status FROM ota_package WHERE id = :id", id=package_id))


VERIFY = {"kind": "VERIFY", "targets": "SPECIFIC", "device_names": ["pump-0", "pump-1"]}


@pytest.mark.parametrize(
    ("second", "wanted"),
    [("succeeds", "verified"), ("fails", "failed"), ("is canceled", "failed"), ("waits", "verifying")],
)
async def test_a_package_is_verified_when_all_its_devices_have_succeeded(
    fleet: Fleet, second: str, wanted: str
) -> None:
    devices = await fleet.start(3)
    package = await fleet.package()
    await fleet.db.write(unverified, package.id)
    with pytest.raises(Conflict) as early:
        await fleet.job(package)
    assert early.value.code == "package.not_verified"
    job = await fleet.job(package, **VERIFY)
    assert await fleet.db.read(package_status, package.id) == "verifying"
    with pytest.raises(Conflict):
        await fleet.job(package, **VERIFY)
    with pytest.raises(Conflict):
        await fleet.job(package)
    for device in devices[:2]:
        await fleet.pull(device)
    await fleet.version(devices[0], "2.0")
    await fleet.tick()
    assert await fleet.db.read(package_status, package.id) == "verifying"
    if second == "succeeds":
        await fleet.version(devices[1], "2.0")
    elif second == "fails":
        await fleet.progress(devices[1], -4)
    elif second == "is canceled":
        await fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE)
    await fleet.tick()
    assert await fleet.db.read(package_status, package.id) == wanted
    if wanted == "verified":
        assert await fleet.counts(await fleet.job(package)) == {S.QUEUED: 1}
    if wanted == "failed":
        with pytest.raises(Conflict):
            await fleet.ota.maker.clone(SYSTEM, job.id)
        again = await fleet.job(package, **{**VERIFY, "device_names": ["pump-2"]})
        await fleet.version(devices[2], "2.0")
        await fleet.tick()
        assert (await fleet.ota.jobs.get(SYSTEM, again.id)).status is JobStatus.COMPLETED
        assert await fleet.db.read(package_status, package.id) == "verified"


async def test_a_package_that_needs_no_verification_gets_none(fleet: Fleet) -> None:
    await fleet.start(2)
    package = await fleet.package()
    with pytest.raises(Conflict) as refused:
        await fleet.ota.maker.create(SYSTEM, new_job(package.id, **VERIFY))
    assert refused.value.code == "package.not_verifiable"


async def test_late_words_about_the_attempt_before_are_not_about_the_next(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job(need_push=False)
    await fleet.pull(device)
    await fleet.progress(device, -1)
    task = await fleet.task(device, job)
    await fleet.ota.task_changes.update_again(SYSTEM, job.id, [task.id])
    await fleet.progress(device, -1)
    assert await fleet.counts(job) == {S.QUEUED: 1}
    await fleet.pull(device)
    await fleet.progress(device, 50)
    assert await fleet.counts(job) == {S.IN_PROGRESS: 1}


async def test_a_device_on_the_target_version_is_not_updated_again(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await fleet.job()
    await fleet.ota.task_changes.cancel(SYSTEM, job.package_id, ["pump-0"])
    await fleet.version(device, "2.0")
    task = await fleet.task(device, job)
    with pytest.raises(Conflict) as refused:
        await fleet.ota.task_changes.update_again(SYSTEM, job.id, [task.id])
    assert refused.value.code == "task.device_up_to_date"
