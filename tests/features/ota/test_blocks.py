"""Block requests that have to wait: for the database, for the disk, or for others."""

import asyncio
from functools import partial
from pathlib import Path

from linkops.alink.blocks import BlockFault, BlockRequest
from linkops.db.batcher import settle
from linkops.ota.blocks.service import MOST_FETCHING, Block, Blocks, Wanted
from tests.support.ota import IMAGE, Fleet

CACHE_BYTES = 2**24


async def roll_out(fleet: Fleet) -> Wanted:
    """Return a request of a device with a task for the first 256 bytes."""
    (device,) = await fleet.start(1)
    job = await fleet.job()
    stream_id = (await fleet.task(device, job)).id
    return Wanted(device.id, BlockRequest("1", "default", stream_id, 1, 256, 0), fleet.clock.now())


async def fetched(blocks: Blocks, wanted: Wanted, times: int = 1) -> list[Block | BlockFault]:
    loop = asyncio.get_running_loop()
    futures: list[asyncio.Future[Block | BlockFault]] = [loop.create_future() for _ in range(times)]
    for future in futures:
        blocks.put(wanted, partial(settle, future))
    if times == MOST_FETCHING:
        assert blocks.at_once(wanted) is BlockFault.TOO_FAST
    return await asyncio.gather(*futures)


async def test_what_was_fetched_is_there_at_once(fleet: Fleet) -> None:
    wanted, blocks = await roll_out(fleet), Blocks(fleet.db, fleet.blobs, CACHE_BYTES)
    assert blocks.at_once(wanted) is None
    block = Block(IMAGE[:256], len(IMAGE))
    assert await fetched(blocks, wanted) == [block]
    assert blocks.at_once(wanted) == block


async def test_when_too_many_wait_further_ones_are_told_to_ask_again(fleet: Fleet) -> None:
    wanted, blocks = await roll_out(fleet), Blocks(fleet.db, fleet.blobs, CACHE_BYTES)
    assert await fetched(blocks, wanted, MOST_FETCHING) == [Block(IMAGE[:256], len(IMAGE))] * MOST_FETCHING
    assert isinstance(blocks.at_once(wanted), Block)


async def test_a_disk_that_cannot_be_read_now_is_asked_again(fleet: Fleet, tmp_path: Path) -> None:
    wanted, blocks = await roll_out(fleet), Blocks(fleet.db, fleet.blobs, CACHE_BYTES)
    key = await fleet.db.read(lambda tx: str(tx.scalar("SELECT blob_key FROM ota_file")))
    file = tmp_path / "blobs" / key
    file.unlink()
    file.mkdir()
    assert await fetched(blocks, wanted) == [BlockFault.TOO_FAST]
    file.rmdir()
    file.write_bytes(IMAGE)
    assert await fetched(blocks, wanted) == [Block(IMAGE[:256], len(IMAGE))]


async def test_the_right_to_read_is_looked_up_again_when_the_clock_goes_back(fleet: Fleet) -> None:
    wanted, blocks = await roll_out(fleet), Blocks(fleet.db, fleet.blobs, CACHE_BYTES)
    await fetched(blocks, wanted)
    assert blocks.at_once(wanted._replace(now=wanted.now - 1)) is None
    assert blocks.at_once(wanted._replace(now=wanted.now + 30_000)) is None
