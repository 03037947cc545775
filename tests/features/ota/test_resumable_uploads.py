"""Uploads that go on after an interruption."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from linkops.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, TooMany, Unavailable
from linkops.events.actor import SYSTEM, Role
from linkops.ota.packages.creating import NewFile, NewPackage
from linkops.ota.uploads.resuming.model import MAX_UNFINISHED
from linkops.settings import load_settings
from tests.support.devices import actor
from tests.support.ota import Fleet, chunks, sha256

PIECE = 2**20
FILE = bytes(range(256)) * 4 * 1_024 * 3 + b"the end"  # three pieces and a bit


class CutError(Exception):
    """The connection is gone."""


async def cut_off(content: bytes) -> AsyncIterator[bytes]:
    """Yield content, then fail as a connection does that breaks."""
    async for chunk in chunks(content, 100_000):
        yield chunk
    raise CutError


def spooled(fleet: Fleet) -> list[str]:
    return sorted(path.name for path in (fleet.settings.data_dir / "uploads").glob("*"))


async def test_what_came_before_the_cut_need_not_be_sent_again(fleet: Fleet) -> None:
    uploads = fleet.ota.resumable
    begun = await uploads.begin(SYSTEM, "image.bin", len(FILE), "key")
    with pytest.raises(CutError):
        await uploads.append(SYSTEM, begun.id, 0, cut_off(FILE[: 2 * PIECE + 500_000]))
    fleet.restart()  # nothing of it is in memory
    uploads = fleet.ota.resumable
    found = await uploads.begin(SYSTEM, "image.bin", len(FILE), "key")
    assert (found.id, found.have_bytes, found.finished) == (begun.id, found.have_bytes, False)
    assert 2 * PIECE <= found.have_bytes <= 2 * PIECE + 500_000
    sent = await uploads.append(SYSTEM, found.id, found.have_bytes, chunks(FILE[found.have_bytes :], 100_000))
    assert sent.have_bytes == len(FILE)
    done = await uploads.finish(SYSTEM, found.id, sha256(FILE).upper())
    assert (done.finished, done.sha256, done.md5) == (
        True,
        sha256(FILE),
        hashlib.md5(FILE, usedforsecurity=False).hexdigest(),
    )
    assert await uploads.finish(SYSTEM, found.id) == done  # the first answer may have been lost
    assert (await uploads.begin(SYSTEM, "image.bin", len(FILE), "key")).sha256 == done.sha256  # after a reload
    assert spooled(fleet) == []
    await fleet.start()
    new = NewPackage(product_key=fleet.product.product_key, name="image", version="2", files=(NewFile(done.id),))
    [file] = (await fleet.ota.packages.create(SYSTEM, new)).files
    assert (file.file_name, file.sha256) == ("image.bin", sha256(FILE))
    assert await uploads.list(SYSTEM) == []


async def test_an_upload_goes_on_only_where_it_is(fleet: Fleet) -> None:
    uploads = fleet.ota.resumable
    begun = await uploads.begin(SYSTEM, "image.bin", 1_000)
    await uploads.append(SYSTEM, begun.id, 0, chunks(b"x" * 600))
    for offset in (0, 599, 601):
        with pytest.raises(Conflict) as refused:
            await uploads.append(SYSTEM, begun.id, offset, chunks(b"y" * 10))
        assert (refused.value.code, refused.value.params["have_bytes"]) == ("upload.other_offset", 600)
    with pytest.raises(Conflict) as refused:
        await uploads.finish(SYSTEM, begun.id)
    assert refused.value.code == "upload.incomplete"
    with pytest.raises(TooLarge):
        await uploads.append(SYSTEM, begun.id, 600, chunks(b"y" * 401))
    assert (await uploads.get(SYSTEM, begun.id)).have_bytes == 600


async def test_another_file_than_announced_is_deleted(fleet: Fleet) -> None:
    uploads = fleet.ota.resumable
    begun = await uploads.begin(SYSTEM, "image.bin", 3)
    await uploads.append(SYSTEM, begun.id, 0, chunks(b"abc"))
    with pytest.raises(Conflict) as refused:
        await uploads.finish(SYSTEM, begun.id, sha256(b"abd"))
    assert refused.value.code == "upload.damaged"
    assert (spooled(fleet), await uploads.list(SYSTEM)) == ([], [])


async def test_whoever_comes_later_takes_over(fleet: Fleet) -> None:
    uploads, stuck = fleet.ota.resumable, asyncio.Event()
    begun = await uploads.begin(SYSTEM, "image.bin", 3 * PIECE)

    async def dead_connection() -> AsyncIterator[bytes]:
        yield b"x" * PIECE
        stuck.set()
        await proceed.wait()
        yield b"?" * PIECE

    proceed = asyncio.Event()
    first = asyncio.create_task(uploads.append(SYSTEM, begun.id, 0, dead_connection()))
    await stuck.wait()
    await uploads.append(SYSTEM, begun.id, PIECE, chunks(b"x" * PIECE, PIECE))
    proceed.set()
    with pytest.raises(Conflict) as refused:
        await first
    assert refused.value.code == "upload.taken_over"
    await uploads.append(SYSTEM, begun.id, 2 * PIECE, chunks(b"x" * PIECE, PIECE))
    assert (await uploads.finish(SYSTEM, begun.id)).sha256 == sha256(b"x" * 3 * PIECE)


async def test_what_is_lost_from_the_disk_is_sent_again(fleet: Fleet) -> None:
    uploads = fleet.ota.resumable
    begun = await uploads.begin(SYSTEM, "image.bin", 10)
    await uploads.append(SYSTEM, begun.id, 0, chunks(b"12345"))
    (fleet.settings.data_dir / "uploads" / begun.id).unlink()
    with pytest.raises(Conflict) as refused:
        await uploads.append(SYSTEM, begun.id, 5, chunks(b"67890"))
    assert refused.value.params["have_bytes"] == 0
    await uploads.append(SYSTEM, begun.id, 0, chunks(b"1234567890"))
    assert (await uploads.finish(SYSTEM, begun.id)).sha256 == sha256(b"1234567890")


async def test_uploads_are_their_owners_alone(fleet: Fleet) -> None:
    await fleet.start()
    uploads, somebody = fleet.ota.resumable, actor(Role.OPERATOR, fleet.product)
    begun = await uploads.begin(SYSTEM, "image.bin", 3)
    for call in (uploads.get, uploads.discard, uploads.finish):
        with pytest.raises(NotFound):
            await call(somebody, begun.id)
    with pytest.raises(NotFound):
        await uploads.append(somebody, begun.id, 0, chunks(b"abc"))
    assert await uploads.list(somebody) == []
    with pytest.raises(Forbidden):
        await uploads.begin(actor(Role.VIEWER, fleet.product), "image.bin", 3)
    await uploads.discard(SYSTEM, begun.id)
    assert spooled(fleet) == []


async def test_what_may_not_be_begun(fleet: Fleet, tmp_path: Path) -> None:
    uploads = fleet.ota.resumable
    with pytest.raises(Invalid):
        await uploads.begin(SYSTEM, "image.exe", 3)
    with pytest.raises(Invalid):
        await uploads.begin(SYSTEM, "image.bin", 0)
    with pytest.raises(TooLarge):
        await uploads.begin(SYSTEM, "image.bin", fleet.settings.max_file_bytes + 1)
    for _ in range(MAX_UNFINISHED):
        await uploads.begin(SYSTEM, "image.bin", 3)
    with pytest.raises(TooMany):
        await uploads.begin(SYSTEM, "image.bin", 3)
    full = Fleet(fleet.db, fleet.clock, tmp_path, load_settings(data_dir=tmp_path, min_free_disk_bytes=2**60))
    await fleet.start()
    with pytest.raises(Unavailable):
        await full.ota.resumable.begin(actor(Role.OPERATOR, fleet.product), "image.bin", 3)


async def test_nobody_goes_on_for_a_day(fleet: Fleet) -> None:
    uploads = fleet.ota.resumable
    begun = await uploads.begin(SYSTEM, "image.bin", 10)
    await uploads.append(SYSTEM, begun.id, 0, chunks(b"12345"))
    fleet.clock.advance(86_400_000 - 1)
    await fleet.ota.upload_sweep.give_up()
    assert [upload.id for upload in await uploads.list(SYSTEM)] == [begun.id]
    fleet.clock.advance(2)
    await fleet.ota.upload_sweep.give_up()
    assert (await uploads.list(SYSTEM), spooled(fleet)) == ([], [])


async def test_files_of_a_package_wait_for_the_last_one(fleet: Fleet) -> None:
    uploads = fleet.ota.resumable
    first = await uploads.begin(SYSTEM, "a.bin", 3)
    await uploads.append(SYSTEM, first.id, 0, chunks(b"abc"))
    await uploads.finish(SYSTEM, first.id)
    last = await uploads.begin(SYSTEM, "b.bin", 3)
    for offset, byte in enumerate(b"def"):
        fleet.clock.advance(2_000_000)  # an hour would be too long
        await uploads.append(SYSTEM, last.id, offset, chunks(bytes([byte])))
        await fleet.ota.uploads.sweep()
    assert {upload.id for upload in await uploads.list(SYSTEM)} == {first.id, last.id}
