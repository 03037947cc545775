"""Many who save the same document at once, on one server and on two: one of them does, the others are told who."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from linkops.clock import FixedClock
from linkops.db import Database
from linkops.errors import Conflict
from linkops.events.actor import SYSTEM
from linkops.remote_config.documents.effective import effective
from linkops.remote_config.documents.model import Target
from tests.support.configuration import Office

EDITORS = 20


def in_threads(*works: Callable[[], Coroutine[Any, Any, Any]]) -> list[Any]:
    """Return what each returns or raises in a thread and a loop of its own, all begun at once."""
    begin = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def work(place: int) -> None:
        begin.wait(60)
        try:
            results[place] = asyncio.run(works[place]())
        except Conflict as conflict:
            results[place] = conflict

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def editor(db: Database, target: Target, content: str, base: int) -> Callable[[], Coroutine[Any, Any, Any]]:
    """Return the save of somebody at a server of their own."""

    async def save() -> Any:
        return await Office(db, FixedClock(1)).save(target, content, base)

    return save


async def test_one_of_twenty_saves(db: Database, clock: FixedClock) -> None:
    office = await Office(db, clock).start()
    for base in range(2):
        saves = [editor(db, office.of_product, f'{{"by":{number},"on":{base}}}', base) for number in range(EDITORS)]
        results = await asyncio.to_thread(in_threads, *saves)
        [saved] = [result for result in results if not isinstance(result, Conflict)]
        refused = [result for result in results if isinstance(result, Conflict)]
        assert saved.version.number == base + 1
        assert {(why.code, why.params.get("version")) for why in refused} == {("config.version_newer", base + 1)}
        document = await office.get(office.of_product)
        assert document.version == saved.version
        assert f'"on":{base}' in (document.content or "")
    assert [version.number for version in (await office.get(office.of_product)).recent] == [2, 1]


async def test_the_same_text_is_saved_once_and_nobody_is_refused(db: Database, clock: FixedClock) -> None:
    office = await Office(db, clock).start()
    saves = [editor(db, office.of_product, '{"a":1}', 0) for _ in range(EDITORS)]
    results = await asyncio.to_thread(in_threads, *saves)
    assert {result.version.number for result in results} == {1}
    assert sum(result.made for result in results) == 1
    assert len(await office.told()) == 1


async def test_two_servers_save_what_is_merged(two_databases: tuple[Database, Database], clock: FixedClock) -> None:
    first, second = two_databases
    office = await Office(first, clock).start()
    pumps = [await office.device(f"pump-{number}") for number in range(6)]
    saves = [
        editor(first if number % 2 else second, office.of_device(f"pump-{number}"), f'{{"n":{number}}}', 0)
        for number in range(6)
    ]
    saves += [editor(db, office.of_product, f'{{"p":{number}}}', 0) for number, db in enumerate(two_databases)]
    results = await asyncio.to_thread(in_threads, *saves)
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert all(result.made for result in results if not isinstance(result, Conflict))
    ids = [pump.id for pump in pumps]

    async def asked(db: Database) -> Any:
        return await db.write(effective, office.product.id, ids, 1)

    one, two = await asyncio.to_thread(in_threads, lambda: asked(first), lambda: asked(second))
    assert one == two
    assert len({found.content_id for found in one.values()}) == len(ids)
    assert len(await office.config.documents.versions(SYSTEM, office.of_product, 99, 9)) == 1
