"""A database that the first schema made, with updates under way: brought to the newest schema, all of them go on."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from linkops.clock import FixedClock
from linkops.db import Tx, open_database
from linkops.db.database import _engine
from linkops.db.migrate import migrate
from linkops.devices.model import DeviceKey, NewDevice
from linkops.events.actor import SYSTEM
from linkops.ota.model import FailureKind, JobStatus, TaskStatus
from linkops.ota.tasks.service import TaskFilter
from tests.support.ota import Fleet, exact

S = TaskStatus
DEVICES = 12
MINUTE_MS = 60_000


def run_all(tx: Tx, statement: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    names = columns.replace(" ", "").split(",")
    for row in rows:
        tx.run(
            f"INSERT INTO {statement} ({columns}) VALUES ({', '.join(':' + name for name in names)})",  # noqa: S608
            **dict(zip(names, row, strict=True)),
        )


def old_rollouts(tx: Tx, now: int) -> None:
    """Two jobs, half filled: one over all devices with a task in each status, one over named devices, without push."""
    product = "product_key, name, node_type, auth_type, secret_sealed, created_at, updated_at"
    run_all(tx, "product", product, [("oldpumps", "Pumps", "device", "secret", "", 0, 0)])
    device = "product_id, device_name, secret_sealed, created_at, updated_at"
    run_all(tx, "device", device, [(1, f"pump-{number}", "", 0, 0) for number in range(1, DEVICES + 1)])
    version = "device_id, module, product_id, version, reported_at"
    run_all(tx, "module_version", version, [(number, "default", 1, "1.0", 0) for number in range(1, 9)])
    package = (
        "product_id, module, name, kind, source_version, version, sign_method, status, description, custom_info,"
        "created_by, created_at, updated_at"
    )
    rows = [
        (1, "default", f"image-{v}", "full", "", v, "SHA256", "not_required", "", "", "ann", 0, 0) for v in ("2", "3")
    ]
    run_all(tx, "ota_package", package, rows)
    file = "package_id, position, file_name, blob_key, size_bytes, md5, sha256"
    run_all(tx, "ota_file", file, [(number, 0, "a.bin", f"key-{number}", 1, "00", "00") for number in (1, 2)])
    job = (
        "product_id, package_id, package_name, module, version, selection, targets, status, rate_per_minute, timeout_s,"
        "need_push, last_device_id, fill_cursor, created_by, created_at, updated_at, started_at"
    )
    jobs = [
        (1, 1, "image-2", "default", "2", "STATIC", "ALL", "IN_PROGRESS", 600, 60, 1, 8, 6, "ann", 0, now, now - 10**6),
        (1, 2, "image-3", "default", "3", "STATIC", "SPECIFIC", "IN_PROGRESS", None, None, 0, 12, 9, "bob", 0, now, 0),
    ]
    run_all(tx, "ota_job", job, jobs)
    run_all(tx, "ota_job_target", "job_id, device_id", [(2, number) for number in (9, 10, 1)])
    task = (
        "job_id, device_id, module, source_version, status, step, failure_kind, attempt, push_due_at, claimed_at,"
        "created_at, updated_at, notified_at, progress_at, timeout_at, ended_at"
    )
    before = now - 2 * MINUTE_MS
    tasks: list[tuple[object, ...]] = [
        (1, 1, "default", "1.0", "QUEUED", -1, "", 0, now, None, 0, 0, None, None, None, None),
        (1, 2, "default", "1.0", "NOTIFIED", -1, "", 1, None, before, 0, 0, before, None, None, None),
        (1, 3, "default", "1.0", "IN_PROGRESS", 40, "", 1, None, before, 0, 0, before, before, now + 1_000, None),
        (1, 4, "default", "1.0", "SUCCEEDED", 100, "", 1, None, before, 0, 0, before, before, None, before),
        (1, 5, "default", "1.0", "FAILED", 3, "download", 1, None, before, 0, 0, before, before, None, before),
        (1, 6, "default", "1.0", "CANCELED", -1, "", 0, None, None, 0, 0, None, None, None, before),
        (2, 9, "default", "", "QUEUED", -1, "", 0, None, None, 0, 0, None, None, None, None),
    ]
    run_all(tx, "ota_task", task, tasks)
    count = "job_id, status, source_version, failure_kind, tasks"
    run_all(tx, "ota_job_count", count, [(each[0], each[4], each[3], each[6], 1) for each in tasks])


def put_online(tx: Tx) -> None:
    tx.run("UPDATE device SET online = 1, online_at = 0 WHERE 1 = 1")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def old_url(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> Iterator[str]:
    """A database as the first schema left it."""
    postgres = request.getfixturevalue("postgres") if request.param == "postgres" else None
    name = postgres.create() if postgres is not None else str(tmp_path / "linkops.db")
    url = name if postgres is None else postgres.url(name)
    engine = _engine(url, 60)
    migrate(engine, upto=1)
    connection = engine.writer()
    connection.begin()
    old_rollouts(connection.tx, clock.now())
    connection.commit()
    connection.close()
    yield url
    if postgres is not None:
        postgres.drop(name)


async def test_updates_under_way_go_on(old_url: str, clock: FixedClock, tmp_path: Path) -> None:
    db = open_database(old_url)
    try:
        await _go_on(Fleet(db, clock, tmp_path))
    finally:
        db.close()


async def _go_on(fleet: Fleet) -> None:
    fleet.product = await fleet.services.products.get(SYSTEM, "oldpumps")
    devices = {n: NewDevice(n, DeviceKey("oldpumps", f"pump-{n}"), "") for n in range(1, DEVICES + 1)}
    everybody, named = [await fleet.ota.jobs.get(SYSTEM, number) for number in (1, 2)]
    assert (everybody.strategy.timeout_s, everybody.strategy.rate_per_minute, everybody.strategy.need_push) == (
        60,
        600,
        True,
    )
    assert (named.strategy.timeout_s, named.strategy.rate_per_minute, named.strategy.need_push) == (None, None, False)
    assert everybody.counts[S.IN_PROGRESS] == everybody.counts[S.QUEUED] == 1

    fleet.hub.everybody_is_here = True
    await fleet.db.write(put_online)
    while await fleet.ota.filler.fill():
        pass
    assert await fleet.counts(everybody) == {
        S.QUEUED: 3, S.NOTIFIED: 1, S.IN_PROGRESS: 1, S.SUCCEEDED: 1, S.FAILED: 1, S.CANCELED: 1
    }  # fmt: skip
    tasks = (await fleet.ota.tasks.of_job(SYSTEM, named.id, TaskFilter())).items
    assert [task.device_id for task in tasks] == [9, 10]
    assert await fleet.counts(named) == {S.QUEUED: 2}

    for _ in range(20):
        await fleet.ota.dispatcher.push_due()
        fleet.clock.advance(50)
    assert sorted(str(push["device_id"]) for push in fleet.take_pushes()) == ["1", "7", "8"]
    assert await fleet.pull(devices[9]) is not None
    assert not await fleet.progress(devices[3], 30)
    fleet.clock.advance(MINUTE_MS)
    await fleet.tick()
    timed_out = await fleet.task(devices[3], everybody)
    assert (timed_out.status, timed_out.failure_kind) == (S.FAILED, FailureKind.TIMEOUT)
    for number in (1, 2, 7, 8):
        await fleet.version(devices[number], "2")
    for number in (9, 10):
        await fleet.version(devices[number], "3")
    await fleet.tick()
    assert await fleet.counts(everybody) == {S.SUCCEEDED: 5, S.FAILED: 2, S.CANCELED: 1}
    for job in (everybody, named):
        assert (await fleet.ota.jobs.get(SYSTEM, job.id)).status is JobStatus.COMPLETED
        await exact(fleet, job)
    again = [(await fleet.task(devices[number], everybody)).id for number in (3, 5, 6)]
    assert await fleet.ota.task_changes.update_again(SYSTEM, everybody.id, again) == 3
    assert await fleet.counts(await fleet.ota.maker.clone(SYSTEM, named.id, 1)) == {}
    while await fleet.ota.filler.fill():
        pass
