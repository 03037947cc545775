"""Devices counted by version: the counters say what counting one by one says, whatever happens in which order."""

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from linkops.clock import FixedClock
from linkops.db import Database, Row, Tx, open_database
from linkops.db.migrate import migrate
from linkops.db.sqlite import SqliteEngine
from linkops.devices.model import NewDevice
from linkops.errors import NotFound
from linkops.events.actor import SYSTEM
from tests.conftest import NOW
from tests.support.ota import Fleet

DEVICES = 6
MODULES = ["default", "mcu"]
VERSIONS = ["", "1.0", "2.0", "3.0"]
numbers = st.integers(0, DEVICES - 1)
reports = st.tuples(numbers, st.sampled_from(MODULES), st.sampled_from(VERSIONS))
happenings = st.lists(st.one_of(st.lists(reports, min_size=1, max_size=8), numbers), max_size=20)


def counted(tx: Tx) -> list[Row]:
    return list(
        tx.all(
            "SELECT product_id, module, version, count(*) FROM module_version"
            " GROUP BY product_id, module, version ORDER BY product_id, module, version"
        )
    )


def counters(tx: Tx) -> list[Row]:
    return list(tx.all("SELECT product_id, module, version, devices FROM module_version_count ORDER BY 1, 2, 3"))


@pytest.mark.long
@settings(max_examples=60)
@given(happenings)
def test_counters_are_exact_after_any_history(history: list[int | list[tuple[int, str, str]]]) -> None:
    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            db = open_database(str(Path(folder) / "linkops.db"))
            fleet = Fleet(db, FixedClock(NOW), Path(folder))
            devices = await fleet.start(DEVICES)
            for happening in history:
                await _happen(fleet, devices, happening)
                assert await db.read(counters) == await db.read(counted)
            db.close()

    asyncio.run(live())


async def _happen(fleet: Fleet, devices: list[NewDevice], happening: int | list[tuple[int, str, str]]) -> None:
    if isinstance(happening, list):  # all at once, so that they share a unit
        said = [fleet.version(devices[device], version, module) for device, module, version in happening]
        await asyncio.gather(*said)
        return
    with suppress(NotFound):
        await fleet.services.devices.delete(SYSTEM, [devices[happening].key])


def test_devices_of_an_older_schema_are_counted_when_it_is_brought_up(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path / "linkops.db", read_time_limit_s=30)
    migrate(engine, upto=5)
    connection = engine.writer()
    connection.begin()
    connection.tx.run(
        "INSERT INTO product (product_key, name, node_type, auth_type, secret_sealed, created_at, updated_at)"
        " VALUES ('pumps', 'Pumps', 'device', 'secret', '', 0, 0)"
    )
    for number, version in enumerate(["1.0", "2.0", "1.0"], 1):
        connection.tx.run(
            "INSERT INTO device (product_id, device_name, secret_sealed, created_at, updated_at)"
            " VALUES (1, :name, '', 0, 0)",
            name=f"pump-{number}",
        )
        connection.tx.run(
            "INSERT INTO module_version (device_id, module, product_id, version, reported_at)"
            " VALUES (:id, 'default', 1, :version, 0)",
            id=number,
            version=version,
        )
    connection.commit()
    migrate(engine)
    connection.begin()
    assert counters(connection.tx) == [(1, "default", "1.0", 2), (1, "default", "2.0", 1)]
    connection.close()


async def test_a_product_without_devices_can_be_deleted(db: Database, clock: FixedClock, tmp_path: Path) -> None:
    fleet = Fleet(db, clock, tmp_path)
    [device] = await fleet.start()
    await fleet.version(device, "1.0")
    await fleet.services.devices.delete(SYSTEM, [device.key])
    assert await db.read(counters) == []
    await fleet.services.products.delete(SYSTEM, fleet.product.product_key)


async def test_two_servers_count_the_same_devices_exactly(
    two_databases: tuple[Database, Database], clock: FixedClock, tmp_path: Path
) -> None:
    """Devices report for the first time, change and are deleted on two servers at once."""
    first, second = (Fleet(db, clock, tmp_path) for db in two_databases)
    devices = await first.start(60)
    second.product = first.product
    for turn in range(4):
        rounds = [
            fleet.version(device, f"{(turn + server + number) % 3}.0", MODULES[number % 2])
            for number, device in enumerate(devices)
            for server, fleet in enumerate((first, second))
        ]
        gone, devices = devices[:10], devices[10:]
        deleted = second.services.devices.delete(SYSTEM, [device.key for device in gone])
        await asyncio.gather(*rounds, deleted)
        assert await first.db.read(counters) == await first.db.read(counted)
    assert sum(row[-1] for row in await first.db.read(counters)) == len(devices)
