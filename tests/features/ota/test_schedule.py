"""When a job begins and ends: start and finish times, approval by somebody else, and what a product's rule adds."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from linkops.db import Tx
from linkops.errors import Conflict, Forbidden, Invalid, NotFound
from linkops.events.actor import ALL_PRODUCTS, SYSTEM, Actor, Role
from linkops.ota.creating.store import ProductRule
from linkops.ota.model import Hold, Job, JobStatus, TaskStatus
from linkops.ota.strategy import Window
from tests.support.devices import actor
from tests.support.ota import ALL_LIVE, Fleet, new_job

S = TaskStatus
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


def admin(name: str) -> Actor:
    return Actor(1, name, "", MappingProxyType({ALL_PRODUCTS: Role.ADMIN}))


def add_administrators(tx: Tx, *names: str) -> None:
    for name in names:
        account_id = tx.scalar(
            "INSERT INTO account (name, password_hash, created_at, updated_at) VALUES (:name, '', 0, 0) RETURNING id",
            name=name,
        )
        tx.run("INSERT INTO account_grant (account_id, product_id, role) VALUES (:id, 0, 'admin')", id=account_id)


def audited(tx: Tx) -> Mapping[str, Any]:
    return {action: msgspec.json.decode(details) for action, details in tx.all("SELECT action, details FROM audit")}


async def looked_at(fleet: Fleet, job: Job) -> Job:
    return await fleet.ota.jobs.get(SYSTEM, job.id)


# --- start and finish -------------------------------------------------------------------------------------------------


async def test_a_planned_job_selects_its_devices_when_its_time_has_come(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    now = fleet.clock.now()
    job = await fleet.job(start_at=now + HOUR_MS)
    assert (job.status, job.started_at) == (JobStatus.PLANNED, None)
    late = await fleet.services.device(fleet.product, "late")
    fleet.clock.advance(HOUR_MS - 1)
    await fleet.tick()
    assert (await fleet.counts(job), fleet.take_pushes(), await fleet.pull(device)) == ({}, [], None)
    fleet.clock.advance(1)
    await fleet.tick()
    started = await looked_at(fleet, job)
    assert (started.status, started.started_at) == (JobStatus.IN_PROGRESS, now + HOUR_MS)
    assert await fleet.counts(job) == {S.NOTIFIED: 1, S.QUEUED: 1}
    assert await fleet.pull(late) is not None


async def test_it_starts_after_a_restart_that_slept_through_its_time(fleet: Fleet) -> None:
    await fleet.start()
    job = await fleet.job(start_at=fleet.clock.now() + HOUR_MS)
    fleet.clock.advance(3 * DAY_MS)
    fleet.restart()
    await fleet.tick()
    assert await fleet.counts(job) == {S.QUEUED: 1}


async def test_at_its_finish_time_a_job_ends_and_what_is_unfinished_is_canceled(fleet: Fleet) -> None:
    devices = await fleet.start(4)
    now = fleet.clock.now()
    job = await fleet.job(start_at=now + HOUR_MS, finish_at=now + 3 * HOUR_MS)
    fleet.clock.advance(HOUR_MS)
    await fleet.tick()
    for device in devices[:3]:
        await fleet.pull(device)
    await fleet.progress(devices[1], 50)
    await fleet.version(devices[2], "2.0")
    fleet.clock.advance(2 * HOUR_MS - 1)
    await fleet.tick()
    assert await fleet.counts(job) == {S.QUEUED: 1, S.NOTIFIED: 1, S.IN_PROGRESS: 1, S.SUCCEEDED: 1}
    fleet.clock.advance(1)
    await fleet.tick()
    assert await fleet.counts(job) == {S.CANCELED: 3, S.SUCCEEDED: 1}
    ended = await looked_at(fleet, job)
    assert (ended.status, ended.ended_at) == (JobStatus.COMPLETED, fleet.clock.now())
    assert (await fleet.task(devices[1], job)).description == ended.stop_reason == "the job's finish time was reached"


async def test_a_canceled_job_whose_devices_never_finish_ends_at_its_finish_time_too(fleet: Fleet) -> None:
    [device] = await fleet.start()
    now = fleet.clock.now()
    job = await fleet.job(start_at=now + HOUR_MS, finish_at=now + 3 * HOUR_MS)
    fleet.clock.advance(HOUR_MS)
    await fleet.tick()
    await fleet.pull(device)
    await fleet.ota.jobs.cancel(SYSTEM, job.id, [S.QUEUED], "wrong image")
    fleet.clock.advance(2 * HOUR_MS)
    await fleet.tick()
    ended = await looked_at(fleet, job)
    assert (ended.status, ended.stop_reason, ended.ended_at) == (JobStatus.CANCELED, "wrong image", now + 3 * HOUR_MS)
    assert await fleet.counts(job) == {S.CANCELED: 1}


async def test_a_planned_job_is_canceled_before_it_has_begun(fleet: Fleet) -> None:
    await fleet.start()
    job = await fleet.job(start_at=fleet.clock.now() + HOUR_MS)
    canceled = await fleet.ota.jobs.cancel(SYSTEM, job.id, [S.QUEUED])
    assert canceled.status is JobStatus.CANCELED
    fleet.clock.advance(2 * HOUR_MS)
    await fleet.tick()
    assert (await looked_at(fleet, job)).ended_at is not None
    assert await fleet.counts(job) == {}


async def test_a_planned_job_that_is_paused_begins_when_it_is_resumed(fleet: Fleet) -> None:
    await fleet.start()
    job = await fleet.job(start_at=fleet.clock.now() + HOUR_MS)
    assert (await fleet.ota.steering.pause(SYSTEM, job.id)).hold is Hold.PAUSED
    fleet.clock.advance(2 * HOUR_MS)
    await fleet.tick()
    assert (await looked_at(fleet, job)).status is JobStatus.PLANNED
    await fleet.ota.steering.resume(SYSTEM, job.id)
    await fleet.tick()
    assert await fleet.counts(job) == {S.QUEUED: 1}


# --- approval ---------------------------------------------------------------------------------------------------------


async def test_somebody_else_than_the_creator_lets_a_job_begin(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    ann, bob = admin("ann"), admin("bob")
    await fleet.db.write(add_administrators, "ann", "bob")
    package = await fleet.package()
    job = await fleet.ota.maker.create(ann, new_job(package.id, approval=True))
    assert (job.status, job.hold) == (JobStatus.PLANNED, Hold.APPROVAL)
    fleet.clock.advance(DAY_MS)
    await fleet.tick()
    assert (await fleet.counts(job), fleet.take_pushes(), await fleet.pull(device)) == ({}, [], None)
    for override in (False, True):  # there is somebody else, so that nothing overrides it
        with pytest.raises(Forbidden) as refused:
            await fleet.ota.steering.approve(ann, job.id, override=override)
        assert refused.value.code == "job.own_approval"
    with pytest.raises(Conflict):
        await fleet.ota.steering.resume(ann, job.id)
    with pytest.raises(Conflict):
        await fleet.ota.steering.pause(ann, job.id)
    approved = await fleet.ota.steering.approve(bob, job.id)
    assert (approved.status, approved.hold, approved.approved_by) == (JobStatus.IN_PROGRESS, Hold.NONE, "bob")
    await fleet.tick()
    assert await fleet.counts(job) == {S.NOTIFIED: 1}
    with pytest.raises(Conflict) as again:
        await fleet.ota.steering.approve(bob, job.id)
    assert again.value.code == "job.not_held"


async def test_an_only_administrator_may_override_it_and_the_audit_trail_says_so(fleet: Fleet) -> None:
    await fleet.start()
    ann = admin("ann")
    await fleet.db.write(add_administrators, "ann")
    package = await fleet.package()
    job = await fleet.ota.maker.create(ann, new_job(package.id, approval=True))
    with pytest.raises(Forbidden):
        await fleet.ota.steering.approve(ann, job.id)
    assert (await fleet.ota.steering.approve(ann, job.id, override=True)).approved_by == "ann"
    trail = await fleet.db.read(audited)
    assert trail["job.approve"]["override"] is True


async def test_an_operator_who_is_alone_overrides_nothing(fleet: Fleet) -> None:
    await fleet.start()
    package = await fleet.package()
    olga = actor(Role.OPERATOR, fleet.product)
    job = await fleet.ota.maker.create(olga, new_job(package.id, approval=True))
    with pytest.raises(Forbidden):
        await fleet.ota.steering.approve(olga, job.id, override=True)


async def test_a_planned_job_that_was_approved_still_waits_for_its_time(fleet: Fleet) -> None:
    await fleet.start()
    now = fleet.clock.now()
    jobs = [await fleet.job(await fleet.package(v), start_at=now + HOUR_MS, approval=True) for v in ("2.0", "3.0")]
    await fleet.ota.steering.approve(admin("bob"), jobs[0].id)
    await fleet.tick()
    assert await fleet.counts(jobs[0]) == {}
    fleet.clock.advance(2 * HOUR_MS)
    await fleet.tick()
    assert await fleet.counts(jobs[0]) == {S.QUEUED: 1}
    assert await fleet.counts(jobs[1]) == {}
    await fleet.ota.steering.approve(admin("bob"), jobs[1].id)
    await fleet.tick()
    assert await fleet.counts(jobs[1]) == {S.FAILED: 1}  # the device is busy


async def test_an_unapproved_job_is_canceled_like_any_other(fleet: Fleet) -> None:
    await fleet.start()
    job = await fleet.job(approval=True)
    await fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE)
    await fleet.tick()
    assert (await looked_at(fleet, job)).status is JobStatus.CANCELED
    with pytest.raises(Conflict):
        await fleet.ota.steering.approve(admin("bob"), job.id)


# --- windows, and the rule of a product -------------------------------------------------------------------------------

NIGHT = Window(days=(1, 2, 3, 4, 5, 6, 7), start="22:00", end="23:00", zone="UTC")
NOON = Window(days=(1, 2, 3, 4, 5, 6, 7), start="12:00", end="13:00", zone="UTC")


async def test_nothing_is_pushed_outside_the_windows(fleet: Fleet) -> None:
    devices = await fleet.start(40)
    await fleet.connect(*devices)
    job = await fleet.job(rate_per_minute=10, windows=[NOON])
    pushed: list[int] = []
    for _ in range(8 * 60 * 24):
        fleet.clock.advance(7_500)
        await fleet.ota.course.open_windows()
        await fleet.ota.dispatcher.push_due()
        pushed += [fleet.clock.now()] * len(fleet.take_pushes())
        if len(pushed) == 40:
            break
    assert len(pushed) == 40
    assert {at // HOUR_MS % 24 for at in pushed} == {12}
    assert await fleet.counts(job) == {S.NOTIFIED: 40}


async def test_a_window_that_closes_holds_the_rest_until_the_next_day(fleet: Fleet) -> None:
    devices = await fleet.start(30)
    await fleet.connect(*devices)
    fleet.clock.advance(12 * HOUR_MS - fleet.clock.now() % DAY_MS + DAY_MS + HOUR_MS - MINUTE_MS)  # 12:59
    job = await fleet.job(rate_per_minute=10, windows=[NOON])
    for _ in range(240):
        await fleet.ota.dispatcher.push_due()
        fleet.clock.advance(1_000)
    told = len(fleet.take_pushes())
    assert 9 <= told <= 11
    [waiting, *_] = [device for device in devices if (await fleet.task(device, job)).status is S.QUEUED]
    assert await fleet.pull(waiting) is None
    await fleet.tick()
    opens_at = (await looked_at(fleet, job)).window_opens_at
    fleet.clock.advance(opens_at - fleet.clock.now() - 1)
    await fleet.tick()
    assert fleet.take_pushes() == []
    fleet.clock.advance(1)
    await fleet.tick()
    assert len(fleet.take_pushes()) == 1
    assert await fleet.pull(waiting) is not None


async def test_the_windows_of_a_product_hold_for_its_jobs_at_once_but_not_for_those_with_their_own(
    fleet: Fleet,
) -> None:
    devices = await fleet.start(2)
    await fleet.connect(*devices)
    key = fleet.product.product_key
    fleet.clock.advance(DAY_MS - fleet.clock.now() % DAY_MS + 10 * HOUR_MS)  # 10:00
    plain = await fleet.job(await fleet.package("2.0"), targets="SPECIFIC", device_names=["pump-0"])
    own = await fleet.job(await fleet.package("3.0"), targets="SPECIFIC", device_names=["pump-1"], windows=[NIGHT])
    await fleet.ota.steering.set_rule(SYSTEM, key, ProductRule(windows=(NOON,)))
    await fleet.tick()
    assert fleet.take_pushes() == []
    fleet.clock.advance(2 * HOUR_MS)
    await fleet.tick()
    assert [push["device_id"] for push in fleet.take_pushes()] == [devices[0].id]
    fleet.clock.advance(10 * HOUR_MS)
    await fleet.tick()
    assert [push["device_id"] for push in fleet.take_pushes()] == [devices[1].id]
    await fleet.ota.steering.set_rule(SYSTEM, key, ProductRule())
    assert (await looked_at(fleet, plain)).window_closes_at is None
    assert (await looked_at(fleet, own)).window_closes_at is not None
    assert (await fleet.ota.steering.rule(SYSTEM, key)) == ProductRule()


async def test_a_product_may_ask_for_approval_of_every_job_but_not_of_verifications(fleet: Fleet) -> None:
    await fleet.start()
    key = fleet.product.product_key
    await fleet.ota.steering.set_rule(SYSTEM, key, ProductRule(needs_approval=True))
    job = await fleet.job()
    assert job.hold is Hold.APPROVAL
    assert (await fleet.ota.steering.rule(SYSTEM, key)).needs_approval


async def test_who_may_set_the_rule_of_a_product(fleet: Fleet) -> None:
    await fleet.start()
    key = fleet.product.product_key
    other = await fleet.services.product("Valves")
    rule = ProductRule(needs_approval=True)
    with pytest.raises(Forbidden):
        await fleet.ota.steering.set_rule(actor(Role.OPERATOR, fleet.product), key, rule)
    with pytest.raises(NotFound):
        await fleet.ota.steering.set_rule(actor(Role.ADMIN, other), key, rule)
    with pytest.raises(Invalid):
        await fleet.ota.steering.set_rule(
            SYSTEM, key, ProductRule(windows=(msgspec.structs.replace(NOON, zone="Mars/Base"),))
        )
    assert await fleet.ota.steering.rule(SYSTEM, key) == ProductRule()
    await fleet.ota.steering.set_rule(SYSTEM, key, rule)
    assert (await fleet.db.read(audited))["product.ota_rule"]["needs_approval"] is True
