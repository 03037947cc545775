"""What devices run and how updates ended, on each engine."""

import pytest

from linkops.devices.model import NewDevice
from linkops.errors import Invalid, NotFound
from linkops.events.actor import SYSTEM, Role
from linkops.ota.distributions.model import Others, OutcomeFilter, OutcomeOrder, SourceOutcome
from linkops.ota.model import FailureKind, Job, TaskStatus
from linkops.ota.tasks.service import RESULTS_PER_READ, TaskFilter
from tests.support.devices import actor
from tests.support.ota import Fleet

RUN = ["1.0", "1.0", "1.0", "1.1", "1.1", "0.9", "0.8", "0.7", "0.6", "0.5"]


async def running(fleet: Fleet, versions: list[str]) -> list[NewDevice]:
    """Create a device for each version, which reports it; '' for one that says nothing."""
    devices = await fleet.start(len(versions))
    for device, version in zip(devices, versions, strict=True):
        if version:
            await fleet.version(device, version)
    return devices


async def test_the_top_five_stand_first_and_the_rest_together(fleet: Fleet) -> None:
    await running(fleet, [*RUN, ""])
    found = await fleet.ota.statistics.versions(SYSTEM, fleet.product.product_key)
    assert (found.devices, found.versions) == (10, 7)
    assert found.top == [("1.0", 3, 0.3), ("1.1", 2, 0.2), ("0.5", 1, 0.1), ("0.6", 1, 0.1), ("0.7", 1, 0.1)]
    assert found.others == Others(2, 2, 0.2)
    assert [row.version for row in found.table.items] == ["1.0", "1.1", "0.5", "0.6", "0.7", "0.8", "0.9"]


async def test_the_table_goes_through_all_pages_once(fleet: Fleet) -> None:
    await running(fleet, RUN)
    found, cursor = [], None
    while True:
        part = await fleet.ota.statistics.versions(SYSTEM, fleet.product.product_key, cursor=cursor, limit=2)
        assert len(part.top) == 5
        found += [row.version for row in part.table.items]
        cursor = part.table.next
        if cursor is None:
            break
    assert found == ["1.0", "1.1", "0.5", "0.6", "0.7", "0.8", "0.9"]


async def test_an_update_moves_a_device_from_version_to_version(fleet: Fleet) -> None:
    devices = await running(fleet, ["1.0", "1.0"])
    await fleet.version(devices[0], "2.0")
    await fleet.version(devices[1], "7", module="mcu")
    statistics, key = fleet.ota.statistics, fleet.product.product_key
    assert (await statistics.versions(SYSTEM, key)).top == [("1.0", 1, 0.5), ("2.0", 1, 0.5)]
    assert (await statistics.versions(SYSTEM, key, "mcu")).top == [("7", 1, 1.0)]
    nothing = await statistics.versions(SYSTEM, key, "nowhere")
    assert (nothing.devices, nothing.top, nothing.others, nothing.table.items) == (0, [], None, [])


async def test_devices_are_listed_by_what_they_run(fleet: Fleet) -> None:
    await running(fleet, ["2.0", "1.0", "2.0", "", "1.0", "2.0"])
    statistics, key = fleet.ota.statistics, fleet.product.product_key
    found, cursor = [], None
    while True:
        page = await statistics.devices(SYSTEM, key, version="2.0", cursor=cursor, limit=2)
        assert page.total == 3
        found += [row.device_name for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert found == ["pump-0", "pump-2", "pump-5"]
    first = await statistics.devices(SYSTEM, key, limit=3)
    rest = await statistics.devices(SYSTEM, key, cursor=first.next, limit=3)
    assert [(row.version, row.device_name) for row in [*first.items, *rest.items]] == [
        ("1.0", "pump-1"), ("1.0", "pump-4"), ("2.0", "pump-0"), ("2.0", "pump-2"), ("2.0", "pump-5"),
    ]  # fmt: skip
    assert (first.total, rest.next) == (5, None)
    assert (await statistics.devices(SYSTEM, key, version="3.0")).items == []


async def ended(fleet: Fleet) -> Job:
    """Five devices from 1.0, two from 0.9, two that never said: of each the first succeeds, the second fails."""
    devices = await running(fleet, ["1.0"] * 5 + ["0.9"] * 2 + [""] * 2)
    job = await fleet.job()
    for number, device in enumerate(devices):
        await fleet.pull(device)
        if number in {0, 5, 7}:
            await fleet.version(device, "2.0")
        if number in {1, 6, 8}:
            await fleet.progress(device, -2 if number == 8 else -4)
    await fleet.ota.task_changes.cancel(SYSTEM, job.package_id, ["pump-2"])
    return job


async def test_outcomes_are_counted_by_source_version(fleet: Fleet) -> None:
    job = await ended(fleet)
    found = await fleet.ota.statistics.outcomes(SYSTEM, OutcomeFilter(job_id=job.id))
    assert (found.ended.total, found.ended.succeeded, found.ended.failed) == (9, 3, 3)
    assert (found.ended.canceled, found.ended.unfinished) == (1, 2)
    assert (found.ended.success_rate, found.ended.failure_rate) == (0.5, 0.5)
    assert found.failures == [(FailureKind.FLASH, 2, 2 / 3), (FailureKind.DOWNLOAD, 1, 1 / 3)]
    assert found.source_versions == 3
    assert [(row.source_version, row.total, row.succeeded, row.failed) for row in found.table.items] == [
        ("1.0", 5, 1, 1), ("", 2, 1, 1), ("0.9", 2, 1, 1),
    ]  # fmt: skip
    assert found.table.items[0] == SourceOutcome(
        source_version="1.0", share=5 / 9, total=5, succeeded=1, failed=1, canceled=1, unfinished=2,
        success_rate=0.5, failure_rate=0.5,
    )  # fmt: skip


@pytest.mark.parametrize("order", OutcomeOrder)
async def test_source_versions_go_through_all_pages_in_every_order(fleet: Fleet, order: OutcomeOrder) -> None:
    await ended(fleet)
    found, cursor = [], None
    while True:
        part = await fleet.ota.statistics.outcomes(SYSTEM, OutcomeFilter(), order=order, cursor=cursor, limit=1)
        found += [row.source_version for row in part.table.items]
        cursor = part.table.next
        if cursor is None:
            break
    assert found == (["1.0", "", "0.9"] if order is OutcomeOrder.TOTAL else ["", "0.9", "1.0"])


async def test_filters_choose_whose_updates(fleet: Fleet) -> None:
    job = await ended(fleet)
    key = fleet.product.product_key
    await fleet.services.products.create(SYSTEM, "Lamps", product_key="lamps")

    async def total(**wanted: object) -> int:
        return (await fleet.ota.statistics.outcomes(SYSTEM, OutcomeFilter(**wanted))).ended.total  # type: ignore[arg-type]  # as asked

    assert await total(product_key=key, module="default", package_id=job.package_id, job_id=job.id) == 9
    assert [await total(product_key=key), await total()] == [9, 9]
    assert [await total(product_key="lamps"), await total(module="mcu"), await total(package_id=4711)] == [0, 0, 0]
    with pytest.raises(NotFound):
        await total(job_id=4711)


async def test_figures_show_only_what_the_actor_may_see(fleet: Fleet) -> None:
    job = await ended(fleet)
    lamps = await fleet.services.products.create(SYSTEM, "Lamps")
    stranger, key, statistics = actor(Role.ADMIN, lamps), fleet.product.product_key, fleet.ota.statistics
    assert (await statistics.outcomes(stranger, OutcomeFilter())).ended.total == 0
    assert (await statistics.outcomes(stranger, OutcomeFilter(package_id=job.package_id))).ended.total == 0
    for wanted in (OutcomeFilter(job_id=job.id), OutcomeFilter(product_key=key)):
        with pytest.raises(NotFound):
            await statistics.outcomes(stranger, wanted)
    with pytest.raises(NotFound):
        await statistics.versions(stranger, key)
    with pytest.raises(NotFound):
        await statistics.devices(stranger, key)
    with pytest.raises(NotFound):
        await anext(fleet.ota.tasks.results(stranger, job.id, TaskFilter()))
    assert (await statistics.outcomes(actor(Role.VIEWER, fleet.product), OutcomeFilter())).ended.total == 9


async def test_cursors_of_other_lists_are_refused(fleet: Fleet) -> None:
    await ended(fleet)
    key, statistics = fleet.product.product_key, fleet.ota.statistics
    by_total = (await statistics.outcomes(SYSTEM, OutcomeFilter(), limit=1)).table.next
    with pytest.raises(Invalid):
        await statistics.outcomes(SYSTEM, OutcomeFilter(), order=OutcomeOrder.FAILED, cursor=by_total)
    with pytest.raises(Invalid):
        await statistics.versions(SYSTEM, key, cursor=by_total)
    with pytest.raises(Invalid):
        await statistics.devices(SYSTEM, key, cursor=by_total)


async def test_results_come_in_parts_each_task_once(fleet: Fleet) -> None:
    [device] = await fleet.start(1)
    await fleet.services.devices.create_many(SYSTEM, fleet.product.product_key, 2 * RESULTS_PER_READ)
    job = await fleet.job()
    await fleet.pull(device)
    await fleet.progress(device, -1, "=cmd")
    parts = [part async for part in fleet.ota.tasks.results(SYSTEM, job.id, TaskFilter())]
    assert [len(part) for part in parts] == [RESULTS_PER_READ, RESULTS_PER_READ, 1]
    ids = [task.id for part in parts for task in part]
    assert ids == sorted(set(ids))
    failed = [part async for part in fleet.ota.tasks.results(SYSTEM, job.id, TaskFilter(status=TaskStatus.FAILED))]
    assert [[(task.device_name, task.description) for task in part] for part in failed] == [[("pump-0", "=cmd")]]


async def test_rollouts_are_listed_with_how_they_went(fleet: Fleet) -> None:
    first = await ended(fleet)
    second = await fleet.job(await fleet.package("3.0"))
    statistics, key = fleet.ota.statistics, fleet.product.product_key
    page = await statistics.rollouts(SYSTEM, OutcomeFilter(product_key=key), limit=1)
    assert ([row.job_id for row in page.items], page.total) == ([second.id], 2)
    rest = await statistics.rollouts(SYSTEM, OutcomeFilter(product_key=key), cursor=page.next, limit=1)
    (row,) = rest.items
    assert (row.job_id, row.version, row.total, row.succeeded, row.failed) == (first.id, "2.0", 9, 3, 3)
    assert (row.canceled, row.unfinished, row.success_rate, rest.next) == (1, 2, 0.5, None)
    assert [each.job_id for each in (await statistics.rollouts(SYSTEM, OutcomeFilter(job_id=first.id))).items] == [
        first.id
    ]
    assert (await statistics.rollouts(SYSTEM, OutcomeFilter(module="mcu"))).items == []
    lamps = await fleet.services.products.create(SYSTEM, "Lamps")
    assert (await statistics.rollouts(actor(Role.ADMIN, lamps), OutcomeFilter())).items == []
