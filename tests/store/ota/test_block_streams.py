"""Who may read which file by blocks, on both engines."""

from linkops.db import Tx
from linkops.events.actor import SYSTEM
from linkops.ota.blocks import store
from linkops.ota.blocks.store import StreamFile
from tests.support.ota import ALL_LIVE, IMAGE, Fleet


async def test_a_stream_is_the_devices_own_unfinished_task(fleet: Fleet) -> None:
    device, other = await fleet.start(2)
    job = await fleet.job()
    stream_id = (await fleet.task(device, job)).id

    async def read(device_id: int, stream: int, most_bytes: int = 2**24) -> StreamFile | None:
        return await fleet.db.read(store.stream, device_id, stream, most_bytes)

    found = await read(device.id, stream_id)
    assert found is not None
    assert found.size_bytes == len(IMAGE)
    assert await fleet.blobs.read(found.blob_key, 0, len(IMAGE)) == IMAGE
    assert await read(other.id, stream_id) is None
    assert await read(device.id, 99_999) is None
    assert await read(device.id, stream_id, len(IMAGE) - 1) is None
    await fleet.ota.jobs.cancel(SYSTEM, job.id, ALL_LIVE)
    await fleet.tick()
    assert await read(device.id, stream_id) is None


async def test_an_unconfirmed_task_is_no_stream_yet(fleet: Fleet) -> None:
    (device,) = await fleet.start(1)
    job = await fleet.job(strategy={"need_confirm": True})
    task = await fleet.task(device, job)
    assert await fleet.db.read(store.stream, device.id, task.id, 2**24) is None
    await fleet.ota.task_changes.confirm(SYSTEM, [task.id])
    assert await fleet.db.read(store.stream, device.id, task.id, 2**24) is not None


async def test_a_package_of_several_files_is_no_stream(fleet: Fleet) -> None:
    (device,) = await fleet.start(1)
    job = await fleet.job()
    await fleet.db.write(_add_second_file)
    stream_id = (await fleet.task(device, job)).id
    assert await fleet.db.read(store.stream, device.id, stream_id, 2**24) is None


def _add_second_file(tx: Tx) -> None:
    tx.run(
        "INSERT INTO ota_file (package_id, position, file_name, blob_key, size_bytes, md5, sha256)"
        " SELECT package_id, 1, 'second.bin', blob_key, size_bytes, md5, sha256 FROM ota_file WHERE position = 0"
    )
