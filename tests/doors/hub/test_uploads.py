"""A device uploads files by blocks, whatever is lost, repeated, damaged or out of order on the way."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from linkops.certificates import CertificateFiles
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.mqtt.packets import Publish
from tests.support.hub import HubDoor, open_hub
from tests.support.uploads import Reply, Uploader, block_payload, sum_of

CONTENT = os.urandom(5_000)


@pytest.fixture
async def door(
    sqlite_db: Database, clock: FixedClock, certificates: CertificateFiles, tmp_path: Path
) -> AsyncIterator[HubDoor]:
    async with open_hub(sqlite_db, clock, certificates, data_dir=tmp_path / "data") as door:
        yield door


@pytest.fixture
async def device(door: HubDoor) -> AsyncIterator[Uploader]:
    new = await door.device()
    async with await door.online(new) as client:
        yield Uploader(client, new.key)


async def test_a_whole_file(device: Uploader) -> None:
    begun = await device.begin("log.txt", 5_000, ficMode="crc64", ficValue=sum_of(CONTENT).upper())
    upload_id = begun.data["uploadId"]
    assert begun == Reply(200, "1", {"fileName": "log.txt", "uploadId": upload_id, "offset": 0})
    first = await device.block(upload_id, 0, CONTENT[:4_096])
    assert first == Reply(200, "2", {"uploadId": upload_id, "offset": 0, "bSize": 4_096})
    last = await device.block(upload_id, 4_096, CONTENT[4_096:])
    assert last.code == 200
    assert last.data == {
        "uploadId": upload_id,
        "offset": 4_096,
        "bSize": 904,
        "complete": True,
        "ficMode": "crc64",
        "ficValueClient": sum_of(CONTENT).upper(),
        "ficValueServer": sum_of(CONTENT),
    }


async def test_a_stream(device: Uploader) -> None:
    upload_id = (await device.begin("log.txt", -1)).data["uploadId"]
    assert (await device.block(upload_id, 0, CONTENT[:1_000])).data.keys() == {"uploadId", "offset", "bSize"}
    done = await device.block(upload_id, 1_000, b"", last=True)
    assert (done.code, done.data["complete"], done.data["ficValueServer"]) == (200, True, sum_of(CONTENT[:1_000]))


async def test_an_answer_that_is_lost(device: Uploader) -> None:
    upload_id = (await device.begin("log.txt", 5_000)).data["uploadId"]
    first = await device.block(upload_id, 0, CONTENT[:3_000])
    assert await device.block(upload_id, 0, CONTENT[:3_000]) == first
    last = await device.block(upload_id, 3_000, CONTENT[3_000:])
    assert await device.block(upload_id, 3_000, CONTENT[3_000:]) == last
    assert last.data["complete"] is True
    # One from the middle, after the end.
    assert (await device.block(upload_id, 0, CONTENT[:3_000])).code == 78124


async def test_blocks_that_are_lost_or_overtake_each_other(device: Uploader) -> None:
    upload_id = (await device.begin("log.txt", 5_000)).data["uploadId"]
    gap = await device.block(upload_id, 1_000, CONTENT[1_000:2_000])
    assert gap == Reply(78119, "2", {"uploadId": upload_id, "offset": 1_000, "bSize": 1_000, "nextOffset": 0})
    await device.block(upload_id, 0, CONTENT[:1_000])
    overlap = await device.block(upload_id, 500, CONTENT[500:1_500])
    assert (overlap.code, overlap.data["nextOffset"]) == (78119, 1_000)
    assert (await device.send_from(upload_id, 1_000, CONTENT)).data["complete"] is True


async def test_a_damaged_block_is_sent_again(device: Uploader) -> None:
    upload_id = (await device.begin("log.txt", 5_000)).data["uploadId"]
    damaged = await device.block(upload_id, 0, CONTENT[:1_000], damaged=True)
    assert damaged == Reply(78121, "2", {"uploadId": upload_id, "offset": 0, "bSize": 1_000})
    assert (await device.send_from(upload_id, 0, CONTENT)).data["complete"] is True


async def test_a_file_that_is_not_what_was_announced(device: Uploader) -> None:
    begun = await device.begin("log.txt", 5_000, ficMode="crc64", ficValue="1")
    upload_id = begun.data["uploadId"]
    await device.block(upload_id, 0, CONTENT[:4_000])
    reply = await device.block(upload_id, 4_000, CONTENT[4_000:])
    assert (reply.code, reply.data["complete"]) == (78125, False)
    assert (reply.data["ficValueClient"], reply.data["ficValueServer"]) == ("1", sum_of(CONTENT))
    assert (await device.block(upload_id, 4_000, CONTENT[4_000:])).code == 78122
    assert (await device.upload("log.txt", CONTENT, conflictStrategy="reject")).data["complete"] is True


async def test_strategies(device: Uploader) -> None:
    begun = await device.begin("log.txt", 5_000)
    await device.block(begun.data["uploadId"], 0, CONTENT[:1_000])
    resumed = await device.begin("log.txt", 5_000, conflictStrategy="append")
    assert resumed.data == {**begun.data, "offset": 1_000}
    assert (await device.send_from(begun.data["uploadId"], 1_000, CONTENT)).data["complete"] is True
    for strategy in ("append", "reject"):
        refused = await device.begin("log.txt", 5_000, conflictStrategy=strategy)
        assert refused == Reply(78123, "1", {"fileName": "log.txt"})
    assert (await device.upload("log.txt", CONTENT[::-1])).data["complete"] is True


async def test_a_repeated_request_begins_one_upload(device: Uploader) -> None:
    begun = await device.begin("log.txt", 5_000, initUid="7f")
    assert await device.begin("log.txt", 5_000, initUid="7f") == begun
    await device.block(begun.data["uploadId"], 0, CONTENT[:1_000])
    assert (await device.begin("log.txt", 5_000, initUid="7f")).data == {**begun.data, "offset": 1_000}
    assert (await device.begin("log.txt", 5_000, initUid="80")).data["uploadId"] != begun.data["uploadId"]


async def test_cancel(device: Uploader) -> None:
    upload_id = (await device.begin("log.txt", 5_000)).data["uploadId"]
    canceled = await device.cancel(upload_id)
    assert canceled == await device.cancel(upload_id) == Reply(200, "3", {"uploadId": upload_id})
    assert (await device.block(upload_id, 0, CONTENT[:1_000])).code == 78122


async def test_what_cannot_be_read_is_answered(device: Uploader) -> None:
    assert await device.ask("init", b"nonsense") == Reply(400, "", {"fileName": ""})
    assert (await device.ask("send", b"\xff")).code == 400
    assert (await device.ask("cancel", b"{}")).code == 460
    assert (await device.begin("../../etc/passwd", 5_000)) == Reply(460, "1", {"fileName": "../../etc/passwd"})
    assert (await device.begin("log.txt", 16 * 2**20 + 1)).code == 78117


async def test_blocks_that_a_device_does_not_wait_with_are_kept_in_order(device: Uploader) -> None:
    upload_id = (await device.begin("log.txt", 5_000)).data["uploadId"]
    blocks = [block_payload(upload_id, at, CONTENT[at : at + 500]) for at in range(0, 5_000, 500)]
    await device.client.send(*(Publish(f"{device.root}/send", block, 1, at + 1) for at, block in enumerate(blocks)))
    replies = [await device.reply("send") for _ in blocks]
    assert [reply.data["offset"] for reply in replies] == list(range(0, 5_000, 500))
    assert (replies[-1].data["complete"], replies[-1].data["ficValueServer"]) == (True, sum_of(CONTENT))


async def test_another_devices_upload(door: HubDoor, device: Uploader) -> None:
    upload_id = (await device.begin("log.txt", 5_000)).data["uploadId"]
    thief = await door.device()
    async with await door.online(thief) as client:
        other = Uploader(client, thief.key)
        assert (await other.block(upload_id, 0, CONTENT[:1_000])).code == 78122
        # On the owner's topic it is not heard at all.
        await client.send(Publish(f"{device.root}/send", block_payload(upload_id, 0, CONTENT[:1_000])))
        assert (await other.cancel(upload_id)).code == 200
    assert (await device.send_from(upload_id, 0, CONTENT)).data["complete"] is True
