"""Uploaded files: quotas, faults of the disk, deleting, keeping, and who may look."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from linkops.alink.uploads import UploadBlock, UploadFault
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.devices.files.model import FileFilter, FileOrder
from linkops.devices.files.uploads.model import Arrived, Begun, Complete, Kept, Refuse
from linkops.devices.model import Product
from linkops.devices.presence.model import Accepted
from linkops.errors import Forbidden, Invalid, NotFound
from linkops.events.actor import SYSTEM, Role
from tests.support.device_files import Site, accepted
from tests.support.devices import DeviceServices, actor

KB = 1_024
DAY_MS = 86_400_000
NO_ROOM = Refuse(UploadFault.NO_ROOM)


class Pump(NamedTuple):
    product: Product
    device: Accepted


@pytest.fixture
async def pump(services: DeviceServices) -> Pump:
    product = await services.product()
    return Pump(product, accepted(product, await services.device(product)))


@pytest.fixture
def site(sqlite_db: Database, clock: FixedClock, tmp_path: Path) -> Site:
    return Site(
        sqlite_db,
        clock,
        tmp_path,
        max_files_per_device=3,
        max_file_bytes_per_device=100 * KB,
        max_device_files_bytes=150 * KB,
    )


async def another(services: DeviceServices, product: Product) -> Accepted:
    return accepted(product, await services.device(product))


async def test_files_of_a_device_are_counted_with_unfinished_ones(site: Site, pump: Pump) -> None:
    await site.upload(pump.device, "a", bytes(KB))
    for name in ("b", "c"):
        assert isinstance(await site.begin(pump.device, name, KB), Begun)
    assert await site.begin(pump.device, "d", KB) == NO_ROOM
    assert isinstance(await site.begin(pump.device, "a", KB), Begun), "it takes the place of one"


async def test_bytes_of_a_device_and_of_all(site: Site, pump: Pump, services: DeviceServices) -> None:
    await site.upload(pump.device, "a", bytes(60 * KB))
    assert await site.begin(pump.device, "b", 41 * KB) == NO_ROOM
    assert isinstance(await site.begin(pump.device, "b", 40 * KB), Begun)
    other = await another(services, pump.product)
    assert await site.begin(other, "a", 51 * KB) == NO_ROOM
    assert isinstance(await site.begin(other, "a", 50 * KB), Begun)
    assert await site.held_bytes() == 150 * KB


async def test_a_stream_gets_what_is_left_and_gives_back_what_it_does_not_need(site: Site, pump: Pump) -> None:
    await site.upload(pump.device, "a", bytes(90 * KB))
    begun = await site.begin(pump.device, "b", -1)
    assert isinstance(begun, Begun)
    assert await site.begin(pump.device, "c", 1) == NO_ROOM
    assert await site.block(pump.device, begun.upload_id, 0, bytes(11 * KB)) == NO_ROOM
    done = await site.block(pump.device, begun.upload_id, 0, bytes(2 * KB), last=True)
    assert isinstance(done, Complete)
    assert await site.held_bytes() == 92 * KB
    assert isinstance(await site.begin(pump.device, "c", 8 * KB), Begun)


async def test_a_new_file_takes_the_place_of_the_old_one_only_when_it_is_whole(site: Site, pump: Pump) -> None:
    await site.upload(pump.device, "a", b"old" * KB)
    begun = await site.begin(pump.device, "a", 6 * KB)
    assert isinstance(begun, Begun)
    assert await site.block(pump.device, begun.upload_id, 0, b"new" * KB) == Kept()
    (before,) = await site.files()
    assert await site.content(before) == b"old" * KB
    await site.block(pump.device, begun.upload_id, 3 * KB, b"new" * KB)
    (after,) = await site.files()
    assert await site.content(after) == b"new" * 2 * KB
    assert after.id > before.id
    await site.sweep()
    assert (site.stored, site.spooled, await site.held_bytes()) == (1, [], 6 * KB)


async def test_a_full_disk_refuses_a_block_and_takes_it_later(site: Site, pump: Pump) -> None:
    begun = await site.begin(pump.device, "a", 2 * KB)
    assert isinstance(begun, Begun)
    assert await site.block(pump.device, begun.upload_id, 0, b"1" * KB) == Kept()
    spool = site.services.sweep._spool
    free = os.statvfs(site.folder).f_bavail * os.statvfs(site.folder).f_frsize
    spool._min_free_bytes = 2 * free
    assert await site.block(pump.device, begun.upload_id, KB, b"2" * KB) == Refuse(UploadFault.UNAVAILABLE)
    spool._min_free_bytes = 0
    assert isinstance(await site.block(pump.device, begun.upload_id, KB, b"2" * KB), Complete)
    (file,) = await site.files()
    assert await site.content(file) == b"1" * KB + b"2" * KB


async def test_what_was_written_but_not_committed_is_written_again(site: Site, pump: Pump) -> None:
    begun = await site.begin(pump.device, "a", 2 * KB)
    assert isinstance(begun, Begun)
    await site.block(pump.device, begun.upload_id, 0, b"1" * KB)
    # The power went between the write and the commit; perhaps not all of it was on disk.
    with site.spooled[0].open("ab") as spooled:
        spooled.write(b"?" * 700)
    site.restart()
    resumed = await site.begin(pump.device, "a", 2 * KB, conflictStrategy="append")
    assert resumed == Begun(begun.upload_id, KB)
    await site.block(pump.device, begun.upload_id, KB, b"2" * KB)
    (file,) = await site.files()
    assert await site.content(file) == b"1" * KB + b"2" * KB


async def test_an_upload_whose_spool_is_lost_begins_anew(site: Site, pump: Pump) -> None:
    begun = await site.begin(pump.device, "a", 2 * KB)
    assert isinstance(begun, Begun)
    await site.block(pump.device, begun.upload_id, 0, b"1" * KB)
    shutil.rmtree(site.spooled[0].parent)
    lost = await site.block(pump.device, begun.upload_id, KB, b"2" * KB)
    assert lost == Refuse(UploadFault.NOT_FOUND)
    anew = await site.begin(pump.device, "a", 2 * KB, conflictStrategy="append")
    assert isinstance(anew, Begun)
    assert (anew.offset, await site.held_bytes()) == (0, 2 * KB)


async def test_a_store_that_fails_is_tried_again_by_the_last_block(site: Site, pump: Pump) -> None:
    begun = await site.begin(pump.device, "a", KB)
    assert isinstance(begun, Begun)
    shutil.rmtree(site.folder / "blobs")
    (site.folder / "blobs").write_text("not a folder")
    assert await site.block(pump.device, begun.upload_id, 0, bytes(KB)) == Refuse(UploadFault.UNAVAILABLE)
    (site.folder / "blobs").unlink()
    assert isinstance(await site.block(pump.device, begun.upload_id, 0, bytes(KB)), Complete)


async def test_blocks_at_once_of_one_device_are_kept_one_after_the_other(site: Site, pump: Pump) -> None:
    begun = await site.begin(pump.device, "a", 10 * KB)
    assert isinstance(begun, Begun)
    blocks = [bytes([number]) * KB for number in range(10)]
    await asyncio.gather(
        *(site.block(pump.device, begun.upload_id, number * KB, block) for number, block in enumerate(blocks))
    )
    (file,) = await site.files()
    assert await site.content(file) == b"".join(blocks)


async def test_too_many_waiting_blocks_are_refused(site: Site, pump: Pump) -> None:
    begun = await site.begin(pump.device, "a", 2 * KB)
    assert isinstance(begun, Begun)
    block = site.services.uploads.block
    block._left = 0
    results: list[object] = []
    sent = UploadBlock("2", begun.upload_id, 0, KB, False, memoryview(bytes(KB)))
    block.put(Arrived(pump.device, sent, site.clock.now()), results.append)
    assert results == [], "it is told later, like every other"
    await asyncio.sleep(0)
    assert results == [Refuse(UploadFault.BLOCKS_TOO_FAST)]


async def test_another_devices_upload_is_not_there(site: Site, pump: Pump, services: DeviceServices) -> None:
    begun = await site.begin(pump.device, "a", 2 * KB)
    assert isinstance(begun, Begun)
    other = await another(services, pump.product)
    assert await site.block(other, begun.upload_id, 0, bytes(KB)) == Refuse(UploadFault.NOT_FOUND)
    await site.cancel(other, begun.upload_id)
    assert await site.block(pump.device, begun.upload_id, 0, bytes(KB)) == Kept()


@pytest.mark.parametrize("upload_id", ["", "../../etc/passwd", "a\0", "x" * 32, "A" * 32, "0" * 31])
async def test_ids_that_are_none(site: Site, pump: Pump, upload_id: str) -> None:
    assert await site.block(pump.device, upload_id, 0, bytes(KB)) == Refuse(UploadFault.NOT_FOUND)
    assert await site.cancel(pump.device, upload_id) == Refuse(UploadFault.NOT_FOUND)


async def test_applications_hear_of_a_file_once(site: Site, pump: Pump) -> None:
    await site.upload(pump.device, "a", bytes(KB))
    rows = await site.db.read(lambda tx: tx.all("SELECT body FROM event WHERE kind = 'device.file_uploaded'"))
    assert len(rows) == 1
    assert '"fileName":"a"' in rows[0][0]
    assert '"fileSize":1024' in rows[0][0]


async def test_files_are_kept_for_a_while_and_go_with_their_device(
    site: Site, pump: Pump, services: DeviceServices, clock: FixedClock
) -> None:
    await site.upload(pump.device, "old", bytes(KB))
    clock.advance(60 * DAY_MS)
    await site.upload(pump.device, "new", bytes(KB))
    begun = await site.begin(pump.device, "unfinished", 2 * KB)
    assert isinstance(begun, Begun)
    await site.block(pump.device, begun.upload_id, 0, bytes(KB))
    clock.advance(31 * DAY_MS)
    await site.sweep()
    assert [file.file_name for file in await site.files()] == ["new"]
    assert (site.stored, site.spooled, await site.held_bytes()) == (1, [], KB)
    await services.devices.delete(SYSTEM, [pump.device.key])
    await site.sweep()
    assert (site.stored, await site.held_bytes()) == (0, 0)


async def test_spool_files_that_a_killed_server_left_are_swept(site: Site, pump: Pump) -> None:
    begun = await site.begin(pump.device, "a", 2 * KB)
    assert isinstance(begun, Begun)
    await site.block(pump.device, begun.upload_id, 0, bytes(KB))
    left, fresh = site.spooled[0].with_name("0" * 32), site.spooled[0].with_name("1" * 32)
    left.touch()
    fresh.touch()
    for path in (left, site.spooled[-1], *site.spooled):
        os.utime(path, (1, 1))
    fresh.touch()
    await site.sweep()
    assert {path.name for path in site.spooled} == {fresh.name, begun.upload_id}


async def test_lists(site: Site, pump: Pump, services: DeviceServices, clock: FixedClock) -> None:
    other = await another(services, pump.product)
    for device, name, size in ((pump.device, "crash.1", 3), (pump.device, "log_1", 1), (other, "crash.2", 2)):
        await site.upload(device, name, bytes(size * KB))
        clock.advance(1_000)
    files = site.services.files
    orders = {
        FileOrder.NEWEST: ["crash.2", "log_1", "crash.1"],
        FileOrder.OLDEST: ["crash.1", "log_1", "crash.2"],
        FileOrder.NAME: ["crash.1", "crash.2", "log_1"],
        FileOrder.LARGEST: ["crash.1", "crash.2", "log_1"],
    }
    for order, names in orders.items():
        found, cursor = [], None
        for _ in names:
            page = await files.page(SYSTEM, FileFilter(), order=order, cursor=cursor, limit=1)
            found += [file.file_name for file in page.items]
            cursor = page.next
        assert (found, cursor, page.total) == (names, None, 3)
    key = {"product_key": other.key.product_key, "device_name": other.key.device_name}
    assert [file.file_name for file in await site.files(**key)] == ["crash.2"]
    assert [file.file_name for file in await site.files(name_prefix="crash")] == ["crash.2", "crash.1"]
    start = clock.now() - 3_000
    assert [file.file_name for file in await site.files(since=start + 1, until=start + 1_001)] == ["log_1"]
    assert await site.files(name_prefix="%") == []
    with pytest.raises(Invalid):
        await site.files(device_name="pump-1")


async def test_who_may_look_download_and_delete(site: Site, pump: Pump, services: DeviceServices) -> None:
    fans = await services.product("Fans")
    fan = await another(services, fans)
    await site.upload(pump.device, "pump", bytes(KB))
    await site.upload(fan, "fan", bytes(KB))
    of_fan, of_pump = await site.files()
    files = site.services.files
    viewer, operator = actor(Role.VIEWER, pump.product), actor(Role.OPERATOR, pump.product)
    assert [file.id for file in (await files.page(viewer, FileFilter())).items] == [of_pump.id]
    assert (await files.get(viewer, of_pump.id)).key == pump.device.key
    for call in (files.get(operator, of_fan.id), files.open(operator, of_fan.id), files.delete(operator, [of_fan.id])):
        with pytest.raises(NotFound):
            await call
    for forbidden in (files.open(viewer, of_pump.id), files.delete(viewer, [of_pump.id])):
        with pytest.raises(Forbidden):
            await forbidden
    with pytest.raises(NotFound):
        await files.delete(operator, [of_pump.id, of_fan.id])
    assert len(await site.files()) == 2, "one foreign file refuses the whole call"
    assert await files.delete(operator, [of_pump.id]) == 1
    assert [file.id for file in await site.files()] == [of_fan.id]
    actions = await site.db.read(lambda tx: tx.all("SELECT action FROM audit WHERE action LIKE 'device_file%'"))
    assert actions == [("device_file.delete",)]
