"""A device uploads files by blocks, whatever is lost, repeated, damaged or out of order on the way."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from linkops.certificates import CertificateFiles
from linkops.clock import FixedClock
from linkops.db import Database
from tests.support.hub import HubDoor, open_hub
from tests.support.uploads import Reply, Uploader, sum_of

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
