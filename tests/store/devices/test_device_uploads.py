"""SQL of uploads, files and logs, on both engines."""

from functools import partial
from typing import Any

from linkops.db import Database, Tx
from linkops.devices.files import store as files
from linkops.devices.files.model import FileOrder, Held
from linkops.devices.files.uploads import store as uploads
from linkops.devices.files.uploads.giving_up import give_up
from linkops.devices.files.uploads.model import Upload
from linkops.devices.files.uploads.store import Advance
from linkops.devices.logs import store as logs
from linkops.devices.logs.model import LogFilter, LogSwitch
from linkops.devices.logs.store import NewLine, Telling
from tests.conftest import NOW
from tests.support.devices import DeviceServices

ONE, TWO = "1" * 32, "2" * 32
MOST = 2**62


def upload(upload_id: str = ONE, **given: Any) -> Upload:
    usual = {"id": upload_id, "device_id": 1, "product_id": 1, "file_name": upload_id, "size_bytes": 2_000}
    rest = {"room_bytes": 2_000, "have_bytes": 0, "crc64": 0, "wanted_crc64": "", "init_uid": "", "blob_key": upload_id}
    return Upload(**{**usual, **rest, **given})


async def add(db: Database, *added: Upload) -> None:
    for each in added:
        await db.write(uploads.add, each, NOW)


async def test_an_upload_moves_only_from_where_it_is(db: Database) -> None:
    await add(db, upload(), upload(TWO))
    blocks = [Advance(ONE, 0, 512, "ab", NOW + 1), Advance(TWO, 256, 512, "cd", NOW + 1), Advance("3", 0, 1, "", NOW)]
    assert await db.write(uploads.advance, blocks) == {ONE}
    assert await db.write(uploads.advance, blocks) == set(), "a repetition changes nothing"
    moved = await db.read(uploads.by_id, 1, ONE)
    assert moved == upload(have_bytes=512, crc64=0xAB)
    assert await db.read(uploads.by_name, 1, TWO) == upload(TWO)
    assert await db.read(uploads.by_id, 2, ONE) is None


async def test_only_what_is_idle_is_given_up(db: Database) -> None:
    await add(db, upload(), upload(TWO, size_bytes=None))
    assert await db.write(uploads.take, 4_000, 4_000)
    assert not await db.write(uploads.take, 1, 4_000)
    await db.write(uploads.advance, [Advance(TWO, 0, 512, "ab", NOW + 10)])
    assert await db.read(uploads.stale, NOW + 5, 10) == [ONE]
    assert await db.write(give_up, [ONE, TWO], NOW, idle_since=NOW + 5) == [ONE]
    assert await db.write(give_up, [ONE], NOW) == []
    assert await db.read(uploads.held, 1, "") == Held(1, 2_000, 2_000)
    assert await db.read(files.abandoned, 10) == [ONE]
    await db.write(files.forget, [ONE])
    assert await db.read(files.abandoned, 10) == []


async def test_an_upload_becomes_a_file_once(db: Database) -> None:
    await add(db, upload())
    stale = upload(have_bytes=1)
    assert await db.write(uploads.finish, stale) is None
    assert await db.write(uploads.finish, upload()) == 2_000
    assert await db.write(uploads.finish, upload()) is None
    columns = {"size_bytes": 7, "crc64": "c", "sha256": "s", "blob_key": "k", "upload_id": ONE, "wanted_crc64": "w"}
    await db.write(lambda tx: files.add(tx, NOW, device_id=1, product_id=1, file_name="a", **columns))
    assert await db.read(files.made_by, 1, ONE) == (7, "w", "c")
    assert await db.read(files.made_by, 2, ONE) is None
    assert await db.read(files.exists, 1, "a")
    assert not await db.read(files.exists, 1, "A"), "case counts"
    assert await db.read(uploads.held, 1, "b") == Held(1, 7, 0)
    assert await db.read(uploads.held, 1, "a") == Held(0, 0, 0)
    assert await db.read(files.of_nobody, 10)
    assert await db.write(files.remove_named, 1, "a") == (7, ["k"])


def _add_file(now: int, columns: dict[str, Any], tx: Tx) -> None:
    files.add(tx, now, **columns)


async def test_lists_of_files(db: Database, services: DeviceServices) -> None:
    product, other = await services.product(), await services.product("Fans")
    devices = [await services.device(product), await services.device(product), await services.device(other)]
    for number, device in enumerate(devices):
        columns: dict[str, Any] = {
            "crc64": "c",
            "sha256": "s",
            "blob_key": f"k{number}",
            "upload_id": "u",
            "wanted_crc64": "",
            "file_name": f"f{2 - number}",
            "size_bytes": number % 2,
            "device_id": device.id,
            "product_id": product.id if number < 2 else other.id,
        }
        await db.write(partial(_add_file, NOW + number, columns))

    async def names(order: FileOrder, *asked: Any) -> list[str]:
        found, after = [], list[Any]()
        while some := await db.read(files.some, files.Question(*asked), order, after, 1):
            found.append(some[0].file_name)
            after = files.place_of(some[0], order)
        assert await db.read(files.count, files.Question(*asked), 10) == len(found)
        return found

    everything = (None, None, "", None, None)
    assert await names(FileOrder.NEWEST, *everything) == ["f0", "f1", "f2"]
    assert await names(FileOrder.OLDEST, *everything) == ["f2", "f1", "f0"]
    assert await names(FileOrder.NAME, *everything) == ["f0", "f1", "f2"]
    assert await names(FileOrder.LARGEST, *everything) == ["f1", "f0", "f2"]
    assert await names(FileOrder.NAME, [product.id], None, "", None, None) == ["f1", "f2"]
    assert await names(FileOrder.NAME, [product.id, other.id], None, "f", NOW + 1, NOW + 3) == ["f0", "f1"]
    assert await names(FileOrder.NAME, None, devices[0].id, "f2", None, None) == ["f2"]
    assert await names(FileOrder.NAME, [], None, "", None, None) == []
    old = await db.read(files.old, NOW + 1, 10)
    assert [file.key for file in await db.read(files.by_ids, [*old, 999])] == [devices[0].key]
    assert await db.write(files.remove, [*old, 999]) == (0, ["k0"])
    assert await db.read(files.of_nobody, 10) == []


def line(device_id: int, content: str, **given: Any) -> NewLine:
    usual = {"received_at": NOW, "logged_at": None, "utc_time": "", "level": "INFO", "module": "m"}
    return NewLine(device_id, **{**usual, "code": "", "trace_context": "", **given}, content=content)


async def test_logs_are_read_both_ways_filtered_trimmed_and_forgotten(db: Database) -> None:
    first = [line(1, "aa", level="error"), line(2, "other"), line(1, "%b", module="net"), line(1, "ab", logged_at=7)]
    await db.write(logs.add, first)
    await db.write(logs.add, [line(1, "a\t\x1b[31m", received_at=NOW + 5)])

    async def contents(**wanted: Any) -> list[str]:
        return [found.content for found in await db.read(logs.newest, 1, LogFilter(**wanted), MOST, 10)]

    assert await contents() == ["a\t\x1b[31m", "ab", "%b", "aa"]
    assert await contents(level="ERROR") == ["aa"]
    assert await contents(module="net") == ["%b"]
    assert await contents(text_prefix="a") == ["a\t\x1b[31m", "ab", "aa"]
    assert await contents(text_prefix="%") == ["%b"]
    assert await contents(since=NOW + 1) == ["a\t\x1b[31m"]
    assert await contents(until=NOW + 1, text_prefix="ab", level="info") == ["ab"]
    oldest = await db.read(logs.oldest, 1, LogFilter(), 0, 2)
    assert [found.content for found in oldest] == ["aa", "%b"]
    behind = await db.read(logs.oldest, 1, LogFilter(), oldest[-1].id, 10)
    assert [(found.content, found.logged_at) for found in behind] == [("ab", 7), ("a\t\x1b[31m", None)]
    assert await db.write(logs.trim, 1, 2, 1) == 1
    assert await db.write(logs.trim, 1, 2, 10) == 1
    assert await db.write(logs.trim, 1, 2, 10) == 0
    assert await contents() == ["a\t\x1b[31m", "ab"]
    assert await db.write(logs.delete_old, NOW + 1, 10) == 2
    assert await contents() == ["a\t\x1b[31m"]


async def test_switches(db: Database, services: DeviceServices) -> None:
    product = await services.product()
    pumps = [await services.device(product) for _ in range(3)]
    ids = [pump.id for pump in pumps]
    assert await db.read(logs.switched_on, ids) == set()
    await db.write(logs.set_product, product.id, on=True)
    await db.write(logs.set_device, ids[0], on=False)
    assert await db.read(logs.switched_on, [*ids, 999]) == set(ids[1:])
    assert await db.read(logs.switch, ids[0]) == LogSwitch(False, False)
    assert await db.read(logs.switch, ids[1]) == LogSwitch(True, None)
    await db.write(logs.set_product, product.id, on=False)
    await db.write(logs.set_device, ids[0], on=True)
    assert await db.read(logs.switched_on, ids) == {ids[0]}
    await db.write(logs.set_device, ids[0], on=None)
    assert await db.read(logs.switched_on, ids) == set()
    assert not await db.read(logs.product_switch, product.id)


async def test_online_devices_without_a_switch_of_their_own_are_told_once(
    db: Database, services: DeviceServices
) -> None:
    product = await services.product()
    pumps = [await services.device(product) for _ in range(4)]
    for pump in pumps[1:]:
        await services.log_in(services.attempt(pump))
    await db.write(logs.set_device, pumps[3].id, on=False)
    assert await db.read(logs.telling) is None
    await db.write(logs.set_product, product.id, on=True)
    telling = await db.read(logs.telling)
    assert telling == Telling(product.id, 1, 0)
    found = await db.read(logs.to_tell, product.id, 0, 1)
    assert found == [(pumps[1].id, *pumps[1].key)]
    await db.write(logs.told, telling, pumps[1].id)
    assert await db.read(logs.to_tell, product.id, pumps[1].id, 10) == [(pumps[2].id, *pumps[2].key)]
    await db.write(logs.set_product, product.id, on=True)
    await db.write(logs.told, Telling(product.id, 1, pumps[1].id), None)
    assert await db.read(logs.telling) == Telling(product.id, 1, 0), "turned again meanwhile: all are told again"
    await db.write(logs.told, telling, None)
    assert await db.read(logs.telling) is None
