"""What is forgotten of documents, and what is not: nothing that a device has, may fetch, or could be given."""

import asyncio
import threading
import time
from pathlib import Path

import pytest

from linkops.alink.configuration import Configuration
from linkops.clock import FixedClock
from linkops.db import Database, Tx, open_database
from linkops.devices.model import NewDevice
from linkops.errors import Forbidden
from linkops.remote_config.documents.contents.store import keep, keep_rendering
from linkops.remote_config.upkeep.service import SPARED_MS, Upkeep
from linkops.remote_config.upkeep.store import delete_unused
from tests.support.config_fleet import ConfigFleet

HOUR_MS = 3_600_000


@pytest.fixture
async def fleet(db: Database, clock: FixedClock, tmp_path: Path) -> ConfigFleet:
    return ConfigFleet(db, clock, tmp_path)


async def tidy(upkeep: Upkeep) -> None:
    """Let everything be looked at once."""
    for tick in (upkeep.forget_merges, upkeep.mark_unused, upkeep.delete_unused):
        while await tick():
            pass


async def tidy_much_later(fleet: ConfigFleet) -> None:
    await tidy(fleet.delivery.upkeep)
    fleet.clock.advance(SPARED_MS + HOUR_MS)
    await tidy(fleet.delivery.upkeep)


async def told(fleet: ConfigFleet, device: NewDevice) -> Configuration:
    answer = await fleet.pull(device)
    assert isinstance(answer, Configuration)
    return answer


async def texts(fleet: ConfigFleet) -> set[bytes]:
    """Return all bytes that are kept."""
    return await fleet.db.read(lambda tx: {bytes(row[0]) for row in tx.all("SELECT content FROM config_content")})


def merged(tx: Tx) -> int:
    return int(tx.scalar("SELECT count(*) FROM config_rendering"))


async def test_merges_of_older_versions_are_forgotten(fleet: ConfigFleet) -> None:
    [device, other] = await fleet.start(2, document=None)
    await fleet.save('{"b":1}', device=device)
    await fleet.save('{"c":1}', device=other)
    for text in ('{"a":1}', '{"a":2}'):
        await told(fleet, device)
        await fleet.save(text)
    before = [(await told(fleet, each)).config_id for each in (device, other)]
    assert await fleet.db.read(merged) == 4
    await tidy(fleet.delivery.upkeep)
    assert await fleet.db.read(merged) == 2
    assert [(await told(fleet, each)).config_id for each in (device, other)] == before
    await fleet.save('{"b":2}', device=device)
    await tidy(fleet.delivery.upkeep)
    assert await fleet.db.read(merged) == 1


async def test_what_nothing_refers_to_is_deleted_once_its_links_have_run_out(fleet: ConfigFleet) -> None:
    [device] = await fleet.start()
    await fleet.save('{"b":1}', device=device)
    old = await told(fleet, device)
    await fleet.save('{"b":2}', device=device)
    new = await told(fleet, device)
    await tidy(fleet.delivery.upkeep)
    assert await fleet.fetch(old.url) == b'{"a":1,"b":1}'
    await fleet.fetch(new.url)
    await tidy_much_later(fleet)
    # Versions are kept for ever, and so are their bytes.
    assert await texts(fleet) == {b'{"a":1}', b'{"b":1}', b'{"b":2}', b'{"a":1,"b":2}'}
    with pytest.raises(Forbidden):
        await fleet.fetch(old.url)


async def test_what_a_device_has_is_kept(fleet: ConfigFleet) -> None:
    [device] = await fleet.start()
    await fleet.save('{"b":1}', device=device)
    await fleet.fetch((await told(fleet, device)).url)
    await fleet.save('{"b":2}', device=device)
    await tidy_much_later(fleet)
    assert b'{"a":1,"b":1}' in await texts(fleet)


async def test_what_is_used_again_meanwhile_is_kept(fleet: ConfigFleet) -> None:
    [device] = await fleet.start()
    for text in ('{"b":1}', '{"b":2}', '{"b":1}'):
        await fleet.save(text, device=device)
        await tidy(fleet.delivery.upkeep)
        await told(fleet, device)
    await tidy_much_later(fleet)
    assert b'{"a":1,"b":1}' in await texts(fleet)
    assert b'{"a":1,"b":2}' not in await texts(fleet)


async def test_what_a_deleted_document_was_made_of_is_deleted(fleet: ConfigFleet) -> None:
    [device] = await fleet.start()
    await fleet.save('{"b":1}', device=device)
    await told(fleet, device)
    await fleet.db.write(lambda tx: tx.run("DELETE FROM device WHERE id = :id", id=device.id))
    await tidy_much_later(fleet)
    assert await texts(fleet) == {b'{"a":1}'}


@pytest.mark.postgres
async def test_whoever_keeps_a_content_while_another_server_deletes_it_has_it(
    postgres_url: str, clock: FixedClock, tmp_path: Path
) -> None:
    first, second = open_database(postgres_url), open_database(postgres_url)
    fleet = ConfigFleet(first, clock, tmp_path)
    await fleet.start()
    product_id, kept = fleet.product.id, threading.Event()
    await first.write(keep, product_id, b"{}", 1)
    await first.write(lambda tx: tx.run("UPDATE config_content SET unused_at = 1 WHERE size_bytes = 2"))

    def keep_slowly(tx: Tx) -> int:
        stored = keep(tx, product_id, b"{}", 1)
        kept.set()
        while not tx.scalar("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            time.sleep(0.01)
        keep_rendering(tx, product_id, "0.1", stored.id)
        return stored.id

    keeping = asyncio.create_task(first.write(keep_slowly))
    assert await asyncio.to_thread(kept.wait, 60)
    assert await second.write(delete_unused, 2, 100) == 0
    assert await first.read(lambda tx: tx.scalar("SELECT content_id FROM config_rendering")) == await keeping
    first.close()
    second.close()
