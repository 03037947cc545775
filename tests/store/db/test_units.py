"""Units of work: what is promised of `write`, `read` and `batcher` on both engines."""

import asyncio
import threading
import time

import pytest

from linkops.db import Database, Duplicate, Tx, open_database
from linkops.errors import Unavailable

ADD = """
INSERT INTO product (product_key, name, node_type, auth_type, secret_sealed, created_at, updated_at)
VALUES (:key, :key, 'device', 'secret', '', 0, 0) RETURNING id
"""


def add(tx: Tx, key: str) -> int:
    return int(tx.scalar(ADD, key=key))


def add_each(tx: Tx, items: list[str]) -> list[int]:
    return [add(tx, item) for item in items]


WAITS_FOR_LONG = """
SELECT count(*) FROM pg_locks
WHERE NOT granted AND clock_timestamp() - waitstart > 1.5 * current_setting('deadlock_timeout')::interval
"""


def rename(tx: Tx, key: str, name: str) -> None:
    tx.run("UPDATE product SET name = :name WHERE product_key = :key", key=key, name=name)


def names(tx: Tx) -> list[str]:
    return [row[0] for row in tx.all("SELECT name FROM product ORDER BY product_key")]


def keys(tx: Tx) -> list[str]:
    return [row[0] for row in tx.all("SELECT product_key FROM product ORDER BY product_key")]


async def test_a_unit_is_visible_to_readers_once_it_returned(db: Database) -> None:
    await db.write(add, "a")
    assert await db.read(keys) == ["a"]


async def test_a_failing_unit_undoes_only_itself(db: Database) -> None:
    def broken(tx: Tx) -> None:
        add(tx, "half")
        raise LookupError("after the write")

    results = await asyncio.gather(
        db.write(add, "a"), db.write(broken), db.write(add, "a"), db.write(add, "b"), return_exceptions=True
    )
    assert [type(result) for result in results] == [int, LookupError, Duplicate, int]
    assert await db.read(keys) == ["a", "b"]


async def test_a_unit_that_breaks_a_unique_index_raises_duplicate(db: Database) -> None:
    await db.write(add, "a")
    with pytest.raises(Duplicate):
        await db.write(add, "a")


async def test_a_slow_reader_never_blocks_the_writer_and_sees_one_state(db: Database) -> None:
    await db.write(add, "a")
    reading, written = threading.Event(), threading.Event()

    def read_twice(tx: Tx) -> tuple[list[str], list[str]]:
        before = keys(tx)
        reading.set()
        assert written.wait(60)
        return before, keys(tx)

    reader = asyncio.create_task(db.read(read_twice))
    await asyncio.to_thread(reading.wait, 60)
    await db.write(add, "b")
    written.set()
    assert await reader == (["a"], ["a"])
    assert await db.read(keys) == ["a", "b"]


async def test_readers_cannot_write(db: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        await db.read(add, "a")
    assert await db.read(keys) == []


async def test_closing_finishes_what_was_taken(db: Database) -> None:
    writes = [asyncio.ensure_future(db.write(add, f"k{i:03}")) for i in range(300)]
    await asyncio.sleep(0)
    db.close()
    assert len(await asyncio.gather(*writes)) == 300
    with pytest.raises(Unavailable):
        await db.write(add, "late")


async def test_a_batch_runs_once_over_all_that_waited_and_keeps_their_order(db: Database) -> None:
    sizes: list[int] = []

    def add_all(tx: Tx, items: list[str]) -> list[str]:
        sizes.append(len(items))
        tx.run(
            "INSERT INTO product (product_key, name, node_type, auth_type, secret_sealed, created_at, updated_at)"
            " SELECT r.k, r.k, 'device', 'secret', '', 0, 0 FROM {items: k text} r WHERE 1 = 1",
            items=[(item,) for item in items],
        )
        return [item.upper() for item in items]

    batch = db.batcher(add_all, max_items=40)
    names = [f"k{i:03}" for i in range(100)]
    assert await asyncio.gather(*(batch(name) for name in names)) == [name.upper() for name in names]
    assert await db.read(keys) == names
    assert max(sizes) <= 40
    assert len(sizes) < 100


async def test_one_bad_item_fails_alone(db: Database) -> None:
    batch = db.batcher(add_each)
    results = await asyncio.gather(*(batch(key) for key in ["a", "b", "a", "c"]), return_exceptions=True)
    assert [isinstance(result, Duplicate) for result in results] == [False, False, True, False]
    assert await db.read(keys) == ["a", "b", "c"]


async def test_lists_of_rows_carry_null_text_and_large_numbers(db: Database) -> None:
    rows = [(1, "é'\"%:x"), (2**53, None), (-5, "")]

    def echo(tx: Tx) -> list[tuple[object, ...]]:
        return list(tx.all("SELECT r.n, r.t FROM {rows: n bigint, t text} r ORDER BY r.n DESC", rows=rows))

    assert await db.read(echo) == [(2**53, None), (1, "é'\"%:x"), (-5, "")]


async def test_a_statement_may_name_a_list_of_rows_twice(db: Database) -> None:
    def read(tx: Tx) -> object:
        both = "SELECT a.n, b.n FROM {rows: n bigint} a JOIN {rows: n bigint} b ON b.n = a.n + 1"
        return tx.all(both, rows=[(1,), (2,)])

    assert await db.read(read) == [(1, 2)]


async def test_sums_are_plain_numbers(db: Database) -> None:
    total = await db.read(lambda tx: tx.scalar("SELECT sum(r.n) FROM {rows: n bigint} r", rows=[(2,), (3,)]))
    assert (type(total), total) == (int, 5)


async def test_units_of_two_loops_come_back_to_their_own(db: Database) -> None:
    def other_loop() -> int:
        async def main() -> int:
            await db.write(add, "other")
            return threading.get_ident()

        return asyncio.run(main())

    here, there = await asyncio.gather(db.write(add, "here"), asyncio.to_thread(other_loop))
    assert here
    assert there != threading.get_ident()
    assert await db.read(keys) == ["here", "other"]


LOCK = "SELECT id FROM product WHERE product_key = :key{for_update}"


@pytest.mark.postgres
async def test_units_of_two_servers_that_wait_for_each_other_are_both_done(postgres_url: str) -> None:
    first, second = open_database(postgres_url), open_database(postgres_url)
    both_hold_one = threading.Barrier(2)
    tries: list[str] = []

    def lock_two(tx: Tx, held: str, wanted: str) -> None:
        tries.append(held)
        tx.one(LOCK, key=held)
        if len(tries) <= 2:
            both_hold_one.wait(60)
        tx.one(LOCK, key=wanted)
        add(tx, f"{held}{wanted}")

    try:
        await first.write(add_each, ["a", "b"])
        await asyncio.gather(first.write(lock_two, "a", "b"), second.write(lock_two, "b", "a"))
        assert await first.read(keys) == ["a", "ab", "b", "ba"]
        assert len(tries) > 2
    finally:
        first.close()
        second.close()


@pytest.mark.postgres
async def test_what_units_before_in_the_same_commit_hold_does_not_keep_two_servers_from_going_on(
    postgres_url: str,
) -> None:
    first, second = open_database(postgres_url), open_database(postgres_url)
    together, first_holds_a, second_holds_b = threading.Event(), threading.Event(), threading.Event()

    def hold_a(tx: Tx) -> None:
        rename(tx, "a", "first a")
        first_holds_a.set()

    def outwait(tx: Tx) -> None:
        """Let the other server look for a deadlock before there is one: it does not look again."""
        while not tx.scalar(WAITS_FOR_LONG):
            time.sleep(0.01)

    def cross(tx: Tx) -> None:
        rename(tx, "b", "second b")
        second_holds_b.set()
        assert first_holds_a.wait(60)
        rename(tx, "a", "second a")

    try:
        await first.write(add_each, ["a", "b"])
        # While the first of these runs, the others come to wait for the same commit.
        units = [first.write(call) for call in (lambda _: together.wait(60), hold_a, outwait)]
        writes = asyncio.gather(*units, first.write(rename, "b", "first b"), second.write(cross))
        assert await asyncio.to_thread(second_holds_b.wait, 60)
        together.set()
        await writes
        assert await first.read(names) == ["second a", "first b"]
    finally:
        first.close()
        second.close()
