"""A disk that is full, a file that is locked, a server that goes away: an error, and recovery."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from linkops.db import Database, Tx, open_database
from linkops.db.engine import Engine
from linkops.db.migrate import SchemaTooNew, migrate, migrations
from linkops.db.postgres import PostgresEngine
from linkops.db.sqlite import SqliteEngine
from linkops.errors import Unavailable

DEADLOCK = "DO $$ BEGIN RAISE EXCEPTION 'as if' USING ERRCODE = 'deadlock_detected'; END $$"


def add_event(tx: Tx, body: str) -> int:
    return tx.run("INSERT INTO event (at, kind, product_id, body) VALUES (1, 'test', 1, :body)", body=body)


def add_each(tx: Tx, items: list[str]) -> list[int]:
    return [add_event(tx, item) for item in items]


def bodies(tx: Tx) -> int:
    return int(tx.scalar("SELECT count(*) FROM event"))


async def test_a_full_database_refuses_and_recovers(sqlite_db: Database) -> None:
    def limit(tx: Tx, pages: int) -> int:
        return int(tx.scalar(f"PRAGMA max_page_count = {pages}"))

    used = await sqlite_db.write(lambda tx: int(tx.scalar("PRAGMA page_count")))
    await sqlite_db.write(limit, used + 2)
    with pytest.raises(Unavailable) as refused:
        await sqlite_db.write(add_event, "x" * 100_000)
    assert "full" in refused.value.params["reason"]
    assert await sqlite_db.read(bodies) == 0
    await sqlite_db.write(limit, used + 10_000)
    await sqlite_db.write(add_event, "x" * 100_000)
    assert await sqlite_db.read(bodies) == 1


async def test_a_batch_on_a_full_database_refuses_every_item(sqlite_db: Database) -> None:
    await sqlite_db.write(lambda tx: tx.scalar("PRAGMA max_page_count = 1"))
    batch = sqlite_db.batcher(add_each)
    results = await asyncio.gather(*(batch("x" * 200_000) for _ in range(5)), return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable] * 5


async def test_a_locked_database_is_waited_for(sqlite_db: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "linkops.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    write = asyncio.ensure_future(sqlite_db.write(add_event, "waits"))
    # Readers go on while the writer waits for the other process.
    assert await sqlite_db.read(bodies) == 0
    assert not write.done()
    other.execute("COMMIT")
    other.close()
    assert await write == 1


async def test_an_endless_query_is_interrupted(tmp_path: Path) -> None:
    db = open_database(str(tmp_path / "linkops.db"), read_time_limit_s=0.2)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(Unavailable):
        await db.read(lambda tx: tx.scalar(endless))
    assert await db.read(bodies) == 0
    db.close()


@pytest.mark.postgres
async def test_a_lost_postgres_connection_is_replaced(postgres_url: str) -> None:
    db = open_database(postgres_url)
    await db.read(bodies)
    with pytest.raises(Unavailable):
        await db.write(lambda tx: tx.scalar("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert await db.write(add_event, "again") == 1
    assert await db.read(bodies) == 1
    db.close()


@pytest.mark.postgres
async def test_items_that_a_deadlock_made_durable_are_not_said_to_be_lost_with_later_ones(postgres_url: str) -> None:
    db = open_database(postgres_url)
    tried: list[str] = []

    def one_by_one(tx: Tx, items: list[str]) -> list[int]:
        if len(items) > 1:
            raise LookupError("not as a list")
        tried.append(items[0])
        if tried == ["a", "deadlock"]:
            tx.run(DEADLOCK)
        if items == ["lost"]:
            tx.run("SELECT pg_terminate_backend(pg_backend_pid())")
        return [add_event(tx, items[0])]

    batch, together = db.batcher(one_by_one), threading.Event()
    # While this runs, the items come to wait for the same unit.
    busy = asyncio.ensure_future(db.write(lambda _: together.wait(60)))
    items = asyncio.gather(*(batch(item) for item in ("a", "deadlock", "lost", "late")), return_exceptions=True)
    await asyncio.sleep(0)
    together.set()
    await busy
    assert [type(result) for result in await items] == [int, Unavailable, Unavailable, Unavailable]
    assert tried == ["a", "deadlock", "deadlock", "lost"]
    assert await db.read(bodies) == 1
    db.close()


def engine(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Engine:
    if kind == "sqlite":
        return SqliteEngine(tmp_path / "new.db", read_time_limit_s=5)
    return PostgresEngine(request.getfixturevalue("postgres_url"), read_time_limit_s=5)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_migrating_twice_changes_nothing_and_a_newer_schema_is_refused(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    chosen = engine(kind, tmp_path, request)
    newest = migrations()[-1].number
    assert migrate(chosen) == newest
    assert migrate(chosen) == newest
    run(chosen, "INSERT INTO schema_step (number, name) VALUES (9999, 'from the future')")
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(chosen)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_step_that_comes_later_under_a_lower_number_is_applied(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    chosen = engine(kind, tmp_path, request)
    migrate(chosen)
    late = "DROP INDEX device_inactive", "DROP INDEX ota_task_failed"
    run(chosen, *late, "DELETE FROM schema_step WHERE number = 20")
    assert migrate(chosen) == migrations()[-1].number
    run(chosen, *late)  # which fails unless they are there


def run(chosen: Engine, *statements: str) -> None:
    with closing(chosen.writer()) as connection:
        connection.begin()
        for statement in statements:
            connection.tx.run(statement)
        connection.commit()
