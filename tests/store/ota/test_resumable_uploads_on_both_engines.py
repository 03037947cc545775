"""Every statement of resumable uploads, on each engine."""

from linkops.events.actor import SYSTEM
from linkops.ota.uploads.resuming import store
from tests.support.ota import Fleet, chunks, sha256


async def test_an_upload_from_begin_to_finish(fleet: Fleet) -> None:
    uploads = fleet.ota.resumable
    begun = await uploads.begin(SYSTEM, "a.bin", 6, "key")
    await uploads.append(SYSTEM, begun.id, 0, chunks(b"abc"))
    assert await uploads.begin(SYSTEM, "a.bin", 6, "key") == await uploads.get(SYSTEM, begun.id)
    assert [(upload.have_bytes, upload.finished) for upload in await uploads.list(SYSTEM)] == [(3, False)]
    assert await fleet.db.read(store.known, [begun.id, "other"]) == {begun.id}
    await uploads.append(SYSTEM, begun.id, 3, chunks(b"def"))
    done = await uploads.finish(SYSTEM, begun.id)
    assert done.sha256 == sha256(b"abcdef")
    assert [upload.finished for upload in await uploads.list(SYSTEM)] == [True]
    assert (await uploads.begin(SYSTEM, "a.bin", 6, "key")).finished
    await uploads.discard(SYSTEM, begun.id)
    assert await uploads.list(SYSTEM) == []


async def test_stale_ones_go(fleet: Fleet) -> None:
    uploads = fleet.ota.resumable
    begun = await uploads.begin(SYSTEM, "a.bin", 6)
    fleet.clock.advance(86_400_001)
    assert not await fleet.db.write(store.advance, begun.id, 1, 2, fleet.clock.now())
    assert not await fleet.ota.upload_sweep.give_up()
    assert not await fleet.ota.upload_sweep.delete_left()
    assert await uploads.list(SYSTEM) == []
