"""Whom a job selects, on each engine: gray scales, regions, lists of devices, and devices that come to match later."""

import asyncio
from collections import Counter

import pytest

from linkops.db import Tx
from linkops.devices.model import NewDevice
from linkops.errors import Conflict, Invalid, NotFound, TooLarge
from linkops.events.actor import SYSTEM, Actor, Role
from linkops.ota.candidates.survey import Survey
from linkops.ota.device_lists import service as lists
from linkops.ota.device_lists.store import DeviceList
from linkops.ota.filling.matching import MAX_MATCHES
from linkops.ota.model import FailureKind, Job, JobStatus, Task, TaskStatus
from linkops.ota.tasks.service import TaskFilter
from tests.support.devices import actor
from tests.support.ota import ALL_LIVE, Fleet, chunks, exact, new_job

S = TaskStatus
HOUR_MS = 3_600_000


async def selected(fleet: Fleet, job: Job) -> list[str]:
    page = await fleet.ota.tasks.of_job(SYSTEM, job.id, TaskFilter(), limit=200)
    return sorted(task.device_name for task in page.items)


async def tasks_of(fleet: Fleet, device: NewDevice) -> list[Task]:
    return (await fleet.ota.tasks.of_device(SYSTEM, device.key)).items


# --- gray scales ------------------------------------------------------------------------------------------------------


async def test_a_gray_scale_takes_an_exact_share_and_the_same_devices_when_asked_again(fleet: Fleet) -> None:
    await fleet.start(1)
    await fleet.services.devices.create_many(SYSTEM, fleet.product.product_key, 99)
    package = await fleet.package()
    job = await fleet.job(package, targets="GRAY", percent=33.33)
    first = await selected(fleet, job)
    assert len(first) == 33
    await fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE)
    fleet.restart()
    again = await fleet.job(package, targets="GRAY", percent=33.33)
    assert await selected(fleet, again) == first
    await fleet.ota.jobs.cancel(SYSTEM, again.id, ALL_LIVE)
    more = await fleet.job(package, targets="GRAY", percent=50)
    assert set(first) < set(await selected(fleet, more))
    await exact(fleet, job, again, more)


async def test_a_gray_scale_and_the_rest_never_overlap(fleet: Fleet) -> None:
    devices = await fleet.start(10)
    package = await fleet.package()
    gray = await fleet.job(package, targets="GRAY", percent=20)
    first = await selected(fleet, gray)
    for device in devices:
        if device.key.device_name in first:
            await fleet.version(device, "2.0")
    rest = await fleet.job(package)
    assert sorted([*first, *await selected(fleet, rest)]) == sorted(device.key.device_name for device in devices)


async def test_a_gray_scale_is_of_the_devices_that_are_left_and_at_least_one(fleet: Fleet) -> None:
    devices = await fleet.start(10)
    for device in devices[:4]:
        await fleet.version(device, "1.0")
    job = await fleet.job(targets="GRAY", percent=50, source_versions=["1.0"])
    assert len(await selected(fleet, job)) == 2
    assert set(await selected(fleet, job)) <= {device.key.device_name for device in devices[:4]}
    tiny = await fleet.job(await fleet.package("3.0"), targets="GRAY", percent=0.001)
    assert len(await selected(fleet, tiny)) == 1


async def test_a_gray_scale_goes_on_after_a_restart_and_stays_exact(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linkops.ota.filling.service.DEVICES_PER_UNIT", 7)
    await fleet.start(1)
    await fleet.services.devices.create_many(SYSTEM, fleet.product.product_key, 59)
    package = await fleet.package()
    job = await fleet.ota.maker.create(SYSTEM, new_job(package.id, targets="GRAY", percent=75))
    for _ in range(3):
        await fleet.ota.filler.fill()
    await fleet.services.device(fleet.product, "late")
    fleet.restart()
    while await fleet.ota.filler.fill():
        pass
    assert await fleet.counts(job) == {S.QUEUED: 45}
    assert "late" not in await selected(fleet, job)


# --- regions ----------------------------------------------------------------------------------------------------------


async def test_a_region_is_what_the_tags_of_a_device_say(fleet: Fleet) -> None:
    devices = await fleet.start(5)
    places = [("Bayern", "München"), ("Bayern", "Nürnberg"), ("Hessen", "München"), ("Bayern", None), None]
    for device, place in zip(devices, places, strict=True):
        if place is not None:
            tags = {"province": place[0], **({} if place[1] is None else {"city": place[1]})}
            await fleet.services.devices.change_tags(SYSTEM, [device.key], tags)
    package = await fleet.package()
    for regions, names in (
        ([{"province": "Bayern"}], ["pump-0", "pump-1", "pump-3"]),
        ([{"province": "Bayern", "city": "München"}], ["pump-0"]),
        ([{"province": "Hessen"}, {"province": "Bayern", "city": "Nürnberg"}], ["pump-1", "pump-2"]),
        ([{"province": "Bayern"}, {"province": "Bayern", "city": "München"}], ["pump-0", "pump-1", "pump-3"]),
    ):
        job = await fleet.job(package, targets="REGION", regions=regions)
        assert await selected(fleet, job) == names
        await fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE)
    with pytest.raises(Conflict):
        await fleet.job(package, targets="REGION", regions=[{"province": "Bremen"}])


# --- lists of devices -------------------------------------------------------------------------------------------------


async def receive(fleet: Fleet, text: str, who: Actor = SYSTEM) -> DeviceList:
    return await fleet.ota.device_lists.receive(who, fleet.product.product_key, chunks(text.encode(), 7))


def stored_lists(tx: Tx) -> int:
    return int(tx.scalar("SELECT count(*) FROM ota_device_list"))


def stored_rows(tx: Tx) -> int:
    return int(tx.scalar("SELECT count(*) FROM ota_device_list_row"))


async def test_a_list_names_devices_and_says_which_lines_do_not(fleet: Fleet) -> None:
    await fleet.start(3)
    found = await receive(fleet, "pump-0\r\npump-2\nnobody\n\npump-0\na/b\npump-2")
    assert (found.devices, found.refused, found.kept) == (2, 2, False)
    refusals = [refusal async for refusal in fleet.ota.device_lists.refusals(SYSTEM, found.id)]
    assert [(refusal.line, refusal.content, refusal.code) for refusal in refusals] == [
        (3, "nobody", "device.not_found"),
        (6, "a/b", "device.name_invalid"),
    ]
    job = await fleet.job(targets="SPECIFIC", device_list_id=found.id)
    assert await selected(fleet, job) == ["pump-0", "pump-2"]


async def test_a_list_that_becomes_a_job_is_kept_and_another_one_is_forgotten(fleet: Fleet) -> None:
    await fleet.start(2)
    kept, other = await receive(fleet, "pump-0"), await receive(fleet, "pump-1\nnobody")
    job = await fleet.job(targets="SPECIFIC", device_list_id=kept.id)
    fleet.clock.advance(HOUR_MS)
    while await fleet.ota.device_lists.sweep():
        pass
    assert (await fleet.ota.device_lists.get(SYSTEM, other.id)).devices == 1
    fleet.clock.advance(1)
    while await fleet.ota.device_lists.sweep():
        pass
    with pytest.raises(NotFound):
        await fleet.ota.device_lists.get(SYSTEM, other.id)
    assert (await fleet.ota.device_lists.get(SYSTEM, kept.id)).kept
    await fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE)
    assert await selected(fleet, await fleet.ota.maker.clone(SYSTEM, job.id)) == []
    while await fleet.ota.filler.fill():
        pass


async def test_names_of_a_preview_or_of_a_refused_job_are_forgotten_as_well(fleet: Fleet) -> None:
    await fleet.start(2)
    package = await fleet.package()
    named = {"targets": "SPECIFIC", "device_names": ["pump-0", "pump-1"]}
    await fleet.ota.maker.preview(SYSTEM, new_job(package.id, **named))
    with pytest.raises(Invalid):
        await fleet.job(package, targets="SPECIFIC", device_names=["pump-0", "nobody"])
    job = await fleet.job(package, **named)
    fleet.clock.advance(HOUR_MS + 1)
    while await fleet.ota.device_lists.sweep():
        pass
    assert await fleet.db.read(stored_lists) == 1
    assert await fleet.db.read(stored_rows) == 2
    assert await selected(fleet, job) == ["pump-0", "pump-1"]


async def test_a_list_is_bounded(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lists.MAX_DEVICES == 1_000_000
    monkeypatch.setattr(lists, "MAX_DEVICES", 2)
    monkeypatch.setattr(lists, "MAX_REFUSALS", 2)
    await fleet.start(3)
    found = await receive(fleet, "pump-0\npump-1\nx\ny\nz\n")
    assert (found.devices, found.refused) == (2, 3)
    assert len([refusal async for refusal in fleet.ota.device_lists.refusals(SYSTEM, found.id)]) == 2
    with pytest.raises(TooLarge) as refused:
        await receive(fleet, "pump-0\npump-1\npump-2\n")
    assert refused.value.code == "device_list.too_many"


async def test_a_list_is_its_owners_and_of_its_product(fleet: Fleet) -> None:
    await fleet.start(1)
    found = await receive(fleet, "pump-0")
    stranger = actor(Role.OPERATOR, fleet.product)
    with pytest.raises(NotFound):
        await fleet.ota.device_lists.get(stranger, found.id)
    package = await fleet.package()
    with pytest.raises(NotFound):
        await fleet.ota.maker.create(stranger, new_job(package.id, targets="SPECIFIC", device_list_id=found.id))
    empty = await receive(fleet, "nobody")
    with pytest.raises(Invalid) as refused:
        await fleet.job(package, targets="SPECIFIC", device_list_id=empty.id)
    assert refused.value.code == "device_list.not_for_product"


# --- dynamic jobs -----------------------------------------------------------------------------------------------------


async def dynamic(fleet: Fleet, version: str = "2.0", *sources: str, **asked: object) -> Job:
    versions = list(sources) or ["1.0"]
    return await fleet.job(await fleet.package(version), selection="DYNAMIC", source_versions=versions, **asked)


async def test_a_dynamic_job_is_for_those_that_match_now_and_those_that_will(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    await fleet.connect(*devices)
    await fleet.version(devices[0], "1.0")
    await fleet.version(devices[1], "0.9")
    fleet.clock.advance(1)
    job = await dynamic(fleet)
    assert await selected(fleet, job) == ["pump-0"]
    await fleet.version(devices[1], "1.0")
    await fleet.version(devices[2], "1.1")
    new = await fleet.services.device(fleet.product, "newcomer")
    await fleet.connect(new)
    fleet.clock.advance(1)
    await fleet.version(new, "1.0")
    assert await selected(fleet, job) == ["newcomer", "pump-0", "pump-1"]
    await fleet.tick()
    assert {push["device_id"] for push in fleet.take_pushes()} == {devices[0].id, devices[1].id, new.id}
    for device in (devices[0], devices[1], new):
        await fleet.version(device, "2.0")
    await fleet.tick()
    assert (await fleet.ota.jobs.get(SYSTEM, job.id)).status is JobStatus.IN_PROGRESS  # it ends when it is canceled
    await exact(fleet, job)


async def test_new_devices_wait_for_the_rate_too(fleet: Fleet) -> None:
    devices = await fleet.start(10)
    await fleet.connect(*devices)
    fleet.clock.advance(1)
    await dynamic(fleet, rate_per_minute=10)
    for device in devices:
        await fleet.version(device, "1.0")
    await fleet.ota.dispatcher.push_due()
    assert len(fleet.take_pushes()) == 1


async def test_a_repeated_report_makes_no_second_task(fleet: Fleet) -> None:
    [device] = await fleet.start()
    job = await dynamic(fleet)
    for _ in range(3):
        await fleet.version(device, "1.0")
    await fleet.pull(device)
    await fleet.progress(device, -1)
    for _ in range(3):
        await fleet.version(device, "1.0")
    assert await fleet.counts(job) == {S.FAILED: 1}


async def test_only_new_reports_match_where_that_was_asked_for(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    for device in devices[:2]:
        await fleet.version(device, "1.0")
    job = await dynamic(fleet, "2.0", "1.0", "1.1", dynamic_mode="new_reports")
    assert await selected(fleet, job) == []
    await fleet.version(devices[0], "1.0")  # it restarts, and says what it said before
    assert await selected(fleet, job) == []
    await asyncio.gather(*(fleet.version(devices[0], "1.1") for _ in range(3)))  # in one unit: only the first is new
    await fleet.version(devices[2], "1.0")
    assert await selected(fleet, job) == ["pump-0", "pump-2"]


async def test_of_several_dynamic_jobs_the_newest_counts(fleet: Fleet) -> None:
    [device] = await fleet.start()
    older, newer = await dynamic(fleet, "2.0"), await dynamic(fleet, "3.0")
    await fleet.version(device, "1.0")
    assert (await selected(fleet, older), await selected(fleet, newer)) == ([], ["pump-0"])
    await fleet.ota.jobs.cancel(SYSTEM, newer.id, ALL_LIVE)
    await fleet.version(device, "0.9")
    await fleet.version(device, "1.0")
    assert await selected(fleet, older) == ["pump-0"]


async def test_a_device_that_reports_another_version_it_looks_for_keeps_its_task(fleet: Fleet) -> None:
    for overwrite in (False, True):
        device = (await fleet.start())[0] if not overwrite else await fleet.services.device(fleet.product, "second")
        job = await dynamic(fleet, f"{2 + overwrite}.0", "1.0", "1.1", overwrite=overwrite)
        await fleet.version(device, "1.0")
        await fleet.version(device, "1.1")
        assert [(task.job_id, task.status) for task in await tasks_of(fleet, device)] == [(job.id, S.QUEUED)]


async def test_an_endless_loop_of_two_versions_ends_after_ten_matches(fleet: Fleet) -> None:
    [device] = await fleet.start()
    up = await dynamic(fleet, "2.0", "1.0")
    down = await dynamic(fleet, "1.0", "2.0")
    for _ in range(MAX_MATCHES + 5):
        await fleet.version(device, "1.0")
        await fleet.version(device, "2.0")
    assert await fleet.counts(up) == {S.SUCCEEDED: MAX_MATCHES}
    assert await fleet.counts(down) == {S.SUCCEEDED: MAX_MATCHES}
    names = [task.device_name for task in (await by_name(fleet, up, 3))]
    assert names == ["pump-0"] * MAX_MATCHES
    await exact(fleet, up, down)


async def by_name(fleet: Fleet, job: Job, limit: int) -> list[Task]:
    """Return all pages of a job's tasks by device name."""
    page = await fleet.ota.tasks.by_device_name(SYSTEM, job.id, TaskFilter(), limit=limit)
    tasks = list(page.items)
    while page.next is not None:
        page = await fleet.ota.tasks.by_device_name(SYSTEM, job.id, TaskFilter(), cursor=page.next, limit=limit)
        tasks += page.items
    assert len({task.id for task in tasks}) == len(tasks)
    return tasks


async def test_a_package_has_one_running_dynamic_job(fleet: Fleet) -> None:
    await fleet.start()
    package = await fleet.package()
    asked = {"selection": "DYNAMIC", "source_versions": ["1.0"]}
    first = await fleet.job(package, **asked)
    with pytest.raises(Conflict) as refused:
        await fleet.job(package, **asked)
    assert (refused.value.code, refused.value.params) == ("job.dynamic_exists", {"job_id": first.id})
    await fleet.ota.jobs.cancel(SYSTEM, first.id, [], stop=True)
    assert (await fleet.job(package, **asked)).id > first.id


async def test_canceling_only_its_strategy_leaves_its_tasks_alone(fleet: Fleet) -> None:
    devices = await fleet.start(2)
    job = await dynamic(fleet)
    await fleet.version(devices[0], "1.0")
    canceled = await fleet.ota.jobs.cancel(SYSTEM, job.id, [], stop=True)
    assert canceled.status is JobStatus.CANCELED
    await fleet.version(devices[1], "1.0")
    assert await fleet.counts(job) == {S.QUEUED: 1}
    assert await fleet.pull(devices[0]) is not None
    await fleet.version(devices[0], "2.0")
    await fleet.tick()
    assert (await fleet.ota.jobs.get(SYSTEM, job.id)).ended_at == fleet.clock.now()


async def test_a_device_that_is_busy_fails_a_dynamic_job_once(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.job(await fleet.package("5.0"))
    job = await dynamic(fleet)
    for _ in range(2):
        await fleet.version(device, "1.0")
    [task, _] = await tasks_of(fleet, device)
    assert (task.job_id, task.failure_kind) == (job.id, FailureKind.CONFLICT)


# --- a look ahead -----------------------------------------------------------------------------------------------------


async def test_a_preview_counts_and_changes_nothing(fleet: Fleet) -> None:
    devices = await fleet.start(5)
    await fleet.connect(devices[0], devices[1])
    for device, version in zip(devices, ("1.0", "1.0", "1.1", "2.0"), strict=False):
        await fleet.version(device, version)
    await fleet.job(await fleet.package("3.0"), targets="SPECIFIC", device_names=["pump-0"])
    package = await fleet.package("2.0")
    preview = await fleet.ota.maker.preview(SYSTEM, new_job(package.id, rate_per_minute=10))
    assert preview.survey == Survey(devices=4, online=2, busy=1, versions=Counter({"1.0": 2, "1.1": 1, "": 1}))
    assert preview.minutes == 1
    nobody = await fleet.ota.maker.preview(SYSTEM, new_job(package.id, source_versions=["0.1"]))
    assert (nobody.survey.devices, nobody.minutes) == (0, None)
    assert len((await fleet.ota.tasks.of_device(SYSTEM, devices[4].key)).items) == 0
